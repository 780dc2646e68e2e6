use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn policy(max: usize) -> RestartPolicy {
    RestartPolicy {
        max,
        window: 10 * SECOND,
        backoff: Backoff {
            first: SECOND,
            most: 3 * SECOND,
        },
    }
}

#[test]
fn waits_double_up_to_the_most() {
    let start = Instant::now();
    let mut intensity = Intensity::new(policy(5));
    let waits = (0..5).map(|n| intensity.failed(start + n * SECOND).unwrap());
    assert_eq!(
        waits.collect::<Vec<_>>(),
        [1, 2, 3, 3, 3].map(|n| n * SECOND)
    );
}

#[test]
fn the_window_moves() {
    let start = Instant::now();
    let mut intensity = Intensity::new(policy(2));
    assert!(intensity.failed(start).is_some());
    assert!(intensity.failed(start + 5 * SECOND).is_some());
    assert_eq!(intensity.failed(start + 9 * SECOND), None);
    // The first is out of the window by now.
    assert!(intensity.failed(start + 10 * SECOND).is_some());
    assert_eq!(intensity.failed(start + 11 * SECOND), None);
}

#[test]
fn quiet_for_a_window_it_begins_anew() {
    let start = Instant::now();
    let mut intensity = Intensity::new(policy(9));
    assert_eq!(intensity.failed(start), Some(SECOND));
    assert_eq!(intensity.failed(start), Some(2 * SECOND));
    assert_eq!(intensity.failed(start + 10 * SECOND), Some(SECOND));
}

#[test]
fn extremes_do_not_overflow() {
    let mut intensity = Intensity::new(RestartPolicy {
        max: 100,
        window: Duration::MAX,
        backoff: Backoff {
            first: Duration::MAX,
            most: Duration::MAX,
        },
    });
    for _ in 0..100 {
        assert_eq!(intensity.failed(Instant::now()), Some(Duration::MAX));
    }
    assert_eq!(intensity.failed(Instant::now()), None);
    assert_eq!(Intensity::new(policy(0)).failed(Instant::now()), None);
}
