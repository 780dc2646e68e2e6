//! A pop against a waiter that leaves: the grant is neither lost nor doubled.

use std::task::Waker;

use loom::sync::Arc;
use loom::thread;

use crate::wait_list::{Left, WaitList, Waiter};

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(check);
}

#[test]
fn a_grant_meets_a_waiter_that_leaves() {
    model(|| {
        let list = Arc::new(WaitList::<(), u32>::new(()));
        let mut waiter = Box::pin(Waiter::new(0));
        // SAFETY: the waiter leaves below; the list is counted.
        unsafe {
            list.lock()
                .queue
                .push_back(waiter.as_ref(), Waker::noop().clone())
        };
        let granter = {
            let list = list.clone();
            thread::spawn(move || list.lock().queue.pop_front(|data| *data = 1).is_some())
        };
        let left = list.leave(waiter.as_ref(), |_| {});
        // In no queue now, so the data is ours, with all that was written to it.
        let data = *waiter.as_mut().data().unwrap();
        let granted = granter.join().unwrap();
        assert_eq!(granted, left == Left::Granted);
        assert_eq!(granted, data == 1);
    });
}

#[test]
fn a_waiter_sees_its_grant_without_the_lock() {
    model(|| {
        let list = Arc::new(WaitList::<(), u32>::new(()));
        let mut waiter = Box::pin(Waiter::new(0));
        // SAFETY: the granter pops it before we drop it.
        unsafe {
            list.lock()
                .queue
                .push_back(waiter.as_ref(), Waker::noop().clone())
        };
        let granter = {
            let list = list.clone();
            thread::spawn(move || {
                list.lock().queue.pop_front(|data| *data = 1);
            })
        };
        if !waiter.is_queued() {
            assert_eq!(waiter.as_mut().data(), Some(&mut 1));
        }
        granter.join().unwrap();
        assert_eq!(waiter.as_mut().data(), Some(&mut 1));
    });
}

#[test]
fn all_are_woken_while_one_leaves() {
    model(|| {
        let list = Arc::new(WaitList::<(), u32>::new(()));
        let waiters: Vec<_> = (0..2).map(|_| Box::pin(Waiter::new(0))).collect();
        for waiter in &waiters {
            // SAFETY: all leave below.
            unsafe {
                list.lock()
                    .queue
                    .push_back(waiter.as_ref(), Waker::noop().clone())
            };
        }
        let waker = {
            let list = list.clone();
            thread::spawn(move || list.wake_all(list.lock(), |data| *data = 1))
        };
        list.leave(waiters[1].as_ref(), |_| {});
        waker.join().unwrap();
        assert!(!waiters[0].is_queued());
        assert!(!waiters[1].is_queued());
    });
}
