//! Locks and channels beside those of tokio, async-lock, async-channel, flume,
//! futures and crossbeam.
//!
//! The work is in `src/sync/`. Ids: `sync/locks/ROW-HOST/SUBJECT` and
//! `sync/channels/ROW-HOST/SUBJECT`, where the host is the runtime that runs the tasks,
//! and `sync/threads/ROW/SUBJECT` for the ends that block.

use std::time::{Duration, Instant};

use benches::sync::hosts::{SinewOne, SinewTwo, TokioOne, TokioTwo};
use benches::sync::{Host, Row, channels, locks, queues, threads};
use criterion::{Criterion, Throughput};

/// Measures `rows` in the groups `GROUP/ROW` or, with a host, `GROUP/ROW-HOST`.
fn measure<H: Copy>(c: &mut Criterion, group: &str, suffix: &str, host: H, rows: Vec<Row<H>>) {
    for row in rows {
        let mut group = c.benchmark_group(format!("{group}/{}{suffix}", row.name));
        group.throughput(Throughput::Elements(row.operations));
        group.bench_function(row.subject, |b| {
            b.iter_custom(|runs| {
                let start = Instant::now();
                (row.run)(host, runs);
                start.elapsed()
            });
        });
    }
}

fn on<H: Host>(c: &mut Criterion) {
    let host = H::start();
    let suffix = format!("-{}", H::NAME);
    measure(c, "sync/locks", &suffix, host, locks::rows());
    measure(c, "sync/channels", &suffix, host, channels::rows());
    measure(c, "sync/channels", &suffix, host, queues::rows());
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .configure_from_args();
    on::<SinewOne>(&mut criterion);
    on::<TokioOne>(&mut criterion);
    on::<SinewTwo>(&mut criterion);
    on::<TokioTwo>(&mut criterion);
    measure(&mut criterion, "sync/threads", "", (), threads::rows());
    criterion.final_summary();
}
