//! Timers: what it costs to make, reset, drop and fire them, and how late they are.
//!
//! Each subject runs on one worker thread (smol: one thread of its executor and
//! the one of `async-io`). Rows whose unit is not time say so in their name:
//! `bytes` is shown as nanoseconds, one for each byte. `create-drop` runs in a task
//! that does not give way; in `create-drop-parked` an earlier deadline is waited for
//! and the runtime has parked for it, so that nobody has a reason to wake the driver.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use criterion::Criterion;

mod time_subjects;

use time_subjects::{Sinew, Smol, Tokio};

const HOUR: Duration = Duration::from_secs(3600);

/// One runtime and its timers.
pub(crate) trait Subject: Copy + Send + Sync + 'static {
    type Sleep: Future<Output = ()> + Send + 'static;

    const NAME: &str;

    /// Runs the future as a task on the worker.
    fn run<F>(self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns a task that nobody waits for.
    fn spawn(self, future: impl Future<Output = ()> + Send + 'static);

    fn sleep(span: Duration) -> Self::Sleep;

    fn reset(sleep: Pin<&mut Self::Sleep>, span: Duration);

    /// A time limit on a future that is ready.
    fn timeout_ready() -> impl Future<Output = bool> + Send;

    /// A ping-pong over a socket of loopback with a time limit on each read.
    fn echo(rounds: u64) -> impl Future<Output = Duration> + Send;

    /// By how much each of some ticks at 1 ms came too late.
    fn drift(ticks: usize) -> impl Future<Output = Vec<Duration>> + Send;
}

/// Counts what is requested, on all threads.
struct Counting;

static REQUESTED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        REQUESTED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        REQUESTED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those of `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Polls once and drops.
async fn once(future: impl Future) {
    let mut future = pin!(future);
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// Sleeps that have been polled, an hour and up to a second long.
async fn waiting<S: Subject>(count: usize) -> Vec<Pin<Box<S::Sleep>>> {
    let mut sleeps = Vec::with_capacity(count);
    for n in 0..count {
        let mut sleep = Box::pin(S::sleep(span(n)));
        once(sleep.as_mut()).await;
        sleeps.push(sleep);
    }
    sleeps
}

fn span(n: usize) -> Duration {
    HOUR + Duration::from_nanos(n as u64 * 7919 % 1_000_000_000)
}

async fn create_drop<S: Subject>(live: usize, parked: bool, iters: u64) -> Duration {
    let _live = waiting::<S>(live).await;
    let mut earlier = Box::pin(S::sleep(HOUR / 2));
    if parked {
        once(earlier.as_mut()).await;
        S::sleep(Duration::from_millis(2)).await;
    }
    // A thousand for each that is asked for: a million live sleeps are made anew
    // for each measurement, which leaves the caches cold.
    let start = Instant::now();
    for n in 0..iters * 1000 {
        // Pinned where it is made, as an `.await` does: else copying it from frame
        // to frame is a third of what is measured.
        let sleep = pin!(S::sleep(span(n as usize)));
        once(sleep).await;
    }
    start.elapsed() / 1000
}

async fn reset<S: Subject>(iters: u64) -> Duration {
    let mut sleeps = waiting::<S>(1000).await;
    S::sleep(Duration::from_millis(2)).await;
    let start = Instant::now();
    for n in 0..iters as usize {
        S::reset(sleeps[n % 1000].as_mut(), span(n + 1));
    }
    start.elapsed()
}

async fn timeout_ready<S: Subject>(iters: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..iters {
        assert!(black_box(S::timeout_ready().await));
    }
    start.elapsed()
}

/// Requested bytes of one sleep that waits, in 10,000.
async fn bytes<S: Subject>() -> Duration {
    const COUNT: usize = 10_000;
    // So that what the driver has once for all is there.
    drop(waiting::<S>(1).await);
    let before = REQUESTED.load(Ordering::Relaxed);
    let sleeps = waiting::<S>(COUNT).await;
    let list = sleeps.capacity() * size_of_val(&sleeps[0]);
    let each = (REQUESTED.load(Ordering::Relaxed) - before - list) / COUNT;
    drop(sleeps);
    Duration::from_nanos(each as u64)
}

/// One round of 100,000 tasks whose sleeps end within one second.
#[derive(Clone, Copy)]
struct Firing {
    cpu: Duration,
    p50: Duration,
    p99: Duration,
    max: Duration,
}

async fn firing<S: Subject>(subject: S) -> Firing {
    const COUNT: usize = 100_000;
    let late: Arc<Vec<AtomicUsize>> = Arc::new((0..COUNT).map(|_| AtomicUsize::new(0)).collect());
    let left = Arc::new(AtomicUsize::new(COUNT));
    let begin = Instant::now() + Duration::from_millis(400);
    for n in 0..COUNT {
        let (late, left) = (late.clone(), left.clone());
        subject.spawn(async move {
            // In no order, 10 µs apart.
            let after = Duration::from_micros((n * 77_773 % COUNT) as u64 * 10);
            let deadline = begin + after;
            S::sleep(deadline - Instant::now()).await;
            let nanos = deadline.elapsed().as_nanos() as usize;
            late[n].store(nanos, Ordering::Relaxed);
            left.fetch_sub(1, Ordering::Release);
        });
    }
    S::sleep((begin - Instant::now()) / 2).await;
    let cpu = cpu_time();
    while left.load(Ordering::Acquire) > 0 {
        S::sleep(Duration::from_millis(20)).await;
    }
    let cpu = cpu_time() - cpu;
    let mut late: Vec<usize> = late.iter().map(|n| n.load(Ordering::Relaxed)).collect();
    late.sort_unstable();
    let at = |index: usize| Duration::from_nanos(late[index] as u64);
    Firing {
        cpu,
        p50: at(COUNT / 2),
        p99: at(COUNT * 99 / 100),
        max: at(COUNT - 1),
    }
}

/// What the process has used up, on all threads.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn rows<S: Subject>(c: &mut Criterion, subject: S) {
    let mut group = c.benchmark_group("time");
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_secs(1));
    let mut row = |name: &str, measure: &mut dyn FnMut(u64) -> Duration| {
        group.bench_function(format!("{name}/{}", S::NAME), |b| {
            b.iter_custom(&mut *measure);
        });
    };
    // First, while the driver holds no memory of sleeps that are gone.
    row("sleep-bytes", &mut |iters| {
        subject.run(bytes::<S>()) * u32::try_from(iters).unwrap_or(u32::MAX)
    });
    for (name, live) in [("1", 1), ("1k", 1000), ("1m", 1_000_000)] {
        row(&format!("create-drop-{name}-live"), &mut |iters| {
            subject.run(create_drop::<S>(live, false, iters))
        });
    }
    row("create-drop-parked", &mut |iters| {
        subject.run(create_drop::<S>(1000, true, iters))
    });
    row("reset", &mut |iters| subject.run(reset::<S>(iters)));
    row("timeout-ready", &mut |iters| {
        subject.run(timeout_ready::<S>(iters))
    });
    row("timeout-read", &mut |iters| subject.run(S::echo(iters)));
    group.finish();
}

/// Rounds of the slow measurements, one after the other for all subjects; the
/// rows show the same rounds.
fn slow_rows<S: Subject>(c: &mut Criterion, fired: &[Firing], drift: &[Vec<Duration>]) {
    type Figure = fn(&Firing) -> Duration;
    let figures: [(&str, Figure); 4] = [
        ("cpu", |firing| firing.cpu),
        ("late-p50", |firing| firing.p50),
        ("late-p99", |firing| firing.p99),
        ("late-max", |firing| firing.max),
    ];
    let mut group = c.benchmark_group("time");
    group.sample_size(10);
    group.warm_up_time(Duration::from_nanos(1));
    group.measurement_time(Duration::from_nanos(1));
    let mut show = |name: String, values: Vec<Duration>| {
        let mut next = values.iter().cycle();
        group.bench_function(format!("{name}/{}", S::NAME), |b| {
            b.iter_custom(|iters| *next.next().expect("cycles") * iters as u32);
        });
    };
    for (name, figure) in figures {
        show(
            format!("fire-100k-{name}"),
            fired.iter().map(figure).collect(),
        );
    }
    let mean = |ticks: &Vec<Duration>| ticks.iter().sum::<Duration>() / ticks.len() as u32;
    show(
        "interval-1ms-late".to_owned(),
        drift.iter().map(mean).collect(),
    );
}

/// Whether the filter on the command line, if any, may match a slow row.
fn wants_slow_rows() -> bool {
    let mut filters = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    filters.all(|filter| {
        ["fire", "interval", "time/"]
            .iter()
            .any(|row| row.contains(&filter) || filter.contains(row))
    })
}

fn main() {
    const ROUNDS: usize = 3;
    let mut criterion = Criterion::default().configure_from_args();
    let sinew = Sinew::new();
    let tokio = Tokio::new();
    let smol = Smol::new();
    rows(&mut criterion, sinew);
    rows(&mut criterion, tokio);
    rows(&mut criterion, smol);
    if !wants_slow_rows() {
        return criterion.final_summary();
    }
    let mut fired = [(); 3].map(|()| Vec::new());
    let mut drift = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        fired[0].push(sinew.run(firing(sinew)));
        fired[1].push(tokio.run(firing(tokio)));
        fired[2].push(smol.run(firing(smol)));
        drift[0].push(sinew.run(Sinew::drift(200)));
        drift[1].push(tokio.run(Tokio::drift(200)));
        drift[2].push(smol.run(Smol::drift(200)));
    }
    slow_rows::<Sinew>(&mut criterion, &fired[0], &drift[0]);
    slow_rows::<Tokio>(&mut criterion, &fired[1], &drift[1]);
    slow_rows::<Smol>(&mut criterion, &fired[2], &drift[2]);
    criterion.final_summary();
}
