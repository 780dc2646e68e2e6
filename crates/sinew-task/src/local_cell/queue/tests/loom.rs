//! The real cells, wakers, handles and inbox, with one other thread. Loom tells
//! of a cell that is never freed (`Header::track`), of a wait that never ends,
//! and of two threads that touch a slot at once (`Guard`).

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Mutex, Notify};
use loom::thread;
use sinew_core::Unpark;

use super::Local;
use crate::JoinHandle;

/// Something that must be on one thread at a time, and is, if what it travels
/// with is ordered.
struct Guard(UnsafeCell<u32>);

impl Guard {
    fn new() -> Guard {
        Guard(UnsafeCell::new(0))
    }

    fn touch(&self) {
        // SAFETY: that it is sound is what loom checks.
        self.0.with_mut(|count| unsafe { *count += 1 });
    }
}

// SAFETY: loom checks the accesses.
unsafe impl Send for Guard {}
// SAFETY: loom checks the accesses.
unsafe impl Sync for Guard {}

impl Drop for Guard {
    fn drop(&mut self) {
        self.touch();
    }
}

struct Token(Notify);

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Runs tasks on this thread, asleep when there are none, until `done`.
fn run_until(local: &Local, done: impl Fn() -> bool) {
    let token = Arc::new(Token(Notify::new()));
    let waker = Waker::from(token.clone());
    loop {
        local.run();
        if done() {
            return;
        }
        if local.queue().fall_asleep(&waker) {
            token.0.wait();
            local.queue().wake_up();
        }
    }
}

impl Unpark for Token {
    fn unpark(&self) {
        self.0.notify();
    }
}

/// The same with a thread that parks.
fn run_parking(local: &Local, done: impl Fn() -> bool) {
    let token = Arc::new(Token(Notify::new()));
    let parking = local.queue().parking(token.clone());
    loop {
        local.run();
        if done() {
            return;
        }
        parking.park(|| token.0.wait());
    }
}

/// `block_on` of a handle on a thread of the model.
fn wait<T>(mut handle: JoinHandle<T>) -> Result<T, crate::JoinError> {
    let token = Arc::new(Token(Notify::new()));
    let waker = Waker::from(token.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        match Pin::new(&mut handle).poll(&mut cx) {
            Poll::Ready(joined) => return joined,
            Poll::Pending => token.0.wait(),
        }
    }
}

/// Spawns a task that hands out wakers and ends when told so.
fn waits_for(
    local: &Local,
    count: usize,
    end: &Arc<AtomicBool>,
) -> (JoinHandle<Guard>, Vec<Waker>) {
    let place = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let handle = local.spawn({
        let (place, end) = (place.clone(), end.clone());
        let guard = Guard::new();
        let mut first = true;
        poll_fn(move |cx| {
            guard.touch();
            if std::mem::take(&mut first) {
                for _ in 0..count {
                    place.borrow_mut().push(cx.waker().clone());
                }
            }
            match end.load(Ordering::Relaxed) {
                true => Poll::Ready(Guard::new()),
                false => Poll::Pending,
            }
        })
    });
    local.run();
    let wakers = place.take();
    (handle, wakers)
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(check);
}

/// A wake from elsewhere reaches a sleeping owner, by value and by reference,
/// and what came before the wake is seen by the poll.
#[test]
fn remote_wake() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 2, &end);
        let thread = thread::spawn(move || {
            let waker = wakers.pop().unwrap();
            wakers.pop().unwrap().wake_by_ref();
            // Relaxed: the wake publishes it.
            end.store(true, Ordering::Relaxed);
            waker.wake();
        });
        run_until(&local, || handle.is_finished());
        thread.join().unwrap();
        drop(handle);
    });
}

/// The same for an owner that parks.
#[test]
fn remote_wake_of_a_parked_owner() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 2, &end);
        let thread = thread::spawn(move || {
            let waker = wakers.pop().unwrap();
            wakers.pop().unwrap().wake_by_ref();
            // Relaxed: the wake publishes it.
            end.store(true, Ordering::Relaxed);
            waker.wake();
        });
        run_parking(&local, || handle.is_finished());
        thread.join().unwrap();
        drop(handle);
    });
}

/// Two threads wake one task of a parked owner at the same time.
#[test]
fn two_remote_wakes_of_a_parked_owner() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 2, &end);
        let other = wakers.pop().unwrap();
        let thread = thread::spawn(move || other.wake());
        let second = wakers.pop().unwrap();
        let second = thread::spawn(move || {
            end.store(true, Ordering::Relaxed);
            second.wake();
        });
        run_parking(&local, || handle.is_finished());
        thread.join().unwrap();
        second.join().unwrap();
    });
}

/// Two threads wake one task at the same time.
#[test]
fn two_remote_wakes() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 2, &end);
        let other = wakers.pop().unwrap();
        let thread = thread::spawn(move || other.wake());
        let second = wakers.pop().unwrap();
        let second = thread::spawn(move || {
            end.store(true, Ordering::Relaxed);
            second.wake();
        });
        run_until(&local, || handle.is_finished());
        thread.join().unwrap();
        second.join().unwrap();
    });
}

