//! Queues: from some senders to one receiver, or to several that share the values.

use std::future::Future;

use futures::channel::mpsc as futures_mpsc;
use futures::{SinkExt, StreamExt};
use sinew_sync::{local, mpmc, mpsc};

use super::{Host, Row};

/// Values that each sender sends.
const VALUES: u64 = 1000;
/// Room in the bounded channels.
const ROOM: usize = 64;

/// A queue under test.
trait Queue {
    /// Whose it is.
    const NAME: &'static str;
    /// The end that sends.
    type Tx;
    /// The end that receives.
    type Rx;

    /// Both ends.
    fn make() -> (Self::Tx, Self::Rx);
    /// Sends a value, waiting for room.
    fn send(tx: &mut Self::Tx, value: u64) -> impl Future<Output = ()>;
    /// Receives a value; `None` at the end.
    fn recv(rx: &mut Self::Rx) -> impl Future<Output = Option<u64>>;
}

macro_rules! queue {
    ($name:ident, $label:literal, $tx:ty, $rx:ty, $make:expr, |$t:ident, $v:ident| $send:expr, |$r:ident| $recv:expr) => {
        struct $name;

        impl Queue for $name {
            const NAME: &'static str = $label;
            type Tx = $tx;
            type Rx = $rx;

            fn make() -> ($tx, $rx) {
                $make
            }

            async fn send($t: &mut $tx, $v: u64) {
                assert!($send.is_ok());
            }

            async fn recv($r: &mut $rx) -> Option<u64> {
                $recv
            }
        }
    };
}

queue!(
    SinewBounded,
    "sinew",
    mpsc::Sender<u64>,
    mpsc::Receiver<u64>,
    mpsc::channel(ROOM),
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await
);
queue!(
    LocalBounded,
    "sinew-local",
    local::mpsc::Sender<u64>,
    local::mpsc::Receiver<u64>,
    local::mpsc::channel(ROOM),
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await
);
queue!(
    TokioBounded,
    "tokio",
    tokio::sync::mpsc::Sender<u64>,
    tokio::sync::mpsc::Receiver<u64>,
    tokio::sync::mpsc::channel(ROOM),
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await
);
queue!(
    FuturesBounded,
    "futures",
    futures_mpsc::Sender<u64>,
    futures_mpsc::Receiver<u64>,
    futures_mpsc::channel(ROOM),
    |tx, value| tx.send(value).await,
    |rx| rx.next().await
);
queue!(
    AsyncBounded,
    "async-channel",
    async_channel::Sender<u64>,
    async_channel::Receiver<u64>,
    async_channel::bounded(ROOM),
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await.ok()
);
queue!(
    FlumeBounded,
    "flume",
    flume::Sender<u64>,
    flume::Receiver<u64>,
    flume::bounded(ROOM),
    |tx, value| tx.send_async(value).await,
    |rx| rx.recv_async().await.ok()
);
queue!(
    SinewUnbounded,
    "sinew",
    mpsc::UnboundedSender<u64>,
    mpsc::UnboundedReceiver<u64>,
    mpsc::unbounded_channel(),
    |tx, value| tx.send(value),
    |rx| rx.recv().await
);
queue!(
    LocalUnbounded,
    "sinew-local",
    local::mpsc::UnboundedSender<u64>,
    local::mpsc::UnboundedReceiver<u64>,
    local::mpsc::unbounded_channel(),
    |tx, value| tx.send(value),
    |rx| rx.recv().await
);
queue!(
    TokioUnbounded,
    "tokio",
    tokio::sync::mpsc::UnboundedSender<u64>,
    tokio::sync::mpsc::UnboundedReceiver<u64>,
    tokio::sync::mpsc::unbounded_channel(),
    |tx, value| tx.send(value),
    |rx| rx.recv().await
);
queue!(
    FuturesUnbounded,
    "futures",
    futures_mpsc::UnboundedSender<u64>,
    futures_mpsc::UnboundedReceiver<u64>,
    futures_mpsc::unbounded(),
    |tx, value| tx.unbounded_send(value),
    |rx| rx.next().await
);
queue!(
    AsyncUnbounded,
    "async-channel",
    async_channel::Sender<u64>,
    async_channel::Receiver<u64>,
    async_channel::unbounded(),
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await.ok()
);
queue!(
    FlumeUnbounded,
    "flume",
    flume::Sender<u64>,
    flume::Receiver<u64>,
    flume::unbounded(),
    |tx, value| tx.send(value),
    |rx| rx.recv_async().await.ok()
);
queue!(
    SinewMpmc,
    "sinew",
    mpmc::Sender<u64>,
    mpmc::Receiver<u64>,
    mpmc::channel(ROOM),
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await.ok()
);

