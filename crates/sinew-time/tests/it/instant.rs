use sinew_time::{Duration, Instant};

use crate::paused_runtime::ms;

#[test]
fn operators_are_those_of_std() {
    let start = Instant::now();
    let mut later = start + ms(5);
    later += ms(5);
    assert_eq!(later - start, ms(10));
    assert_eq!(start - later, Duration::ZERO);
    later -= ms(4);
    assert_eq!(later, start + ms(6));
    assert_eq!(later - ms(6), start);
    assert!(later > start);
}

#[test]
fn differences_say_whether_they_are_negative() {
    let start = Instant::now();
    let later = start + ms(1);
    assert_eq!(later.duration_since(start), ms(1));
    assert_eq!(start.duration_since(later), Duration::ZERO);
    assert_eq!(start.saturating_duration_since(later), Duration::ZERO);
    assert_eq!(start.checked_duration_since(later), None);
    assert_eq!(later.checked_duration_since(start), Some(ms(1)));
}

#[test]
fn what_cannot_be_said_is_none() {
    let now = Instant::now();
    assert_eq!(now.checked_add(Duration::MAX), None);
    assert_eq!(now.checked_sub(Duration::MAX), None);
    assert_eq!(now.checked_add(ms(1)), Some(now + ms(1)));
    assert_eq!(now.checked_sub(ms(0)), Some(now));
}

#[test]
fn conversions_keep_the_time() {
    let std = std::time::Instant::now();
    let ours = Instant::from(std);
    assert_eq!(ours, Instant::from_std(std));
    assert_eq!(std::time::Instant::from(ours), std);
    assert_eq!(ours.into_std(), std);
    assert_eq!(format!("{ours:?}"), format!("{std:?}"));
    assert!(Instant::now() >= ours);
    assert!(ours.elapsed() <= std.elapsed());
}
