//! Locks, semaphores, notifications and cancellation tokens.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::{Host, Row, rows};

/// Operations of a row that repeats one.
const REPEAT: usize = 1_000;
/// Tasks that want one lock.
const TASKS: usize = 8;
/// How often each of them takes it.
const TURNS: usize = 100;
/// Tokens in the tree.
const TOKENS: usize = 10_000;

/// Lets the other tasks run, on any runtime.
pub(super) async fn give_way() {
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

/// All rows, on this host.
#[must_use]
pub fn rows<H: Host>() -> Vec<Row<H>> {
    let mut rows = Vec::new();
    mutexes(&mut rows);
    read_heavy(&mut rows);
    semaphores(&mut rows);
    others(&mut rows);
    rows
}

fn mutexes<H: Host>(rows: &mut Vec<Row<H>>) {
    rows!(rows, "lock-unlock", REPEAT, |mutex| {
        for _ in 0..REPEAT {
            *mutex.lock().await += 1;
        }
    },
        "sinew" => sinew_sync::Mutex::new(0_u64),
        "sinew-local" => sinew_sync::local::Mutex::new(0_u64),
        "tokio" => tokio::sync::Mutex::new(0_u64),
        "async-lock" => async_lock::Mutex::new(0_u64),
        "futures" => futures::lock::Mutex::new(0_u64),
    );
    rows!(rows, "lock-8-tasks", TASKS * TURNS, |mutex| {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let mutex = mutex.clone();
                H::spawn(async move {
                    for _ in 0..TURNS {
                        let mut guard = mutex.lock().await;
                        *guard += 1;
                        give_way().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    },
        "sinew" => Arc::new(sinew_sync::Mutex::new(0_u64)),
        "tokio" => Arc::new(tokio::sync::Mutex::new(0_u64)),
        "async-lock" => Arc::new(async_lock::Mutex::new(0_u64)),
        "futures" => Arc::new(futures::lock::Mutex::new(0_u64)),
    );
}

fn read_heavy<H: Host>(rows: &mut Vec<Row<H>>) {
    rows!(rows, "read-15-write-1", REPEAT, |lock| {
        for i in 0..REPEAT {
            match i % 16 {
                0 => *lock.write().await += 1,
                _ => drop(std::hint::black_box(lock.read().await)),
            }
        }
    },
        "sinew" => sinew_sync::RwLock::new(0_u64),
        "tokio" => tokio::sync::RwLock::new(0_u64),
        "async-lock" => async_lock::RwLock::new(0_u64),
    );
    // The same by several tasks, which on two threads meet at the lock's word.
    rows!(rows, "read-15-write-1-8-tasks", TASKS * REPEAT, |lock| {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let lock = lock.clone();
                H::spawn(async move {
                    for i in 0..REPEAT {
                        match i % 16 {
                            0 => *lock.write().await += 1,
                            _ => drop(std::hint::black_box(lock.read().await)),
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    },
        "sinew" => Arc::new(sinew_sync::RwLock::new(0_u64)),
        "tokio" => Arc::new(tokio::sync::RwLock::new(0_u64)),
        "async-lock" => Arc::new(async_lock::RwLock::new(0_u64)),
    );
}

fn semaphores<H: Host>(rows: &mut Vec<Row<H>>) {
    rows!(rows, "semaphore", REPEAT, |semaphore| {
        for _ in 0..REPEAT {
            drop(std::hint::black_box(semaphore.acquire().await));
        }
    },
        "sinew" => sinew_sync::Semaphore::new(1),
        "sinew-local" => sinew_sync::local::Semaphore::new(1),
        "tokio" => tokio::sync::Semaphore::new(1),
        "async-lock" => async_lock::Semaphore::new(1),
    );
    rows!(rows, "semaphore-2-for-8-tasks", TASKS * TURNS, |semaphore| {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let semaphore = semaphore.clone();
                H::spawn(async move {
                    for _ in 0..TURNS {
                        let permit = semaphore.acquire().await;
                        give_way().await;
                        drop(std::hint::black_box(permit));
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    },
        "sinew" => Arc::new(sinew_sync::Semaphore::new(2)),
        "tokio" => Arc::new(tokio::sync::Semaphore::new(2)),
        "async-lock" => Arc::new(async_lock::Semaphore::new(2)),
    );
}

fn others<H: Host>(rows: &mut Vec<Row<H>>) {
    rows!(rows, "notify-ping", REPEAT, |pair| {
        let echo = pair.clone();
        let task = H::spawn(async move {
            for _ in 0..REPEAT {
                echo.0.notified().await;
                echo.1.notify_one();
            }
        });
        for _ in 0..REPEAT {
            pair.0.notify_one();
            pair.1.notified().await;
        }
        task.await;
    },
        "sinew" => Arc::new((sinew_sync::Notify::new(), sinew_sync::Notify::new())),
        "tokio" => Arc::new((tokio::sync::Notify::new(), tokio::sync::Notify::new())),
    );
    rows!(rows, "notify-stored", REPEAT, |notify| {
        for _ in 0..REPEAT {
            notify.notify_one();
            notify.notified().await;
        }
    },
        "sinew" => sinew_sync::Notify::new(),
        "sinew-local" => sinew_sync::local::Notify::new(),
        "tokio" => tokio::sync::Notify::new(),
    );
    rows!(rows, "token-tree", TOKENS, |root| {
        let children: Vec<_> = (0..TOKENS).map(|_| root.child_token()).collect();
        root.cancel();
        drop(children);
    },
        "sinew" => sinew_sync::CancellationToken::new(),
        "tokio" => tokio_util::sync::CancellationToken::new(),
    );
}
