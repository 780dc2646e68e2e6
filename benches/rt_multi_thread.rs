//! Several threads: sinew's multi-thread runtime beside tokio's and smol's
//! executor, with two threads each.
//!
//! The work is in `src/multi_thread/rows.rs`. At the end it prints the bytes that
//! an idle task asks the allocator for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use benches::multi_thread::Subject;
use benches::multi_thread::rows::{ROWS, Row, prepare, run};
use benches::multi_thread::subjects::{Sinew, Smol, SmolStatic, Tokio};
use criterion::{Criterion, Throughput};

/// Tasks that are spawned to weigh one.
const IDLE_TASKS: usize = 100_000;

/// Bytes asked for and not given back, while it is counted.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static COUNTING: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is passed on to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Ordering::Relaxed) != 0 {
            LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        if COUNTING.load(Ordering::Relaxed) != 0 {
            LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn weigh<S: Subject>(subject: S) {
    COUNTING.store(1, Ordering::Relaxed);
    let before = LIVE.load(Ordering::Relaxed);
    for _ in 0..IDLE_TASKS {
        S::detach(subject.spawn_remote(std::future::pending::<()>()));
    }
    // The queue that they came through runs empty behind them.
    subject.block_on(subject.spawn_remote(async {}));
    let after = LIVE.load(Ordering::Relaxed);
    COUNTING.store(0, Ordering::Relaxed);
    let bytes = after.wrapping_sub(before) as f64 / IDLE_TASKS as f64;
    println!("bytes per idle task, requested: {} {bytes:.1}", S::NAME);
}

fn measure<S: Subject>(c: &mut Criterion, row: Row) {
    let subject = S::start();
    let load = prepare(subject, row.name);
    let mut group = c.benchmark_group(format!("rt-multi-thread/{}", row.name));
    group.throughput(Throughput::Elements(row.operations));
    group.bench_function(S::NAME, |b| b.iter(|| run(subject, row.name)));
    group.finish();
    drop(load);
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for row in ROWS {
        measure::<Sinew>(&mut criterion, row);
        measure::<Tokio>(&mut criterion, row);
        measure::<Smol>(&mut criterion, row);
        measure::<SmolStatic>(&mut criterion, row);
    }
    criterion.final_summary();
    weigh(Sinew::start());
    weigh(Tokio::start());
    weigh(Smol::start());
    weigh(SmolStatic::start());
}
