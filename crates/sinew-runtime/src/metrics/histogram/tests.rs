use std::time::Duration;

use super::{HistogramConfiguration, InvalidHistogramConfiguration, LogHistogram};

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
        assert_eq!(end, Duration::MAX);
        let last = buckets.range(count - 1).unwrap();
        assert!(last.start <= Duration::from_secs(60));
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
