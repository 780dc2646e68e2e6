//! One thread: sinew's current-thread and local runtimes beside tokio's
//! current-thread runtime, its `LocalSet`, and smol's `LocalExecutor`.
//!
//! The work is in `src/single_thread/rows.rs`.

use std::time::Duration;

use benches::single_thread::Subject;
use benches::single_thread::rows::{ROWS, Row, run};
use benches::single_thread::subjects::{CurrentThread, Local, Smol, Tokio, TokioLocalSet};
use criterion::{Criterion, Throughput};

fn measure<S: Subject>(c: &mut Criterion, group: &str, row: Row) {
    let subject = S::new();
    let mut group = c.benchmark_group(format!("{group}/{}", row.name));
    group.throughput(Throughput::Elements(row.operations));
    group.bench_function(S::NAME, |b| b.iter(|| run(&subject, row.name)));
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for row in ROWS {
        measure::<CurrentThread>(&mut criterion, "rt-current-thread", row);
        measure::<Tokio>(&mut criterion, "rt-current-thread", row);
        measure::<Smol>(&mut criterion, "rt-current-thread", row);
    }
    for row in ROWS {
        measure::<Local>(&mut criterion, "rt-local", row);
        measure::<Tokio>(&mut criterion, "rt-local", row);
        measure::<TokioLocalSet>(&mut criterion, "rt-local", row);
        measure::<Smol>(&mut criterion, "rt-local", row);
    }
    criterion.final_summary();
}
