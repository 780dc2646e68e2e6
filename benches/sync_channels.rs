//! Channels beside those of tokio, async-channel, flume and futures.
//!
//! Ids: `channels/ROW-HOST/SUBJECT`. The row says how many tasks send to how many,
//! the host whose runtime runs them and on how many threads.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use futures::channel::{mpsc as futures_mpsc, oneshot as futures_oneshot};
use futures::{SinkExt, StreamExt};
use sinew_sync::{broadcast, mpmc, mpsc, oneshot, watch};

/// Values that each sending task sends in one iteration.
const VALUES: u64 = 1000;
/// Room in the bounded channels.
const ROOM: usize = 64;
/// Receivers of a broadcast.
const LISTENERS: usize = 16;

/// Who runs the tasks.
trait Host: Clone + 'static {
    const NAME: &'static str;
    fn new() -> Self;
    fn run<F: Future>(&self, future: F) -> F::Output;
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> impl Future<Output = ()>;
}

macro_rules! sinew_host {
    ($name:ident, $label:literal, $builder:expr) => {
        #[derive(Clone)]
        struct $name(Arc<sinew_runtime::Runtime>);

        impl Host for $name {
            const NAME: &'static str = $label;

            fn new() -> Self {
                $name(Arc::new($builder.build().expect("a runtime")))
            }

            fn run<F: Future>(&self, future: F) -> F::Output {
                self.0.block_on(future)
            }

            fn spawn(
                &self,
                future: impl Future<Output = ()> + Send + 'static,
            ) -> impl Future<Output = ()> {
                let task = self.0.spawn(future);
                async { task.await.expect("no task panics") }
            }
        }
    };
}

macro_rules! tokio_host {
    ($name:ident, $label:literal, $builder:expr) => {
        #[derive(Clone)]
        struct $name(Arc<tokio::runtime::Runtime>);

        impl Host for $name {
            const NAME: &'static str = $label;

            fn new() -> Self {
                $name(Arc::new($builder.build().expect("a runtime")))
            }

            fn run<F: Future>(&self, future: F) -> F::Output {
                self.0.block_on(future)
            }

            fn spawn(
                &self,
                future: impl Future<Output = ()> + Send + 'static,
            ) -> impl Future<Output = ()> {
                let task = self.0.spawn(future);
                async { task.await.expect("no task panics") }
            }
        }
    };
}

sinew_host!(SinewThreads, "sinew_2_threads", {
    let mut builder = sinew_runtime::Builder::new_multi_thread();
    builder.worker_threads(2);
    builder
});
sinew_host!(
    SinewOne,
    "sinew_1_thread",
    sinew_runtime::Builder::new_current_thread()
);
tokio_host!(TokioThreads, "tokio_2_threads", {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2);
    builder
});
tokio_host!(
    TokioOne,
    "tokio_1_thread",
    tokio::runtime::Builder::new_current_thread()
);

/// A queue under test.
trait Queue: 'static {
    const NAME: &'static str;
    type Tx: Clone + Send + 'static;
    type Rx: Send + 'static;
    fn bounded() -> (Self::Tx, Self::Rx);
    fn send(tx: &mut Self::Tx, value: u64) -> impl Future<Output = ()> + Send;
    fn recv(rx: &mut Self::Rx) -> impl Future<Output = Option<u64>> + Send;
}

