//! Runs one row of one subject some times and ends: what `cargo xtask bench
//! --count` counts instructions of.
//!
//! `count` alone lists the rows as `GROUP/ROW SUBJECT OPERATIONS`.
//! `count GROUP/ROW SUBJECT RUNS` runs one.

use std::process::ExitCode;

use benches::concurrency::{self, children::Runs};
use benches::multi_thread;
use benches::single_thread::Subject;
use benches::single_thread::rows::{ROWS, run};
use benches::single_thread::subjects::{CurrentThread, Local, Smol, Tokio, TokioLocalSet};
use benches::sync::hosts::{SinewOne, SinewTwo, TokioOne, TokioTwo};
use benches::sync::{self, Host, channels, locks, queues, threads};

/// What can be counted: one row of one subject.
struct Counted {
    name: String,
    subject: &'static str,
    operations: u64,
    /// Starts what the row runs on and does so many runs.
    run: Box<dyn Fn(u64)>,
}

fn all() -> Vec<Counted> {
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
    sync_rows(&mut all, "threads", "", || (), threads::rows());
    sync_rows(&mut all, "concurrency", "", || (), concurrency::rows());
    children::<SinewOne>(&mut all);
    children::<TokioOne>(&mut all);
    all
}

fn runtime<S: Subject + 'static>(all: &mut Vec<Counted>, group: &str) {
    all.extend(ROWS.into_iter().map(|row| Counted {
        name: format!("{group}/{}", row.name),
        subject: S::NAME,
        operations: row.operations,
        run: Box::new(move |runs| {
            let subject = S::new();
            for _ in 0..runs {
                run(&subject, row.name);
            }
        }),
    }));
}

fn multi_thread<S: multi_thread::Subject>(all: &mut Vec<Counted>) {
    all.extend(multi_thread::rows::ROWS.into_iter().map(|row| Counted {
        name: format!("rt-multi-thread/{}", row.name),
        subject: S::NAME,
        operations: row.operations,
        run: Box::new(move |runs| {
            let subject = S::start();
            let _load = multi_thread::rows::prepare(subject, row.name);
            for _ in 0..runs {
                multi_thread::rows::run(subject, row.name);
            }
        }),
    }));
}

fn host<H: Host>(all: &mut Vec<Counted>) {
    let suffix = format!("-{}", H::NAME);
    sync_rows(all, "locks", &suffix, H::start, locks::rows());
    sync_rows(all, "channels", &suffix, H::start, channels::rows());
    sync_rows(all, "channels", &suffix, H::start, queues::rows());
}

fn children<H: Runs>(all: &mut Vec<Counted>) {
    let suffix = format!("-{}", H::NAME);
    sync_rows(all, "concurrency", &suffix, H::start, H::rows());
}

fn sync_rows<H: 'static>(
    all: &mut Vec<Counted>,
    group: &str,
    suffix: &str,
    start: fn() -> H,
    rows: Vec<sync::Row<H>>,
) {
    all.extend(rows.into_iter().map(|row| Counted {
        name: format!("{group}/{}{suffix}", row.name),
        subject: row.subject,
        operations: row.operations,
        run: Box::new(move |runs| (row.run)(start(), runs)),
    }));
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => list(),
        [name, subject, runs] => {
            let mut all = all().into_iter();
            let found = all.find(|counted| counted.name == name && counted.subject == subject);
            match (found, runs.parse()) {
                (Some(counted), Ok(runs)) => (counted.run)(runs),
                _ => return usage(),
            }
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn list() {
    for Counted {
        name,
        subject,
        operations,
        ..
    } in all()
    {
        println!("{name} {subject} {operations}");
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: count [GROUP/ROW SUBJECT RUNS]");
    ExitCode::from(2)
}