/// Adds a row of tasks that send and tasks that receive, for each queue.
/// `$receivers` makes the ends of the receiving tasks from one.
macro_rules! tasks {
    ($rows:ident, $name:literal, $senders:literal, |$rx:ident| $receivers:expr, [$($queue:ident),+]) => {
        $($rows.push(Row {
            name: $name,
            subject: $queue::NAME,
            operations: $senders * VALUES,
            run: |host: H, runs| host.block_on(async move {
                for _ in 0..runs {
                    let (tx, $rx) = $queue::make();
                    let receiving = $receivers.map(|mut rx| {
                        H::spawn(async move { while $queue::recv(&mut rx).await.is_some() {} })
                    });
                    for _ in 0..$senders {
                        let mut tx = tx.clone();
                        drop(H::spawn(async move {
                            for value in 0..VALUES {
                                $queue::send(&mut tx, value).await;
                            }
                        }));
                    }
                    drop(tx);
                    for task in receiving {
                        task.await;
                    }
                }
            }),
        });)+
    };
}

/// Adds a row in which one task sends and receives, for each queue: without the
/// scheduler.
macro_rules! joined {
    ($rows:ident, $name:literal, [$($queue:ident),+]) => {
        $($rows.push(Row {
            name: $name,
            subject: $queue::NAME,
            operations: VALUES,
            run: |host: H, runs| host.block_on(async move {
                for _ in 0..runs {
                    let (mut tx, mut rx) = $queue::make();
                    let send = async move {
                        for value in 0..VALUES {
                            $queue::send(&mut tx, value).await;
                        }
                    };
                    let receive = async { while $queue::recv(&mut rx).await.is_some() {} };
                    futures::join!(receive, send);
                }
            }),
        });)+
    };
}

/// All rows, on this host.
#[must_use]
pub fn rows<H: Host>() -> Vec<Row<H>> {
    let mut rows = Vec::new();
    bounded(&mut rows);
    unbounded(&mut rows);
    rows
}

fn bounded<H: Host>(rows: &mut Vec<Row<H>>) {
    tasks!(
        rows,
        "bounded_1_to_1",
        1,
        |rx| [rx],
        [
            SinewBounded,
            TokioBounded,
            FuturesBounded,
            AsyncBounded,
            FlumeBounded
        ]
    );
    tasks!(
        rows,
        "bounded_4_to_1",
        4,
        |rx| [rx],
        [
            SinewBounded,
            TokioBounded,
            FuturesBounded,
            AsyncBounded,
            FlumeBounded
        ]
    );
    tasks!(
        rows,
        "mpmc_4_to_4",
        4,
        |rx| [rx.clone(), rx.clone(), rx.clone(), rx],
        [SinewMpmc, AsyncBounded, FlumeBounded]
    );
    joined!(
        rows,
        "bounded_joined",
        [
            SinewBounded,
            LocalBounded,
            TokioBounded,
            FuturesBounded,
            AsyncBounded,
            FlumeBounded
        ]
    );
}

fn unbounded<H: Host>(rows: &mut Vec<Row<H>>) {
    tasks!(
        rows,
        "unbounded_1_to_1",
        1,
        |rx| [rx],
        [
            SinewUnbounded,
            TokioUnbounded,
            FuturesUnbounded,
            AsyncUnbounded,
            FlumeUnbounded
        ]
    );
    tasks!(
        rows,
        "unbounded_4_to_1",
        4,
        |rx| [rx],
        [
            SinewUnbounded,
            TokioUnbounded,
            FuturesUnbounded,
            AsyncUnbounded,
            FlumeUnbounded
        ]
    );
    joined!(
        rows,
        "unbounded_joined",
        [
            SinewUnbounded,
            LocalUnbounded,
            TokioUnbounded,
            FuturesUnbounded,
            AsyncUnbounded,
            FlumeUnbounded
        ]
    );
}
