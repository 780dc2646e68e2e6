//! The runtimes whose timers are measured.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::{HOUR, Subject};

/// One reading task and one echoing task on a pair of connected sockets.
macro_rules! echo {
    ($rounds:expr, $pair:expr, $spawn:path, $limited:expr) => {{
        let (mut near, mut far) = $pair;
        let rounds = $rounds;
        let _echo = $spawn(async move {
            let mut byte = [0];
            while far.read_exact(&mut byte).await.is_ok() {
                if far.write_all(&byte).await.is_err() {
                    break;
                }
            }
        });
        let mut byte = [0];
        let start = Instant::now();
        for _ in 0..rounds {
            near.write_all(&byte).await.expect("write");
            $limited(near.read_exact(&mut byte)).await;
        }
        start.elapsed()
    }};
}

/// Lateness of each tick.
macro_rules! drift {
    ($ticks:expr, $interval:expr) => {{
        let mut interval = $interval;
        let mut late = Vec::new();
        interval.tick().await;
        for _ in 0..$ticks {
            let tick = interval.tick().await;
            late.push(tick.elapsed());
        }
        late
    }};
}

#[derive(Clone, Copy)]
pub(crate) struct Sinew(&'static sinew_runtime::Runtime);

impl Sinew {
    pub(crate) fn new() -> Sinew {
        let mut builder = sinew_runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).build().expect("a runtime");
        Sinew(Box::leak(Box::new(runtime)))
    }
}

impl Subject for Sinew {
    type Sleep = sinew_time::Sleep;

    const NAME: &str = "sinew";

    fn run<F>(self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.block_on(self.0.spawn(future)).expect("no panic")
    }

    fn spawn(self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(future));
    }

    fn sleep(span: Duration) -> Self::Sleep {
        sinew_time::sleep(span)
    }

    fn reset(sleep: Pin<&mut Self::Sleep>, span: Duration) {
        sleep.reset(sinew_time::Instant::now() + span);
    }

    async fn timeout_ready() -> bool {
        sinew_time::timeout(HOUR, async { true }).await.is_ok()
    }

    async fn echo(rounds: u64) -> Duration {
        async fn limited<T>(read: impl Future<Output = std::io::Result<T>>) {
            let read = sinew_time::timeout(HOUR, read).await;
            read.expect("in time").expect("read");
        }

        use sinew_io::{AsyncReadExt, AsyncWriteExt};
        let listener = sinew_net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("bind");
        let address = listener.local_addr().expect("address");
        let near = sinew_net::TcpStream::connect(address)
            .await
            .expect("connect");
        let (far, _) = listener.accept().await.expect("accept");
        near.set_nodelay(true).expect("nodelay");
        far.set_nodelay(true).expect("nodelay");
        echo!(rounds, (near, far), sinew_runtime::spawn, limited)
    }

    async fn drift(ticks: usize) -> Vec<Duration> {
        drift!(ticks, sinew_time::interval(Duration::from_millis(1)))
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Tokio(&'static tokio::runtime::Runtime);

impl Tokio {
    pub(crate) fn new() -> Tokio {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build();
        Tokio(Box::leak(Box::new(runtime.expect("a runtime"))))
    }
}

impl Subject for Tokio {
    type Sleep = tokio::time::Sleep;

    const NAME: &str = "tokio";

    fn run<F>(self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.block_on(self.0.spawn(future)).expect("no panic")
    }

    fn spawn(self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(future));
    }

    fn sleep(span: Duration) -> Self::Sleep {
        tokio::time::sleep(span)
    }

    fn reset(sleep: Pin<&mut Self::Sleep>, span: Duration) {
        sleep.reset(tokio::time::Instant::now() + span);
    }

    async fn timeout_ready() -> bool {
        tokio::time::timeout(HOUR, async { true }).await.is_ok()
    }

    async fn echo(rounds: u64) -> Duration {
        async fn limited<T>(read: impl Future<Output = std::io::Result<T>>) {
            let read = tokio::time::timeout(HOUR, read).await;
            read.expect("in time").expect("read");
        }

        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("bind");
        let address = listener.local_addr().expect("address");
        let near = tokio::net::TcpStream::connect(address)
            .await
            .expect("connect");
        let (far, _) = listener.accept().await.expect("accept");
        near.set_nodelay(true).expect("nodelay");
        far.set_nodelay(true).expect("nodelay");
        echo!(rounds, (near, far), tokio::spawn, limited)
    }

    async fn drift(ticks: usize) -> Vec<Duration> {
        drift!(ticks, tokio::time::interval(Duration::from_millis(1)))
    }
}

/// smol's global executor, with one thread, and the timers of `async-io`.
#[derive(Clone, Copy)]
pub(crate) struct Smol;

impl Smol {
    pub(crate) fn new() -> Smol {
        Smol
    }
}

/// A timer as a future without the time as its output.
pub(crate) struct SmolSleep(smol::Timer);

impl Future for SmolSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

impl Subject for Smol {
    type Sleep = SmolSleep;

    const NAME: &str = "smol";

    fn run<F>(self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        smol::block_on(smol::spawn(future))
    }

    fn spawn(self, future: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(future).detach();
    }

    fn sleep(span: Duration) -> Self::Sleep {
        SmolSleep(smol::Timer::after(span))
    }

    fn reset(mut sleep: Pin<&mut Self::Sleep>, span: Duration) {
        sleep.0.set_after(span);
    }

    /// What smol's documentation shows for a time limit.
    async fn timeout_ready() -> bool {
        use smol::future::FutureExt;
        let limit = async {
            smol::Timer::after(HOUR).await;
            false
        };
        async { true }.or(limit).await
    }

    async fn echo(rounds: u64) -> Duration {
        async fn limited<T>(read: impl Future<Output = std::io::Result<T>>) {
            let limit = async {
                smol::Timer::after(HOUR).await;
                Err(std::io::ErrorKind::TimedOut.into())
            };
            read.or(limit).await.expect("read in time");
        }

        use smol::future::FutureExt;
        use smol::io::{AsyncReadExt, AsyncWriteExt};
        let listener = smol::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("bind");
        let address = listener.local_addr().expect("address");
        let near = smol::net::TcpStream::connect(address)
            .await
            .expect("connect");
        let (far, _) = listener.accept().await.expect("accept");
        near.set_nodelay(true).expect("nodelay");
        far.set_nodelay(true).expect("nodelay");
        echo!(rounds, (near, far), smol::spawn, limited)
    }

    async fn drift(ticks: usize) -> Vec<Duration> {
        let mut late = Vec::new();
        let mut timer = smol::Timer::interval(Duration::from_millis(1));
        for _ in 0..ticks {
            let tick = smol::stream::StreamExt::next(&mut timer).await;
            late.push(tick.expect("no end").elapsed());
        }
        late
    }
}
