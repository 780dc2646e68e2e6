//! What one turn leaves for the next, and which queue is the thread's current one.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use sinew_core::{Unpark, block_on};

use super::Local;
use crate::{try_id, yield_now};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls `future` once, with the waker of `cx`.
fn poll_once(future: impl Future, cx: &mut Context<'_>) -> bool {
    pin!(future).poll(cx).is_ready()
}

/// A task that never ends, and how often it has been polled.
fn counted(local: &Local) -> Rc<Cell<u32>> {
    let polls = Rc::new(Cell::new(0));
    let count = polls.clone();
    drop(local.spawn(poll_fn(move |_| {
        count.set(count.get() + 1);
        Poll::<()>::Pending
    })));
    polls
}

#[test]
fn a_task_that_gives_way_and_ends_leaves_nothing_to_the_next() {
    let local = Local::new();
    let ends = local.spawn(poll_fn(|cx| {
        assert!(!poll_once(yield_now(), cx));
        Poll::Ready(7)
    }));
    let panics = local.spawn(poll_fn(|cx| -> Poll<()> {
        assert!(!poll_once(yield_now(), cx));
        panic!("on purpose");
    }));
    let polls = counted(&local);
    local.run();
    assert_eq!(polls.get(), 1);
    assert_eq!(block_on(ends).unwrap(), 7);
    assert!(block_on(panics).unwrap_err().is_panic());
}

#[test]
fn a_task_that_gives_way_and_then_runs_others_is_polled_again() {
    let local = Local::new();
    let outer = local.spawn({
        let queue: *const _ = local.queue();
        let mut first = true;
        poll_fn(move |cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(try_id());
            }
            assert!(!poll_once(yield_now(), cx));
            // SAFETY: the queue outlives its tasks.
            assert_eq!(unsafe { &*queue }.run(7), 1);
            Poll::Pending
        })
    });
    let polls = counted(&local);
    let id = outer.id();
    // The other is nested in its turn.
    assert!(local.run_one());
    assert!(local.run_one());
    local.run();
    assert_eq!(block_on(outer).unwrap(), Some(id));
    assert_eq!(polls.get(), 1);
    assert_eq!(local.queue().poll_slot().snapshot(), None);
}

#[test]
fn who_gives_way_behind_another_waker_is_woken_by_that() {
    let local = Local::new();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    drop(local.spawn(poll_fn(move |_| {
        assert!(!poll_once(yield_now(), &mut Context::from_waker(&waker)));
        Poll::<()>::Pending
    })));
    local.run();
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
}

#[test]
fn an_abort_reaches_a_task_that_gives_way() {
    let local = Local::new();
    let handle = local.spawn(async {
        loop {
            yield_now().await;
        }
    });
    assert!(local.run_one());
    handle.abort();
    local.run();
    assert!(block_on(handle).unwrap_err().is_cancelled());
}

#[test]
fn a_sleeper_is_woken_by_what_is_queued_in_a_session() {
    let local = Local::new();
    let wakes = Arc::new(Wakes::default());
    let sleeper = Waker::from(wakes.clone());
    local.queue().session(|| {
        assert!(local.queue().as_current().is_some());
        assert!(local.queue().fall_asleep(&sleeper));
        assert!(local.queue().as_current().is_none());
        drop(local.spawn(pending::<()>()));
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        local.queue().wake_up();
        assert!(local.queue().as_current().is_some());
        local.run();
    });
    assert!(local.queue().as_current().is_none());
}

#[test]
fn sessions_of_two_queues_nest() {
    let (outer, inner) = (Local::new(), Local::new());
    outer.queue().session(|| {
        inner.queue().session(|| {
            assert!(inner.queue().as_current().is_some());
            assert!(outer.queue().as_current().is_none());
            // Not current, and still its own.
            let handle = outer.spawn(async { 3 });
            outer.run();
            assert_eq!(block_on(handle).unwrap(), 3);
        });
        assert!(inner.queue().as_current().is_none());
        assert!(outer.queue().as_current().is_some());
    });
    assert!(outer.queue().as_current().is_none());
}

#[test]
fn a_queue_that_is_closed_to_new_tasks_is_not_current() {
    let local = Local::new();
    let polls = counted(&local);
    local.queue().session(|| {
        local.run();
        local.queue().cancel_all();
        assert!(local.queue().as_current().is_none());
        local
            .queue()
            .session(|| assert!(local.queue().as_current().is_none()));
        assert!(local.queue().as_current().is_none());
        let refused = local.spawn(async {});
        local.run();
        assert!(local.queue().is_empty());
        drop(refused);
    });
    assert_eq!(polls.get(), 1);
}

impl Unpark for Wakes {
    fn unpark(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_a_park_wakes_on_its_own_thread_is_queued_silently() {
    let local = Local::new();
    let unparks = Arc::new(Wakes::default());
    let waker = Rc::new(Cell::new(None));
    local.queue().session(|| {
        let handle = local.spawn({
            let waker = waker.clone();
            let mut woken = false;
            poll_fn(move |cx| {
                waker.set(Some(cx.waker().clone()));
                match std::mem::replace(&mut woken, true) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
        });
        local.run();
        let parking = local.queue().parking(unparks.clone());
        assert!(local.queue().is_drained());
        let parked = parking.park(|| waker.take().into_iter().for_each(Waker::wake));
        assert!(parked);
        assert_eq!(unparks.0.load(Ordering::Relaxed), 0);
        assert!(!local.queue().is_drained());
        assert!(!parking.park(|| unreachable!("there is a task")));
        local.run();
        assert!(handle.is_finished());
        drop(parking);
    });
}

#[test]
fn the_innermost_park_is_the_one_that_is_ended() {
    let local = Local::new();
    let (outer, inner) = (Arc::new(Wakes::default()), Arc::new(Wakes::default()));
    let ring = || std::thread::scope(|scope| drop(scope.spawn(|| local.0.queue.knock())));
    local.queue().session(|| {
        let parking = local.queue().parking(outer.clone());
        {
            let nested = local.queue().parking(inner.clone());
            assert!(nested.park(ring));
            // Rung, and not answered yet.
            assert!(!nested.park(|| unreachable!("it was rung")));
            local.run();
        }
        assert_eq!(inner.0.load(Ordering::Relaxed), 1);
        assert_eq!(outer.0.load(Ordering::Relaxed), 0);
        assert!(parking.park(ring));
        assert_eq!(outer.0.load(Ordering::Relaxed), 1);
    });
}
