//! Channels that are no queues: oneshot, broadcast, watch.

use super::{Host, Row, rows};

/// Channels, or values, of one run.
const REPEAT: u64 = 100;
/// Receivers of a broadcast.
const LISTENERS: usize = 16;
/// Values that are broadcast: so many that no receiver lags.
const VALUES: u64 = 100;
/// Receivers of a watched value.
const WATCHERS: usize = 4;

/// All rows, on this host.
#[must_use]
pub fn rows<H: Host>() -> Vec<Row<H>> {
    let mut rows = Vec::new();
    oneshots(&mut rows);
    many(&mut rows);
    rows
}

fn oneshots<H: Host>(rows: &mut Vec<Row<H>>) {
    rows!(rows, "oneshot", REPEAT, |make| {
        for value in 0..REPEAT {
            let (tx, rx) = make();
            assert!(tx.send(value).is_ok());
            assert!(rx.await.is_ok());
        }
    },
        "sinew" => sinew_sync::oneshot::channel,
        "sinew-local" => sinew_sync::local::oneshot::channel,
        "tokio" => tokio::sync::oneshot::channel,
        "futures" => futures::channel::oneshot::channel,
    );
    // A task waits for the value, another sends it.
    rows!(rows, "oneshot_waiting", REPEAT, |make| {
        for value in 0..REPEAT {
            let (tx, rx) = make();
            let task = H::spawn(async move { assert!(tx.send(value).is_ok()) });
            assert!(rx.await.is_ok());
            task.await;
        }
    },
        "sinew" => sinew_sync::oneshot::channel,
        "tokio" => tokio::sync::oneshot::channel,
        "futures" => futures::channel::oneshot::channel,
    );
    // The same in one task, without its scheduler.
    rows!(rows, "oneshot_joined", REPEAT, |make| {
        for value in 0..REPEAT {
            let (tx, rx) = make();
            let send = async { assert!(tx.send(value).is_ok()) };
            let (received, ()) = futures::join!(rx, send);
            assert!(received.is_ok());
        }
    },
        "sinew" => sinew_sync::oneshot::channel,
        "sinew-local" => sinew_sync::local::oneshot::channel,
        "tokio" => tokio::sync::oneshot::channel,
        "futures" => futures::channel::oneshot::channel,
    );
}

fn many<H: Host>(rows: &mut Vec<Row<H>>) {
    rows!(rows, "broadcast_1_to_16", VALUES * LISTENERS as u64, |tx| {
        let tasks: Vec<_> = (0..LISTENERS)
            .map(|_| {
                let mut rx = tx.subscribe();
                H::spawn(async move {
                    for _ in 0..VALUES {
                        assert!(rx.recv().await.is_ok());
                    }
                })
            })
            .collect();
        for value in 0..VALUES {
            assert!(tx.send(value).is_ok());
        }
        for task in tasks {
            task.await;
        }
    },
        "sinew" => sinew_sync::broadcast::Sender::new(128),
        "tokio" => tokio::sync::broadcast::Sender::new(128),
    );
    rows!(rows, "watch_1_to_4", REPEAT, |tx| {
        let tasks: Vec<_> = (0..WATCHERS)
            .map(|_| {
                let mut rx = tx.subscribe();
                H::spawn(async move {
                    while rx.changed().await.is_ok() {
                        std::hint::black_box(*rx.borrow_and_update());
                    }
                })
            })
            .collect();
        for value in 0..REPEAT {
            assert!(tx.send(value).is_ok());
            super::locks::give_way().await;
        }
        drop(tx);
        for task in tasks {
            task.await;
        }
    },
        "sinew" => sinew_sync::watch::Sender::new(0),
        "tokio" => tokio::sync::watch::Sender::new(0),
    );
}