/// References are cloned and dropped elsewhere while the owner finishes the
/// task and drops its own: the cell is freed, once.
#[test]
fn remote_counts_against_the_owners_drop() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(true));
        let (handle, mut wakers) = waits_for(&local, 2, &end);
        let there = wakers.pop().unwrap();
        let thread = thread::spawn(move || {
            let clone = there.clone();
            drop(there);
            drop(clone);
        });
        drop(handle);
        drop(wakers);
        thread.join().unwrap();
        local.run();
        let freed = local.queue().as_owner().unwrap().list_is_empty();
        assert!(freed, "the owner did not free the cell");
    });
}

/// A reference that was made elsewhere comes back and is dropped by the owner.
#[test]
fn references_cross_over() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(true));
        let (handle, mut wakers) = waits_for(&local, 1, &end);
        let back = Arc::new(Mutex::new(None));
        let there = wakers.pop().unwrap();
        let thread = thread::spawn({
            let back = back.clone();
            move || {
                *back.lock().unwrap() = Some(there.clone());
                drop(there);
            }
        });
        drop(handle);
        drop(back.lock().unwrap().take());
        thread.join().unwrap();
        drop(back.lock().unwrap().take());
        local.run();
        let freed = local.queue().as_owner().unwrap().list_is_empty();
        assert!(freed, "the owner did not free the cell");
    });
}

/// Wakers are used and dropped elsewhere while the queue closes.
#[test]
fn remote_wake_against_close() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 2, &end);
        let there = wakers.pop().unwrap();
        let thread = thread::spawn(move || {
            there.wake_by_ref();
            drop(there);
        });
        drop(handle);
        drop(local);
        thread.join().unwrap();
        drop(wakers);
    });
}

/// A handle is awaited elsewhere while the task ends.
#[test]
fn remote_join() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 1, &end);
        let done = Arc::new(AtomicBool::new(false));
        let joined = thread::spawn({
            let done = done.clone();
            move || {
                let guard = wait(handle).unwrap();
                guard.touch();
                done.store(true, Ordering::Release);
            }
        });
        end.store(true, Ordering::Relaxed);
        wakers.pop().unwrap().wake();
        while !done.load(Ordering::Acquire) {
            local.run();
            thread::yield_now();
        }
        joined.join().unwrap();
    });
}

/// A handle is awaited elsewhere while the queue closes.
#[test]
fn remote_join_against_close() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, wakers) = waits_for(&local, 0, &end);
        let joined = thread::spawn(move || wait(handle).map(|_| ()).unwrap_err().is_cancelled());
        drop(local);
        assert!(joined.join().unwrap());
        drop(wakers);
    });
}

/// A handle is dropped elsewhere while the task ends: its output is dropped
/// once, by one of the two.
#[test]
fn remote_detach() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(false));
        let (handle, mut wakers) = waits_for(&local, 1, &end);
        let thread = thread::spawn(move || drop(handle));
        end.store(true, Ordering::Relaxed);
        wakers.pop().unwrap().wake();
        local.run();
        thread.join().unwrap();
        local.run();
        let freed = local.queue().as_owner().unwrap().list_is_empty();
        assert!(freed, "the owner did not free the cell");
    });
}

/// The same while the queue closes.
#[test]
fn remote_detach_against_close() {
    model(|| {
        let local = Local::new();
        let end = Arc::new(AtomicBool::new(true));
        let (handle, wakers) = waits_for(&local, 0, &end);
        let thread = thread::spawn(move || drop(handle));
        drop(local);
        thread.join().unwrap();
        drop(wakers);
    });
}

/// An abort from elsewhere, while the task ends by itself or sleeps.
#[test]
fn remote_abort() {
    for ends in [false, true] {
        model(move || {
            let local = Local::new();
            let end = Arc::new(AtomicBool::new(false));
            let (handle, mut wakers) = waits_for(&local, 1, &end);
            let abort = handle.abort_handle();
            let thread = thread::spawn(move || {
                abort.abort();
                abort.is_finished()
            });
            if ends {
                end.store(true, Ordering::Relaxed);
                wakers.pop().unwrap().wake();
            }
            run_until(&local, || handle.is_finished());
            thread.join().unwrap();
            match wait(handle) {
                Ok(guard) => {
                    assert!(ends);
                    drop(guard);
                }
                Err(error) => assert!(error.is_cancelled()),
            }
        });
    }
}

/// A movable queue goes from one thread to another, which runs and closes it,
/// while a waker is used elsewhere.
#[test]
fn an_owner_hands_over() {
    model(|| {
        let host = super::Host::movable();
        let place = Arc::new(Mutex::new(None));
        let handle = host
            .queue
            .own(|| {
                let guard = Guard::new();
                let place = place.clone();
                let handle = host.queue.spawn(
                    crate::Builder::new(),
                    poll_fn(move |cx| {
                        guard.touch();
                        *place.lock().unwrap() = Some(cx.waker().clone());
                        Poll::<()>::Pending
                    }),
                );
                host.queue.run(1);
                handle
            })
            .unwrap();
        let waker = place.lock().unwrap().take().unwrap();
        let waking = thread::spawn(move || waker.wake());
        let other = thread::spawn({
            let host = host.clone();
            move || {
                let closed = host.queue.own(|| {
                    host.queue.run(1);
                    host.queue.cancel_all();
                    while host.queue.run(1) > 0 {}
                    drop(place.lock().unwrap().take());
                    host.queue.close();
                });
                assert!(closed.is_some());
            }
        });
        waking.join().unwrap();
        other.join().unwrap();
        assert!(wait(handle).unwrap_err().is_cancelled());
    });
}
