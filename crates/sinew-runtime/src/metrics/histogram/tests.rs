use std::time::Duration;

use super::{HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration};
use super::{LogHistogram, Scaled};

#[test]
fn buckets_are_narrow_enough_and_leave_no_gap() {
    for error in [0.5, 0.25, 0.1, 0.01] {
        let log = LogHistogram::builder().max_error(error).build();
        let buckets = HistogramConfiguration::log(log).buckets;
        let count = buckets.buckets();
        let mut end = Duration::ZERO;
        for bucket in 0..count {
            let range = buckets.range(bucket).unwrap();
            assert_eq!(range.start, end);
            end = range.end;
            if bucket > 0 && bucket + 1 < count {
                let width = (range.end - range.start).as_nanos() as f64;
                assert!(width <= error * range.start.as_nanos() as f64 + 1.0);
            }
        }
        assert_eq!(end, Duration::from_nanos(u64::MAX));
        // What is asked for is told apart, and no more than the bucket around it.
        let last = buckets.range(count - 1).unwrap();
        assert!(last.start >= Duration::from_secs(60));
        let before = buckets.range(count - 2).unwrap();
        assert!(before.start < Duration::from_secs(60));
        assert_eq!(log.max_value(), last.start.as_nanos() as u64);
    }
}

#[test]
fn a_limit_of_buckets_is_checked() {
    let builder = LogHistogram::builder().precision_exact(0);
    assert!(builder.max_buckets(100).is_ok());
    let error = builder.max_buckets(3).unwrap_err();
    let InvalidHistogramConfiguration::TooManyBuckets { max_buckets, count } = error;
    assert!(max_buckets == 3 && count > 3);
    assert!(error.to_string().contains("at most 3"));
}

#[test]
fn linear_buckets_have_one_width() {
    let buckets = HistogramConfiguration::linear(Duration::from_millis(1), 3).buckets;
    assert_eq!(buckets.buckets(), 3);
    let second = buckets.range(1).unwrap();
    assert_eq!(second, Duration::from_millis(1)..Duration::from_millis(2));
    assert_eq!(HistogramConfiguration::default().buckets.buckets(), 10);
}

#[test]
#[should_panic(expected = "above 0 and below 1")]
fn an_error_of_one_panics() {
    let _ = LogHistogram::builder().max_error(1.0);
}

#[test]
fn the_older_way_to_say_it() {
    let micros = Duration::from_micros;
    let scaled = |scale, buckets| Scaled {
        scale,
        resolution: 50_000,
        buckets,
    };
    let linear = scaled(HistogramScale::Linear, 3).histogram();
    assert_eq!(linear.range(1), Some(micros(50)..micros(100)));
    let log = scaled(HistogramScale::Log, 4).histogram();
    let first = Duration::from_nanos(65_536);
    assert_eq!(log.buckets(), 4);
    assert_eq!(log.range(0), Some(Duration::ZERO..first));
    assert_eq!(log.range(1), Some(first..2 * first));
    assert_eq!(log.range(2), Some(2 * first..4 * first));
    assert_eq!(scaled(HistogramScale::Log, 1).histogram().buckets(), 1);
}
