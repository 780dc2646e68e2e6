use super::{Blocking, GAIN, MOST};

/// After guests that did not block.
fn without_credit() -> Blocking {
    let blocking = Blocking::new();
    for _ in 0..GAIN {
        assert!(blocking.is_expected());
        blocking.learn(Some(false), false);
    }
    assert!(!blocking.is_expected());
    blocking
}

#[test]
fn a_task_that_was_taken_unannounced_is_worth_one_trial() {
    let blocking = without_credit();
    blocking.learn(None, false);
    assert!(!blocking.is_expected());
    blocking.learn(None, true);
    blocking.learn(None, true);
    assert_eq!(blocking.credit(), 1);
    blocking.learn(Some(false), true);
    assert!(!blocking.is_expected());
    blocking.learn(Some(true), false);
    assert!(!blocking.is_expected());
}

#[test]
fn what_was_useful_outweighs_what_was_needless() {
    let blocking = without_credit();
    blocking.learn(None, true);
    for _ in 0..2 * MOST {
        blocking.learn(Some(true), true);
    }
    assert_eq!(blocking.credit(), MOST);
    for _ in 0..MOST {
        assert!(blocking.is_expected());
        blocking.learn(Some(true), false);
    }
    assert!(!blocking.is_expected());
    blocking.learn(Some(true), true);
    assert_eq!(blocking.credit(), GAIN);
}
