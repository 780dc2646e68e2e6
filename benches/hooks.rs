//! What the three hooks of the design cost: each with and without.
//!
//! `cargo xtask bench --hooks` prints the differences in nanoseconds.

use std::hint::black_box;
use std::panic::Location;
use std::task::Poll;

use criterion::Criterion;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_core::record::Record;
use sinew_task::PollSlot;

/// Hook 1: a leaf asks, when it is made, whether a virtual network is entered.
fn provider(c: &mut Criterion) {
    let mut group = c.benchmark_group("hooks/provider");
    group.bench_function("without", |b| b.iter(|| black_box(false)));
    group.bench_function("with", |b| {
        b.iter(|| black_box(sinew_net::provider::entered().is_some()));
    });
    group.finish();
}

/// Hook 2: a leaf says what it waits for, inside of a task.
fn leaf(c: &mut Criterion) {
    let wait = Wait {
        kind: Kind::Readable,
        resource: 7,
        location: Location::caller(),
    };
    let record = Record::new(1);
    let mut group = c.benchmark_group("hooks/leaf");
    group.bench_function("without", |b| {
        record.scope(|| b.iter(|| black_box(Poll::<()>::Pending)));
    });
    group.bench_function("with", |b| {
        record.scope(|| b.iter(|| black_box(leaf::pending::<()>(black_box(&wait)))));
    });
    group.finish();
}

/// Hook 3, first half: the worker publishes which task it polls.
fn poll_slot(c: &mut Criterion) {
    let executor = sinew_executor::LocalExecutor::new();
    let id = executor.spawn(async {}).id();
    let slot = PollSlot::new();
    let mut group = c.benchmark_group("hooks/poll-slot");
    group.bench_function("without", |b| b.iter(|| black_box(&slot)));
    group.bench_function("with", |b| {
        b.iter(|| {
            slot.begin(black_box(id));
            black_box(&slot);
            slot.end();
        });
    });
    group.finish();
}

/// Hook 3, second half: the poll runs in the scope of the task's record.
fn record(c: &mut Criterion) {
    let record = Record::new(1);
    let poll = || black_box(1);
    let mut group = c.benchmark_group("hooks/record");
    // The worker has the record's address from the queue either way.
    group.bench_function("without", |b| {
        b.iter(|| {
            black_box(&record);
            poll()
        });
    });
    group.bench_function("with", |b| b.iter(|| black_box(&record).scope(poll)));
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    provider(&mut criterion);
    leaf(&mut criterion);
    poll_slot(&mut criterion);
    record(&mut criterion);
    criterion.final_summary();
}
