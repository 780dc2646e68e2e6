//! The real scope, with wakers of its children on other threads. Loom tells of a cell
//! that is never freed or freed too early (`Life`), and of two threads that touch a
//! future at once (`Guard`).

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::cell::UnsafeCell;
use loom::sync::{Mutex, Notify};
use loom::thread;

use crate::scope;

/// Something that must be used by one thread at a time, in some order.
struct Guard(UnsafeCell<u32>);

impl Guard {
    fn touch(&self) {
        // SAFETY: that it is sound is what loom checks.
        self.0.with_mut(|count| unsafe { *count += 1 });
    }
}

// SAFETY: loom checks the accesses.
unsafe impl Send for Guard {}
// SAFETY: loom checks the accesses.
unsafe impl Sync for Guard {}

struct Unpark(Notify);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Polls until the end, at each wake-up; a lost one is a deadlock.
fn block_on<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let unpark = Arc::new(Unpark(Notify::new()));
    let waker = Waker::from(unpark.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        unpark.0.wait();
    }
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Where two threads meet: what one has done, and a waker of who waits for that.
struct Meeting {
    done: Mutex<(u32, Vec<Waker>)>,
    guard: Guard,
}

impl Meeting {
    fn new() -> Arc<Meeting> {
        Arc::new(Meeting {
            done: Mutex::new((0, Vec::new())),
            guard: Guard(UnsafeCell::new(0)),
        })
    }

    fn arrive(&self) {
        self.guard.touch();
        let wakers = {
            let mut done = self.done.lock().unwrap();
            done.0 += 1;
            std::mem::take(&mut done.1)
        };
        for waker in wakers {
            waker.wake();
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut done = self.done.lock().unwrap();
        if done.0 == 0 {
            done.1.push(cx.waker().clone());
            return Poll::Pending;
        }
        drop(done);
        self.guard.touch();
        Poll::Ready(())
    }
}

#[test]
fn a_child_woken_by_another_thread_is_polled() {
    loom::model(|| {
        let meeting = Meeting::new();
        let waking = thread::spawn({
            let meeting = meeting.clone();
            move || meeting.arrive()
        });
        let sum = block_on(pin!(scope(async |s| {
            let child = s.spawn(async {
                poll_fn(|cx| meeting.poll(cx)).await;
                1
            });
            child.await + 1
        })));
        assert_eq!(sum, 2);
        waking.join().unwrap();
    });
}

#[test]
fn two_threads_wake_two_children() {
    loom::model(|| {
        let meetings = [Meeting::new(), Meeting::new()];
        let waking = meetings
            .clone()
            .map(|meeting| thread::spawn(move || meeting.arrive()));
        block_on(pin!(scope(async |s| {
            for meeting in &meetings {
                drop(s.spawn(poll_fn(|cx| meeting.poll(cx))));
            }
        })));
        for thread in waking {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_waker_that_is_woken_and_dropped_while_the_scope_is() {
    loom::model(|| {
        let wakers = Mutex::new(Vec::new());
        let guard = Guard(UnsafeCell::new(0));
        let waking;
        {
            let mut future = pin!(scope(async |s| {
                s.spawn(poll_fn(|cx| {
                    guard.touch();
                    wakers.lock().unwrap().push(cx.waker().clone());
                    Poll::<()>::Pending
                }));
            }));
            assert!(poll_once(future.as_mut()).is_pending());
            let waker = wakers.lock().unwrap().pop().unwrap();
            waking = thread::spawn(move || {
                waker.wake_by_ref();
                drop(waker.clone());
                waker.wake();
            });
            // May take what was sent, and is dropped in the middle of it all.
            assert!(poll_once(future.as_mut()).is_pending());
        }
        guard.touch();
        drop(wakers);
        waking.join().unwrap();
    });
}

#[test]
fn one_child_woken_by_two_threads() {
    loom::model(|| {
        let (meeting, waker) = (Meeting::new(), Arc::new(Mutex::new(None::<Waker>)));
        let mut future = pin!(scope(async |s| {
            let child = s.spawn(poll_fn(|cx| {
                *waker.lock().unwrap() = Some(cx.waker().clone());
                meeting.poll(cx)
            }));
            child.await;
        }));
        assert!(poll_once(future.as_mut()).is_pending());
        let other = waker.lock().unwrap().take().unwrap();
        let spurious = thread::spawn(move || other.wake());
        let waking = thread::spawn({
            let meeting = meeting.clone();
            move || meeting.arrive()
        });
        block_on(future.as_mut());
        spurious.join().unwrap();
        waking.join().unwrap();
        drop(waker.lock().unwrap().take());
    });
}
