use std::cell::Cell;
use std::panic::catch_unwind;

use super::{Policy, block_on, enter, policy, try_first};

thread_local!(static HANDED_OVER: Cell<usize> = const { Cell::new(0) });

fn hand_over(sleep: &mut dyn FnMut()) {
    HANDED_OVER.set(HANDED_OVER.get() + 1);
    sleep();
}

#[test]
fn a_plain_thread_sleeps() {
    assert_eq!(block_on("a", "b", async { 3 }), 3);
}

#[test]
fn a_worker_hands_over_once_even_when_nested() {
    let _entered = enter(Policy::HandOver(hand_over));
    let sum = block_on("a", "b", async { 1 + block_on("a", "b", async { 2 }) });
    assert_eq!(sum, 3);
    assert_eq!(HANDED_OVER.get(), 1);
    assert!(matches!(policy(), Policy::HandOver(_)));
}

#[test]
fn a_refusal_names_the_remedy() {
    let _entered = enter(Policy::Refused);
    let refused = catch_unwind(|| block_on("Lock::blocking_lock", "lock().await", async {}));
    let payload = refused.unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.contains("`Lock::blocking_lock`"), "{message}");
    assert!(message.contains("`lock().await`"), "{message}");
}

#[test]
fn the_policy_before_comes_back() {
    {
        let _outer = enter(Policy::Refused);
        drop(enter(Policy::Allowed));
        assert!(matches!(policy(), Policy::Refused));
    }
    assert!(matches!(policy(), Policy::Allowed));
}

#[test]
fn attempts_come_to_an_end() {
    let tried = Cell::new(0);
    let attempt = |wanted| {
        try_first("a", "b", || {
            tried.set(tried.get() + 1);
            (tried.get() == wanted).then_some("done")
        })
    };
    assert_eq!(attempt(3), Some("done"));
    assert_eq!(tried.get(), 3);
    assert_eq!(attempt(0), None);
    assert!(tried.get() > 3);
}

#[test]
fn an_attempt_is_refused_too() {
    let _entered = enter(Policy::Refused);
    let refused = catch_unwind(|| try_first("a", "b", || Some(1)));
    assert!(refused.is_err());
}
