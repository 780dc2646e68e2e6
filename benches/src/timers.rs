//! Timers beside their peers, one by one: the work that `count` counts. The benchmark
//! `time` has it and more against the clock.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::sync::Row;

const HOUR: Duration = Duration::from_secs(3600);
/// Timers that wait meanwhile.
const ALIVE: u64 = 1_000;
/// Operations of one run.
const OPERATIONS: u64 = 10_000;

/// Whose timers.
trait Timers {
    type Sleep: Future<Output = ()> + Send;

    const NAME: &'static str;

    fn sleep(span: Duration) -> Self::Sleep;

    fn reset(sleep: Pin<&mut Self::Sleep>, span: Duration);
}

struct Sinew;

impl Timers for Sinew {
    type Sleep = sinew_time::Sleep;

    const NAME: &'static str = "sinew";

    fn sleep(span: Duration) -> Self::Sleep {
        sinew_time::sleep(span)
    }

    fn reset(sleep: Pin<&mut Self::Sleep>, span: Duration) {
        sleep.reset(sinew_time::Instant::now() + span);
    }
}

struct Tokio;

impl Timers for Tokio {
    type Sleep = tokio::time::Sleep;

    const NAME: &'static str = "tokio";

    fn sleep(span: Duration) -> Self::Sleep {
        tokio::time::sleep(span)
    }

    fn reset(sleep: Pin<&mut Self::Sleep>, span: Duration) {
        sleep.reset(tokio::time::Instant::now() + span);
    }
}

struct Smol;

/// A timer without the time as its output.
struct SmolSleep(smol::Timer);

impl Future for SmolSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

impl Timers for Smol {
    type Sleep = SmolSleep;

    const NAME: &'static str = "smol";

    fn sleep(span: Duration) -> Self::Sleep {
        SmolSleep(smol::Timer::after(span))
    }

    fn reset(mut sleep: Pin<&mut Self::Sleep>, span: Duration) {
        sleep.0.set_after(span);
    }
}

/// Between an hour and a second more, in no order.
fn span(n: u64) -> Duration {
    HOUR + Duration::from_nanos(n * 7919 % 1_000_000_000)
}

/// Polls once and drops.
async fn once(future: impl Future) {
    let mut future = pin!(future);
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

async fn alive<T: Timers>() -> Vec<Pin<Box<T::Sleep>>> {
    let mut alive = Vec::new();
    // Before all others, so that a thread which waits, waits for this one.
    for span in std::iter::once(HOUR / 2).chain((0..ALIVE).map(span)) {
        let mut sleep = Box::pin(T::sleep(span));
        once(sleep.as_mut()).await;
        alive.push(sleep);
    }
    // So that a thread which waits for timers has seen them.
    T::sleep(Duration::from_millis(2)).await;
    alive
}

async fn create_drop<T: Timers>(runs: u64) {
    let _alive = alive::<T>().await;
    for n in 0..runs * OPERATIONS {
        let sleep = pin!(T::sleep(span(n)));
        once(sleep).await;
    }
}

async fn reset<T: Timers>(runs: u64) {
    let mut alive = alive::<T>().await;
    for n in 0..runs * OPERATIONS {
        T::reset(alive[(n % ALIVE) as usize + 1].as_mut(), span(n + 1));
    }
}

fn on_sinew_local(work: impl Future<Output = ()> + 'static) {
    let runtime = sinew_runtime::LocalRuntime::new().expect("a runtime");
    // A task's waker, which its thread clones without a locked instruction.
    let task = runtime.spawn_local(work);
    runtime.block_on(task).expect("no panic");
}

fn on_sinew_one(work: impl Future<Output = ()>) {
    let mut builder = sinew_runtime::Builder::new_current_thread();
    builder.build().expect("a runtime").block_on(work);
}

fn on_sinew_worker(work: impl Future<Output = ()> + Send + 'static) {
    let mut builder = sinew_runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).build().expect("a runtime");
    let task = runtime.spawn(work);
    runtime.block_on(task).expect("no panic");
}

fn on_tokio_one(work: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().expect("a runtime");
    runtime.block_on(work);
}

fn on_tokio_worker(work: impl Future<Output = ()> + Send + 'static) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let task = runtime.spawn(work);
    runtime.block_on(task).expect("no panic");
}

/// All rows.
#[must_use]
pub fn rows() -> Vec<Row<()>> {
    let mut rows = Vec::new();
    macro_rules! rows {
        ($($timers:ident, $place:literal: $on:path;)+) => {$(
            rows.push(Row {
                name: concat!("create-drop-", $place),
                subject: $timers::NAME,
                operations: OPERATIONS,
                run: |(), runs| $on(create_drop::<$timers>(runs)),
            });
            rows.push(Row {
                name: concat!("reset-", $place),
                subject: $timers::NAME,
                operations: OPERATIONS,
                run: |(), runs| $on(reset::<$timers>(runs)),
            });
        )+};
    }
    rows! {
        Sinew, "local": on_sinew_local;
        Sinew, "1_thread": on_sinew_one;
        Tokio, "1_thread": on_tokio_one;
        Sinew, "worker": on_sinew_worker;
        Tokio, "worker": on_tokio_worker;
        Sinew, "no_runtime": sinew_core::block_on;
        Smol, "no_runtime": smol::block_on;
    }
    rows
}