macro_rules! queue {
    ($name:ident, $label:literal, $tx:ty, $rx:ty, $make:expr, |$t:ident, $v:ident| $send:expr, |$r:ident| $recv:expr) => {
        struct $name;

        impl Queue for $name {
            const NAME: &'static str = $label;
            type Tx = $tx;
            type Rx = $rx;

            fn bounded() -> ($tx, $rx) {
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
    SinewUnbounded,
    "sinew",
    mpsc::UnboundedSender<u64>,
    mpsc::UnboundedReceiver<u64>,
    mpsc::unbounded_channel(),
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

/// The time of `iterations` rounds in which the senders send their values and the
/// receivers receive them all.
fn rounds<H: Host, Q: Queue>(
    host: &H,
    senders: u64,
    receivers: impl Fn(Q::Rx) -> Vec<Q::Rx>,
    iterations: u64,
) -> Duration {
    let spawner = host.clone();
    host.run(async move {
        let start = Instant::now();
        for _ in 0..iterations {
            let (tx, rx) = Q::bounded();
            let receiving: Vec<_> = receivers(rx)
                .into_iter()
                .map(|mut rx| {
                    spawner.spawn(async move { while Q::recv(&mut rx).await.is_some() {} })
                })
                .collect();
            for _ in 0..senders {
                let mut tx = tx.clone();
                drop(spawner.spawn(async move {
                    for value in 0..VALUES {
                        Q::send(&mut tx, value).await;
                    }
                }));
            }
            drop(tx);
            for task in receiving {
                task.await;
            }
        }
        start.elapsed()
    })
}

fn row<H: Host, Q: Queue>(c: &mut Criterion, host: &H, name: &str, senders: u64) {
    let mut group = c.benchmark_group(format!("channels/{name}-{}", H::NAME));
    group.bench_function(Q::NAME, |b| {
        b.iter_custom(|n| rounds::<H, Q>(host, senders, |rx| vec![rx], n));
    });
}

fn shared_row<H: Host, Q: Queue>(c: &mut Criterion, host: &H)
where
    Q::Rx: Clone,
{
    let mut group = c.benchmark_group(format!("channels/mpmc_4_to_4-{}", H::NAME));
    group.bench_function(Q::NAME, |b| {
        b.iter_custom(|n| rounds::<H, Q>(host, 4, |rx| vec![rx; 4], n));
    });
}

fn oneshots<H: Host>(c: &mut Criterion, host: &H) {
    let mut group = c.benchmark_group(format!("channels/oneshot-{}", H::NAME));
    macro_rules! subject {
        ($name:literal, $make:expr) => {
            group.bench_function($name, |b| {
                b.iter_custom(|n| {
                    host.run(async {
                        let start = Instant::now();
                        for value in 0..n {
                            let (tx, rx) = $make;
                            assert!(tx.send(value).is_ok());
                            assert!(rx.await.is_ok());
                        }
                        start.elapsed()
                    })
                });
            });
        };
    }
    subject!("sinew", oneshot::channel());
    subject!("tokio", tokio::sync::oneshot::channel());
    subject!("futures", futures_oneshot::channel());
}

/// A task that waits for each answer.
fn oneshot_waits<H: Host>(c: &mut Criterion, host: &H) {
    let mut group = c.benchmark_group(format!("channels/oneshot_waiting-{}", H::NAME));
    macro_rules! subject {
        ($name:literal, $make:expr) => {
            group.bench_function($name, |b| {
                b.iter_custom(|n| {
                    let spawner = host.clone();
                    host.run(async move {
                        let start = Instant::now();
                        for value in 0..n {
                            let (tx, rx) = $make;
                            let task =
                                spawner.spawn(async move { assert!(tx.send(value).is_ok()) });
                            assert!(rx.await.is_ok());
                            task.await;
                        }
                        start.elapsed()
                    })
                });
            });
        };
    }
    subject!("sinew", oneshot::channel());
    subject!("tokio", tokio::sync::oneshot::channel());
    subject!("futures", futures_oneshot::channel());
}

fn broadcasts<H: Host>(c: &mut Criterion, host: &H) {
    let mut group = c.benchmark_group(format!("channels/broadcast_1_to_16-{}", H::NAME));
    macro_rules! subject {
        ($name:literal, $channel:expr) => {
            group.bench_function($name, |b| {
                b.iter_custom(|n| {
                    let spawner = host.clone();
                    host.run(async move {
                        let start = Instant::now();
                        for _ in 0..n {
                            let (tx, rx) = $channel;
                            let tasks: Vec<_> = (0..LISTENERS)
                                .map(|_| {
                                    let mut rx = tx.subscribe();
                                    spawner.spawn(async move {
                                        for _ in 0..VALUES / 10 {
                                            assert!(rx.recv().await.is_ok());
                                        }
                                    })
                                })
                                .collect();
                            drop(rx);
                            for value in 0..VALUES / 10 {
                                assert!(tx.send(value).is_ok());
                            }
                            for task in tasks {
                                task.await;
                            }
                        }
                        start.elapsed()
                    })
                });
            });
        };
    }
    subject!("sinew", broadcast::channel(128));
    subject!("tokio", tokio::sync::broadcast::channel(128));
}

fn watches<H: Host>(c: &mut Criterion, host: &H) {
    let mut group = c.benchmark_group(format!("channels/watch_1_to_4-{}", H::NAME));
    macro_rules! subject {
        ($name:literal, $channel:expr) => {
            group.bench_function($name, |b| {
                b.iter_custom(|n| {
                    let spawner = host.clone();
                    host.run(async move {
                        let start = Instant::now();
                        let (tx, rx) = $channel;
                        let tasks: Vec<_> = (0..4)
                            .map(|_| {
                                let mut rx = rx.clone();
                                spawner.spawn(async move {
                                    while rx.changed().await.is_ok() {
                                        std::hint::black_box(*rx.borrow_and_update());
                                    }
                                })
                            })
                            .collect();
                        for value in 0..n {
                            assert!(tx.send(value).is_ok());
                        }
                        drop(tx);
                        for task in tasks {
                            task.await;
                        }
                        start.elapsed()
                    })
                });
            });
        };
    }
    subject!("sinew", watch::channel(0));
    subject!("tokio", tokio::sync::watch::channel(0));
}

fn on<H: Host>(c: &mut Criterion) {
    let host = &H::new();
    oneshots(c, host);
    oneshot_waits(c, host);
    for (senders, name) in [(1, "bounded_1_to_1"), (4, "bounded_4_to_1")] {
        row::<H, SinewBounded>(c, host, name, senders);
        row::<H, TokioBounded>(c, host, name, senders);
        row::<H, FuturesBounded>(c, host, name, senders);
        row::<H, AsyncBounded>(c, host, name, senders);
        row::<H, FlumeBounded>(c, host, name, senders);
    }
    for (senders, name) in [(1, "unbounded_1_to_1"), (4, "unbounded_4_to_1")] {
        row::<H, SinewUnbounded>(c, host, name, senders);
        row::<H, TokioUnbounded>(c, host, name, senders);
        row::<H, FuturesUnbounded>(c, host, name, senders);
        row::<H, AsyncUnbounded>(c, host, name, senders);
        row::<H, FlumeUnbounded>(c, host, name, senders);
    }
    shared_row::<H, SinewMpmc>(c, host);
    shared_row::<H, AsyncBounded>(c, host);
    shared_row::<H, FlumeBounded>(c, host);
    broadcasts(c, host);
    watches(c, host);
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .configure_from_args();
    on::<SinewOne>(&mut criterion);
    on::<TokioOne>(&mut criterion);
    on::<SinewThreads>(&mut criterion);
    on::<TokioThreads>(&mut criterion);
    criterion.final_summary();
}
