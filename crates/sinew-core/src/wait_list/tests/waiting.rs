use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use crate::record::Record;
use crate::wait_list::{Left, WaitList, Waiter};
use crate::waker::waker_fn;

fn push(list: &WaitList<(), u32>, waiter: Pin<&Waiter<u32>>, waker: Waker) {
    // SAFETY: each test drops its list after the waiters have left it.
    unsafe { list.lock().queue.push_back(waiter, waker) };
}

fn counting() -> (Waker, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let waker = waker_fn({
        let count = count.clone();
        move || {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    (waker, count)
}

fn waiters(n: u32) -> Vec<Pin<Box<Waiter<u32>>>> {
    (0..n).map(|i| Box::pin(Waiter::new(i))).collect()
}

#[test]
fn a_popped_waiter_owns_what_it_was_granted() {
    let list = WaitList::new(());
    let mut waiter = Box::pin(Waiter::new(1));
    push(&list, waiter.as_ref(), Waker::noop().clone());
    assert!(waiter.as_mut().data().is_none());
    assert!(list.still_waiting(waiter.as_ref(), Waker::noop()));
    let waker = list.lock().queue.pop_front(|data| *data = 7);
    assert!(waker.is_some());
    assert!(!list.still_waiting(waiter.as_ref(), Waker::noop()));
    assert_eq!(waiter.as_mut().data(), Some(&mut 7));
    assert_eq!(list.leave(waiter.as_ref(), |_| {}), Left::Granted);
}

#[test]
fn one_leaves_from_the_middle() {
    let list = WaitList::new(());
    let all = waiters(3);
    for waiter in &all {
        push(&list, waiter.as_ref(), Waker::noop().clone());
    }
    assert_eq!(list.leave(all[1].as_ref(), |_| {}), Left::Waiting);
    let mut order = Vec::new();
    while list
        .lock()
        .queue
        .pop_front(|data| order.push(*data))
        .is_some()
    {}
    assert_eq!(order, [0, 2]);
}

#[test]
fn a_waiter_is_in_no_queue_but_its_own() {
    let (one, other) = (WaitList::new(()), WaitList::new(()));
    let waiter = Box::pin(Waiter::new(0));
    push(&one, waiter.as_ref(), Waker::noop().clone());
    assert!(other.lock().queue.remove(waiter.as_ref()).is_none());
    assert!(other.lock().queue.data(waiter.as_ref()).is_none());
    assert_eq!(one.leave(waiter.as_ref(), |_| {}), Left::Waiting);
}

#[test]
#[should_panic(expected = "one place in one queue")]
fn a_waiter_is_pushed_once() {
    let list = WaitList::new(());
    let waiter = Box::pin(Waiter::new(0));
    push(&list, waiter.as_ref(), Waker::noop().clone());
    let again = catch_unwind(AssertUnwindSafe(|| {
        push(&list, waiter.as_ref(), Waker::noop().clone());
    }));
    list.leave(waiter.as_ref(), |_| {});
    std::panic::resume_unwind(again.unwrap_err());
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let list = WaitList::new(());
    let waiter = Box::pin(Waiter::new(0));
    let ((first, firsts), (second, seconds)) = (counting(), counting());
    push(&list, waiter.as_ref(), first);
    assert!(list.still_waiting(waiter.as_ref(), &second));
    let waker = list.lock().queue.pop_front(|_| {});
    waker.unwrap().wake();
    assert_eq!(firsts.load(Ordering::Relaxed), 0);
    assert_eq!(seconds.load(Ordering::Relaxed), 1);
}

#[test]
fn wake_all_wakes_a_long_queue_and_no_late_comer() {
    let list = Arc::new(WaitList::new(()));
    let all = waiters(100);
    let late = Arc::new(Box::pin(Waiter::new(0)));
    let (waker, count) = counting();
    // The first to be woken pushes a waiter while the others still wait.
    let first = waker_fn({
        let (list, late) = (list.clone(), late.clone());
        move || push(&list, late.as_ref().as_ref(), Waker::noop().clone())
    });
    push(&list, all[0].as_ref(), first);
    for waiter in &all[1..] {
        push(&list, waiter.as_ref(), waker.clone());
    }
    list.wake_all(list.lock(), |data| *data += 1000);
    assert_eq!(count.load(Ordering::Relaxed), 99);
    assert!(all.iter().all(|waiter| !waiter.is_queued()));
    assert!(late.is_queued());
    list.leave(late.as_ref().as_ref(), |_| {});
}

#[test]
fn a_waker_that_panics_does_not_keep_the_others_asleep() {
    let list = WaitList::new(());
    let all = waiters(80);
    let (waker, count) = counting();
    for (i, waiter) in all.iter().enumerate() {
        let waker = match i {
            40 => waker_fn(|| panic!("from a waker")),
            _ => waker.clone(),
        };
        push(&list, waiter.as_ref(), waker);
    }
    let woken = catch_unwind(AssertUnwindSafe(|| list.wake_all(list.lock(), |_| {})));
    assert!(woken.is_err());
    assert_eq!(count.load(Ordering::Relaxed), 79);
}

#[test]
fn those_who_wait_are_named() {
    let list = WaitList::new(());
    let (first, second) = (Box::pin(Waiter::new(0)), Box::pin(Waiter::new(0)));
    Record::new(9).scope(|| push(&list, first.as_ref(), Waker::noop().clone()));
    push(&list, second.as_ref(), Waker::noop().clone());
    let waiting = list.waiting();
    assert_eq!(waiting[0].task, Some(9));
    assert_eq!(waiting[1].task, None);
    assert_eq!(waiting[0].location.file(), file!());
    list.leave(first.as_ref(), |_| {});
    list.leave(second.as_ref(), |_| {});
}

#[test]
fn sizes() {
    assert_eq!(size_of::<WaitList<(), ()>>(), 24);
    assert_eq!(size_of::<Waiter<()>>(), 56);
}
