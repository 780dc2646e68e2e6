//! All rows that can be run one by one: what the programs `count` and `turns` have in
//! common.

use std::cell::OnceCell;

use crate::concurrency::{self, children::Runs};
use crate::multi_thread;
use crate::single_thread::Subject;
use crate::single_thread::rows::{ROWS, run};
use crate::single_thread::subjects::{CurrentThread, Local, Smol, Tokio, TokioLocalSet};
use crate::sync::hosts::{SinewOne, SinewTwo, TokioOne, TokioTwo};
use crate::sync::{self, Host, channels, locks, queues, threads};
use crate::timers;

/// One row of one subject.
pub struct Single {
    /// `GROUP/ROW`.
    pub name: String,
    /// Whose it is.
    pub subject: &'static str,
    /// Operations in one run.
    pub operations: u64,
    /// Does so many runs. The first call starts what the row runs on.
    pub run: Box<dyn Fn(u64)>,
}

/// All of them, those of one row one after the other.
#[must_use]
pub fn all() -> Vec<Single> {
    let mut all = Vec::new();
    runtime::<CurrentThread>(&mut all, "rt-current-thread");
    runtime::<Tokio>(&mut all, "rt-current-thread");
    runtime::<Smol>(&mut all, "rt-current-thread");
    runtime::<Local>(&mut all, "rt-local");
    runtime::<Tokio>(&mut all, "rt-local");
    runtime::<TokioLocalSet>(&mut all, "rt-local");
    runtime::<Smol>(&mut all, "rt-local");
    multi_thread::<multi_thread::subjects::Sinew>(&mut all);
    multi_thread::<multi_thread::subjects::Tokio>(&mut all);
    multi_thread::<multi_thread::subjects::Smol>(&mut all);
    host::<SinewOne>(&mut all);
    host::<TokioOne>(&mut all);
    host::<SinewTwo>(&mut all);
    host::<TokioTwo>(&mut all);
    sync_rows(&mut all, "sync/threads", "", || (), threads::rows());
    sync_rows(&mut all, "concurrency", "", || (), concurrency::rows());
    sync_rows(&mut all, "timers", "", || (), timers::rows());
    children::<SinewOne>(&mut all);
    children::<TokioOne>(&mut all);
    all
}

fn runtime<S: Subject + 'static>(all: &mut Vec<Single>, group: &str) {
    all.extend(ROWS.into_iter().map(|row| Single {
        name: format!("{group}/{}", row.name),
        subject: S::NAME,
        operations: row.operations,
        run: {
            let subject = OnceCell::new();
            Box::new(move |runs| {
                let subject = subject.get_or_init(S::new);
                for _ in 0..runs {
                    run(subject, row.name);
                }
            })
        },
    }));
}

fn multi_thread<S: multi_thread::Subject>(all: &mut Vec<Single>) {
    all.extend(multi_thread::rows::ROWS.into_iter().map(|row| Single {
        name: format!("rt-multi-thread/{}", row.name),
        subject: S::NAME,
        operations: row.operations,
        run: {
            let subject = OnceCell::new();
            Box::new(move |runs| {
                let subject = *subject.get_or_init(S::start);
                let _load = multi_thread::rows::prepare(subject, row.name);
                for _ in 0..runs {
                    multi_thread::rows::run(subject, row.name);
                }
            })
        },
    }));
}

fn host<H: Host>(all: &mut Vec<Single>) {
    let suffix = format!("-{}", H::NAME);
    sync_rows(all, "sync/locks", &suffix, H::start, locks::rows());
    sync_rows(all, "sync/channels", &suffix, H::start, channels::rows());
    sync_rows(all, "sync/channels", &suffix, H::start, queues::rows());
}

fn children<H: Runs>(all: &mut Vec<Single>) {
    let suffix = format!("-{}", H::NAME);
    sync_rows(all, "concurrency", &suffix, H::start, H::rows());
}

fn sync_rows<H: Copy + 'static>(
    all: &mut Vec<Single>,
    group: &str,
    suffix: &str,
    start: fn() -> H,
    rows: Vec<sync::Row<H>>,
) {
    all.extend(rows.into_iter().map(|row| Single {
        name: format!("{group}/{}{suffix}", row.name),
        subject: row.subject,
        operations: row.operations,
        run: {
            let host = OnceCell::new();
            Box::new(move |runs| (row.run)(*host.get_or_init(start), runs))
        },
    }));
}

impl std::fmt::Debug for Single {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Single")
            .field("name", &self.name)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
