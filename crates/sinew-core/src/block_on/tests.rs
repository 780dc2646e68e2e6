use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::thread;

use super::block_on;
use crate::{coop, record::Record};

#[test]
fn gives_the_output() {
    assert_eq!(block_on(ready(7)), 7);
}

#[test]
fn nests() {
    assert_eq!(
        block_on(async { block_on(async { block_on(ready(1)) }) + 1 }),
        2
    );
}

#[test]
fn is_woken_from_another_thread() {
    let mut started = false;
    block_on(poll_fn(|cx| {
        if started {
            return Poll::Ready(());
        }
        started = true;
        let waker = cx.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    }));
}

#[test]
fn a_panic_passes_through_and_the_next_call_works() {
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        block_on(async { panic!("on purpose") });
    }));
    assert!(panicked.is_err());
    assert_eq!(block_on(ready(3)), 3);
}

#[test]
fn a_waker_kept_from_an_earlier_call_is_harmless() {
    let mut kept = None;
    block_on(poll_fn(|cx| {
        kept = Some(cx.waker().clone());
        Poll::Ready(())
    }));
    kept.unwrap().wake();
    let mut polls = 0;
    block_on(poll_fn(|cx| {
        polls += 1;
        if polls == 3 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    assert_eq!(polls, 3);
}

#[test]
fn runs_outside_of_the_task_around_it() {
    let record = Record::new(5);
    record.scope(|| {
        block_on(async {
            assert_eq!(crate::record::current_id(), None);
            // No budget: this would give way for ever if the task's were used up.
            for _ in 0..1000 {
                coop::consume_budget().await;
            }
        });
        assert_eq!(crate::record::current_id(), Some(5));
    });
}

#[test]
fn works_while_thread_locals_are_destroyed() {
    struct OnExit;
    impl Drop for OnExit {
        fn drop(&mut self) {
            assert_eq!(block_on(ready(1)), 1);
        }
    }
    thread_local!(static ON_EXIT: OnExit = const { OnExit });
    thread::spawn(|| {
        ON_EXIT.with(|_| ());
        block_on(ready(()));
    })
    .join()
    .unwrap();
}

#[test]
fn a_dropped_branch_does_not_hang() {
    let first = block_on(poll_fn(|cx| {
        let mut never = Box::pin(pending::<()>());
        assert!(never.as_mut().poll(cx).is_pending());
        Poll::Ready(4)
    }));
    assert_eq!(first, 4);
}
