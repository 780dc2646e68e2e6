use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;

use sinew_testing::cancel::{every_await, every_pending};

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

type Log = Rc<RefCell<Vec<u32>>>;

#[test]
fn every_order_is_run() {
    let seen = RefCell::new(HashSet::new());
    every_await(
        Log::default,
        |script, log| {
            script.drops(0);
            for i in 0..3 {
                let log = log.clone();
                script.actor(async move { log.borrow_mut().push(i) });
            }
        },
        |log, _| {
            seen.borrow_mut().insert(log.borrow().clone());
        },
    );
    assert_eq!(seen.borrow().len(), 6);
}

#[test]
fn each_pending_is_a_place_to_drop() {
    let ends = RefCell::new(HashSet::new());
    let runs = every_await(
        || Rc::new(Cell::new(0)),
        |script, steps| {
            let steps = steps.clone();
            script.actor(async move {
                for _ in 0..3 {
                    yield_once().await;
                    steps.set(steps.get() + 1);
                }
            });
        },
        |steps, end| {
            ends.borrow_mut().insert((steps.get(), end.has_finished(0)));
        },
    );
    assert_eq!(runs, 4);
    let all = [(0, false), (1, false), (2, false), (3, true)];
    assert_eq!(*ends.borrow(), HashSet::from(all));
}

/// A hand-over that loses its value when the taker is dropped is found out.
#[test]
fn a_loss_is_found() {
    let found = catch_unwind(AssertUnwindSafe(|| {
        every_await(
            || Rc::new(Cell::new(Some(7))),
            |script, slot| {
                let slot = slot.clone();
                script.actor(async move {
                    let value = slot.take();
                    yield_once().await;
                    slot.set(value);
                });
            },
            |slot, _| assert_eq!(slot.get(), Some(7)),
        )
    }));
    assert!(found.is_err());
}

#[test]
#[should_panic(expected = "nobody will wake it")]
fn a_lost_wake_up_is_found() {
    every_await(
        || (),
        |script, ()| script.actor(std::future::pending()),
        |(), _| {},
    );
}

#[test]
fn who_may_wait_may() {
    let runs = every_await(
        || (),
        |script, ()| script.waiting_actor(std::future::pending()),
        |(), ends| assert_eq!(ends.finished(), 0),
    );
    // Left waiting, and dropped.
    assert_eq!(runs, 2);
}

/// Pending so many times, each with a wake-up.
async fn waits(times: usize) {
    for _ in 0..times {
        yield_once().await;
    }
}

#[test]
fn each_pending_of_the_one_is_a_place_to_drop() {
    let (mut ends, mut steps) = (Vec::new(), Vec::new());
    let runs = sinew_testing::block_on(every_pending(
        async || ((), 0),
        async |()| waits(3).await,
        |steps, pending| {
            *steps += 1;
            assert_eq!(*steps, pending);
        },
        async |(), done, end| {
            steps.push(done);
            ends.push(end.is_some());
        },
    ));
    assert_eq!(runs, 5);
    // Not polled at all; then dropped at the first, second and third; then left to end.
    assert_eq!(ends, [false, false, false, false, true]);
    assert_eq!(steps, [0, 0, 1, 2, 3]);
}

#[test]
fn one_that_never_ends_is_told() {
    let endless = every_pending(
        async || ((), ()),
        async |()| waits(usize::MAX).await,
        |(), _| {},
        async |(), (), _| {},
    );
    let panic = catch_unwind(AssertUnwindSafe(|| sinew_testing::block_on(endless)));
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("does not end"), "{message}");
}
