//! Locks, semaphores, notifications and cancellation tokens beside tokio's,
//! async-lock's and futures', in groups `sync-on-sinew` and `sync-on-tokio`: the same
//! work on sinew's current-thread runtime and on tokio's, to show that they are as
//! fast anywhere.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use criterion::{Criterion, Throughput};

/// Operations of a row that repeats one.
const REPEAT: usize = 1_000;
/// Tasks that want one lock.
const TASKS: usize = 8;
/// How often each of them takes it.
const TURNS: usize = 100;
/// Tokens in the tree.
const TOKENS: usize = 10_000;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Who runs the tasks.
trait Host {
    fn run(&self, work: Work);
    fn spawn(work: Work) -> Work;
}

struct Sinew(sinew_runtime::Runtime);
struct Tokio(tokio::runtime::Runtime);

impl Host for Sinew {
    fn run(&self, work: Work) {
        self.0.block_on(work);
    }

    fn spawn(work: Work) -> Work {
        let task = sinew_runtime::spawn(work);
        Box::pin(async { task.await.expect("a bench does not panic") })
    }
}

impl Host for Tokio {
    fn run(&self, work: Work) {
        self.0.block_on(work);
    }

    fn spawn(work: Work) -> Work {
        let task = tokio::spawn(work);
        Box::pin(async { task.await.expect("a bench does not panic") })
    }
}

/// Lets the other tasks run, on any runtime.
async fn give_way() {
    let mut given = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A mutex of any maker: `lock` gives a future of a guard.
macro_rules! mutex_rows {
    ($bench:ident, $host:ty, $subject:literal, $mutex:ty) => {
        $bench.row("lock-unlock", $subject, REPEAT, || {
            Box::pin(async {
                let mutex = <$mutex>::new(0_u64);
                for _ in 0..REPEAT {
                    *mutex.lock().await += 1;
                }
            })
        });
        $bench.row("lock-8-tasks", $subject, TASKS * TURNS, || {
            Box::pin(async {
                let mutex = Arc::new(<$mutex>::new(0_u64));
                let tasks: Vec<_> = (0..TASKS)
                    .map(|_| {
                        let mutex = mutex.clone();
                        <$host>::spawn(Box::pin(async move {
                            for _ in 0..TURNS {
                                let mut guard = mutex.lock().await;
                                *guard += 1;
                                give_way().await;
                            }
                        }))
                    })
                    .collect();
                for task in tasks {
                    task.await;
                }
            })
        });
    };
}

/// 15 reads to a write.
macro_rules! rwlock_row {
    ($bench:ident, $subject:literal, $lock:ty) => {
        $bench.row("read-15-write-1", $subject, REPEAT, || {
            Box::pin(async {
                let lock = <$lock>::new(0_u64);
                for i in 0..REPEAT {
                    match i % 16 {
                        0 => *lock.write().await += 1,
                        _ => drop(std::hint::black_box(lock.read().await)),
                    }
                }
            })
        });
    };
}

macro_rules! notify_row {
    ($bench:ident, $host:ty, $subject:literal, $notify:ty) => {
        $bench.row("notify-ping", $subject, REPEAT, || {
            Box::pin(async {
                let pair = Arc::new((<$notify>::new(), <$notify>::new()));
                let echo = pair.clone();
                let task = <$host>::spawn(Box::pin(async move {
                    for _ in 0..REPEAT {
                        echo.0.notified().await;
                        echo.1.notify_one();
                    }
                }));
                for _ in 0..REPEAT {
                    pair.0.notify_one();
                    pair.1.notified().await;
                }
                task.await;
            })
        });
    };
}

macro_rules! token_row {
    ($bench:ident, $subject:literal, $token:ty) => {
        $bench.row("token-tree", $subject, TOKENS, || {
            Box::pin(async {
                let root = <$token>::new();
                let children: Vec<_> = (0..TOKENS).map(|_| root.child_token()).collect();
                root.cancel();
                drop(children);
            })
        });
    };
}

struct Bench<'a, H> {
    criterion: &'a mut Criterion,
    group: &'static str,
    host: H,
}

impl<H: Host> Bench<'_, H> {
    fn row(&mut self, row: &str, subject: &str, operations: usize, work: impl Fn() -> Work) {
        let name = format!("{}/{row}", self.group);
        let mut group = self.criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(operations as u64));
        let host = &self.host;
        group.bench_function(subject, |b| b.iter(|| host.run(work())));
        group.finish();
    }
}

fn rows<H: Host>(mut bench: Bench<'_, H>) {
    mutex_rows!(bench, H, "sinew", sinew_sync::Mutex<u64>);
    mutex_rows!(bench, H, "tokio", tokio::sync::Mutex<u64>);
    mutex_rows!(bench, H, "async-lock", async_lock::Mutex<u64>);
    mutex_rows!(bench, H, "futures", futures::lock::Mutex<u64>);
    rwlock_row!(bench, "sinew", sinew_sync::RwLock<u64>);
    rwlock_row!(bench, "tokio", tokio::sync::RwLock<u64>);
    rwlock_row!(bench, "async-lock", async_lock::RwLock<u64>);
    bench.row("semaphore", "sinew", REPEAT, || {
        Box::pin(async {
            let semaphore = sinew_sync::Semaphore::new(1);
            for _ in 0..REPEAT {
                drop(semaphore.acquire().await);
            }
        })
    });
    bench.row("semaphore", "tokio", REPEAT, || {
        Box::pin(async {
            let semaphore = tokio::sync::Semaphore::new(1);
            for _ in 0..REPEAT {
                drop(semaphore.acquire().await);
            }
        })
    });
    bench.row("semaphore", "async-lock", REPEAT, || {
        Box::pin(async {
            let semaphore = async_lock::Semaphore::new(1);
            for _ in 0..REPEAT {
                drop(semaphore.acquire().await);
            }
        })
    });
    notify_row!(bench, H, "sinew", sinew_sync::Notify);
    notify_row!(bench, H, "tokio", tokio::sync::Notify);
    token_row!(bench, "sinew", sinew_sync::CancellationToken);
    token_row!(bench, "tokio", tokio_util::sync::CancellationToken);
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let sinew = sinew_runtime::Builder::new_current_thread().build();
    rows(Bench {
        criterion: &mut criterion,
        group: "sync-on-sinew",
        host: Sinew(sinew.expect("a runtime can be made")),
    });
    let tokio = tokio::runtime::Builder::new_current_thread().build();
    rows(Bench {
        criterion: &mut criterion,
        group: "sync-on-tokio",
        host: Tokio(tokio.expect("a runtime can be made")),
    });
    criterion.final_summary();
}
