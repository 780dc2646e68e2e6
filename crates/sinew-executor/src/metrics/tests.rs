use std::time::Duration;

use super::{Histogram, WorkerMetrics};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn linear_buckets_are_equally_wide_and_the_last_is_open() {
    let scale = Histogram::linear(MS(10), 3);
    assert_eq!(scale.buckets(), 3);
    assert_eq!(scale.range(0), Some(MS(0)..MS(10)));
    assert_eq!(scale.range(1), Some(MS(10)..MS(20)));
    assert_eq!(scale.range(2), Some(MS(20)..Duration::from_nanos(u64::MAX)));
    assert_eq!(scale.range(3), None);
    assert_eq!(scale.bucket_of(MS(9)), 0);
    assert_eq!(scale.bucket_of(MS(10)), 1);
    assert_eq!(scale.bucket_of(Duration::from_nanos(u64::MAX)), 2);
}

#[test]
fn doubling_buckets_reach_the_last_bound() {
    let scale = Histogram::doubling(MS(1), MS(5));
    assert_eq!(scale.buckets(), 5);
    assert_eq!(scale.range(3), Some(MS(4)..MS(8)));
    assert_eq!(Histogram::linear(MS(1), 1).bucket_of(MS(5)), 0);
    let far = Histogram::doubling(
        Duration::from_nanos(u64::MAX),
        Duration::from_nanos(u64::MAX),
    );
    assert_eq!(far.buckets(), 2);
}

#[test]
#[should_panic(expected = "ascend")]
fn bounds_must_ascend() {
    let _ = Histogram::with_bounds([MS(2), MS(1)]);
}

#[test]
fn work_is_added_and_waits_are_not() {
    let mut all = WorkerMetrics {
        parks: 3,
        polls: 30,
        busy: MS(3),
        mean_poll_time: MS(1),
        poll_times: vec![1, 2],
        ..WorkerMetrics::default()
    };
    all.add_work(&WorkerMetrics::default());
    assert_eq!(all.mean_poll_time, MS(1));
    all.add_work(&WorkerMetrics {
        parks: 5,
        polls: 10,
        busy: MS(2),
        mean_poll_time: MS(5),
        poll_times: vec![4, 0],
        ..WorkerMetrics::default()
    });
    assert_eq!((all.parks, all.polls, all.busy), (3, 40, MS(5)));
    assert_eq!((all.mean_poll_time, all.poll_times), (MS(2), vec![5, 2]));
}
