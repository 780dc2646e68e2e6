//! What is measured.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use tokio::sync::oneshot;

use super::Subject;

/// A row of the table: its name, and how many operations one run of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// As the tables show it.
    pub name: &'static str,
    /// Operations in one run: spawns, yields, round trips or wakes.
    pub operations: u64,
}

const SPAWN_JOIN: u64 = 10_000;
const YIELD_TASKS: u64 = 200;
const YIELDS: u64 = 1_000;
const CHAINED: u64 = 1_000;
const PING_PONGS: u64 = 1_000;
const RING_TASKS: usize = 100;
const RING_ROUNDS: usize = 100;

/// All rows.
pub const ROWS: [Row; 5] = [
    Row {
        name: "spawn-join",
        operations: SPAWN_JOIN,
    },
    Row {
        name: "yield",
        operations: YIELD_TASKS * YIELDS,
    },
    Row {
        name: "chained",
        operations: CHAINED,
    },
    Row {
        name: "ping-pong",
        operations: PING_PONGS,
    },
    Row {
        name: "wake-ring",
        operations: (RING_TASKS * RING_ROUNDS) as u64,
    },
];

/// Runs the row of this name once. `false` if there is none.
pub fn run<S: Subject>(subject: &S, row: &str) -> bool {
    match row {
        "spawn-join" => subject.block_on(spawn_join::<S>()),
        "yield" => subject.block_on(yields::<S>()),
        "chained" => subject.block_on(chained::<S>()),
        "ping-pong" => subject.block_on(ping_pong::<S>()),
        "wake-ring" => subject.block_on(wake_ring::<S>()),
        _ => return false,
    }
    true
}

/// A task spawns many tasks that do nothing, then awaits each.
async fn spawn_join<S: Subject>() {
    S::spawn(async {
        let tasks: Vec<_> = (0..SPAWN_JOIN).map(|_| S::spawn(async {})).collect();
        for task in tasks {
            task.await;
        }
    })
    .await;
}

/// Many tasks give way to each other, many times.
async fn yields<S: Subject>() {
    let tasks: Vec<_> = (0..YIELD_TASKS)
        .map(|_| {
            S::spawn(async {
                for _ in 0..YIELDS {
                    S::yield_now().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await;
    }
}

/// Each task spawns the next and ends; the last one says that it is done. As in tokio's
/// own bench: the tasks are not boxed.
async fn chained<S: Subject>() {
    fn next<S: Subject>(left: u64, done: oneshot::Sender<()>) {
        match left {
            0 => done.send(()).expect("somebody waits"),
            _ => S::spawn_detached(async move { next::<S>(left - 1, done) }),
        }
    }
    let (sender, receiver) = oneshot::channel();
    next::<S>(CHAINED, sender);
    receiver.await.expect("the last task sends");
}

/// Pairs of tasks that exchange a message and its answer.
async fn ping_pong<S: Subject>() {
    let left = Arc::new(AtomicU64::new(PING_PONGS));
    let (done, all_done) = oneshot::channel();
    let done = Arc::new(Mutex::new(Some(done)));
    for _ in 0..PING_PONGS {
        let (left, done) = (left.clone(), done.clone());
        S::spawn_detached(async move {
            let (ping, pinged) = oneshot::channel();
            let (pong, ponged) = oneshot::channel();
            S::spawn_detached(async move {
                pinged.await.expect("a ping");
                pong.send(()).expect("somebody waits");
            });
            ping.send(()).expect("somebody waits");
            ponged.await.expect("a pong");
            if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                let done = done.lock().expect("no panic").take();
                done.expect("the last").send(()).expect("somebody waits");
            }
        });
    }
    all_done.await.expect("the last pair sends");
}

/// Tasks in a ring, each of which waits to be woken by the one before it.
async fn wake_ring<S: Subject>() {
    let ring: Arc<Vec<Place>> = Arc::new((0..RING_TASKS).map(|_| Place::default()).collect());
    let tasks: Vec<_> = (0..RING_TASKS)
        .map(|index| {
            let ring = ring.clone();
            S::spawn(async move {
                let (mine, next) = (&ring[index], &ring[(index + 1) % RING_TASKS]);
                for _ in 0..RING_ROUNDS {
                    mine.turn().await;
                    next.give_turn();
                }
            })
        })
        .collect();
    ring[0].give_turn();
    for task in tasks {
        task.await;
    }
}

/// A place in the ring: whose turn it is and whom to wake. Without atomics, so
/// that the runtime is what is measured.
#[derive(Default)]
struct Place {
    turn: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

// SAFETY: all subjects run their tasks on the one thread that is in `block_on`.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

impl Place {
    fn turn(&self) -> impl Future<Output = ()> + Send + '_ {
        poll_fn(|cx| {
            if self.turn.take() {
                return Poll::Ready(());
            }
            let mut waker = self.waker.borrow_mut();
            if !waker.as_ref().is_some_and(|w| w.will_wake(cx.waker())) {
                *waker = Some(cx.waker().clone());
            }
            Poll::Pending
        })
    }

    fn give_turn(&self) {
        self.turn.set(true);
        // Taken out: a waker may be anyone's code.
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake_by_ref();
            self.waker.replace(Some(waker));
        }
    }
}
