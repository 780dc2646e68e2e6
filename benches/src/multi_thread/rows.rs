//! What is measured: the definitions and sizes of tokio's own benchmarks of the same
//! names. Where those block the thread of `block_on` on a channel of std, these do.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use super::{Subject, WORKERS};

const SPAWNS: usize = 10_000;
const CHAIN: usize = 1_000;
const PINGS: usize = 1_000;
const YIELDING_TASKS: usize = 200;
const YIELDS: usize = 1_000;

/// One row: its name and how many operations one iteration of it does.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The middle part of the benchmark's id.
    pub name: &'static str,
    /// Tasks spawned, or yields done.
    pub operations: u64,
}

const fn row(name: &'static str, operations: usize) -> Row {
    Row {
        name,
        operations: operations as u64,
    }
}

/// All rows.
pub const ROWS: [Row; 9] = [
    row("spawn-join-10k", SPAWNS),
    row("spawn-many-local", SPAWNS),
    row("spawn-many-remote-idle", SPAWNS),
    row("spawn-many-remote-busy", SPAWNS),
    row("spawn-await-one", SPAWNS),
    row("chained-spawn", CHAIN),
    row("ping-pong", PINGS),
    row("yield-many", YIELDING_TASKS * YIELDS),
    row("block-on-spawn-await-one", 1),
];

/// Keeps the workers busy while a row is measured. Ends when dropped.
#[derive(Debug)]
pub struct Load(Arc<AtomicBool>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// What a row needs around it.
pub fn prepare<S: Subject>(subject: S, row: &str) -> Option<Load> {
    if row != "spawn-many-remote-busy" {
        return None;
    }
    let on = Arc::new(AtomicBool::new(true));
    for _ in 0..2 * WORKERS {
        let on = on.clone();
        S::detach(subject.spawn_remote(async move {
            while on.load(Ordering::Relaxed) {
                S::yield_now().await;
                black_box((0..black_box(100)).sum::<u64>());
            }
        }));
    }
    Some(Load(on))
}

/// Does one iteration of a row.
///
/// # Panics
///
/// When there is no such row.
pub fn run<S: Subject>(subject: S, row: &str) {
    match row {
        "spawn-join-10k" => in_task(subject, spawn_join(subject)),
        "spawn-many-local" => spawn_many_local(subject),
        "spawn-many-remote-idle" | "spawn-many-remote-busy" => spawn_many_remote(subject),
        "spawn-await-one" => in_task(subject, spawn_await(subject)),
        "chained-spawn" => chained_spawn(subject),
        "ping-pong" => ping_pong(subject),
        "yield-many" => yield_many(subject),
        "block-on-spawn-await-one" => subject.block_on(async {
            subject.spawn(async {}).await;
        }),
        _ => panic!("there is no row {row}"),
    }
}

fn in_task<S: Subject>(subject: S, future: impl Future<Output = ()> + Send + 'static) {
    subject.block_on(subject.spawn_remote(future));
}

async fn spawn_join<S: Subject>(subject: S) {
    let joins: Vec<_> = (0..SPAWNS).map(|_| subject.spawn(async {})).collect();
    for join in joins {
        join.await;
    }
}

async fn spawn_await<S: Subject>(subject: S) {
    for _ in 0..SPAWNS {
        subject.spawn(async {}).await;
    }
}

/// Sends when it has been called so many times.
struct Countdown(AtomicUsize, mpsc::SyncSender<()>);

/// A countdown, and what blocks until it has ended.
fn countdown(count: usize) -> (Arc<Countdown>, impl FnOnce()) {
    let (sender, receiver) = mpsc::sync_channel(1);
    let wait = move || receiver.recv().expect("the tasks end");
    (Arc::new(Countdown(AtomicUsize::new(count), sender)), wait)
}

impl Countdown {
    fn count(&self) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.1.send(()).expect("it is waited for");
        }
    }
}

fn spawn_many_local<S: Subject>(subject: S) {
    subject.block_on(async {
        let (left, wait) = countdown(SPAWNS);
        for _ in 0..SPAWNS {
            let left = left.clone();
            S::detach(subject.spawn(async move { left.count() }));
        }
        wait();
    });
}

fn spawn_many_remote<S: Subject>(subject: S) {
    let joins: Vec<_> = (0..SPAWNS)
        .map(|_| subject.spawn_remote(async {}))
        .collect();
    subject.block_on(async {
        for join in joins {
            join.await;
        }
    });
}

fn chain<S: Subject>(subject: S, done: mpsc::SyncSender<()>, left: usize) {
    if left == 0 {
        done.send(()).expect("it is waited for");
    } else {
        S::detach(subject.spawn(async move { chain(subject, done, left - 1) }));
    }
}

fn chained_spawn<S: Subject>(subject: S) {
    let (done, end) = mpsc::sync_channel(1);
    subject.block_on(async {
        chain(subject, done, CHAIN);
        end.recv().expect("the chain ends");
    });
}

fn ping_pong<S: Subject>(subject: S) {
    subject.block_on(async {
        let (left, wait) = countdown(PINGS);
        S::detach(subject.spawn(async move {
            for _ in 0..PINGS {
                let left = left.clone();
                S::detach(subject.spawn(async move {
                    let (ping, pinged) = S::oneshot();
                    let (pong, ponged) = S::oneshot();
                    S::detach(subject.spawn(async move {
                        pinged.await;
                        pong();
                    }));
                    ping();
                    ponged.await;
                    left.count();
                }));
            }
        }));
        wait();
    });
}

fn yield_many<S: Subject>(subject: S) {
    subject.block_on(async {
        let (left, wait) = countdown(YIELDING_TASKS);
        for _ in 0..YIELDING_TASKS {
            let left = left.clone();
            S::detach(subject.spawn(async move {
                for _ in 0..YIELDS {
                    S::yield_now().await;
                }
                left.count();
            }));
        }
        wait();
    });
}
