//! Scopes whose children are woken, spawned and given up by other threads, and wakers
//! that outlive them.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;

use sinew_core::block_on;

use crate::{Scope, scope, yield_now};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Sends its waker off at the first poll and is ready at the next.
fn ready_when_woken(wakers: mpsc::Sender<Waker>) -> impl Future<Output = ()> + Send {
    let mut sent = false;
    poll_fn(move |cx| {
        if std::mem::replace(&mut sent, true) {
            return Poll::Ready(());
        }
        wakers.send(cx.waker().clone()).unwrap();
        Poll::Pending
    })
}

#[test]
fn wakes_of_another_thread_reach_each_child() {
    let (wakers, woken) = mpsc::channel::<Waker>();
    let waking = thread::spawn(move || {
        for (nth, waker) in woken.iter().enumerate() {
            if nth % 2 == 0 {
                waker.wake_by_ref();
            }
            waker.wake();
        }
    });
    let ended = AtomicUsize::new(0);
    block_on(scope(async |s| {
        for _ in 0..200 {
            let child = ready_when_woken(wakers.clone());
            s.spawn(async {
                child.await;
                ended.fetch_add(1, Ordering::Relaxed);
            });
        }
    }));
    drop(wakers);
    waking.join().unwrap();
    assert_eq!(ended.into_inner(), 200);
}

#[test]
fn a_waker_may_outlive_the_scope() {
    for ends in [true, false] {
        let wakers = Mutex::new(Vec::new());
        let woken = AtomicBool::new(false);
        {
            let text = String::from("borrowed");
            let mut future = pin!(scope(async |s| {
                let child = s.spawn(async {
                    poll_fn(|cx| {
                        wakers.lock().unwrap().push(cx.waker().clone());
                        match woken.load(Ordering::Relaxed) {
                            true => Poll::Ready(()),
                            false => Poll::Pending,
                        }
                    })
                    .await;
                    text.as_str()
                });
                child.await
            }));
            assert!(poll_once(future.as_mut()).is_pending());
            if ends {
                woken.store(true, Ordering::Relaxed);
                wakers.lock().unwrap()[0].wake_by_ref();
                assert_eq!(poll_once(future.as_mut()), Poll::Ready("borrowed"));
            }
        }
        let wakers = wakers.into_inner().unwrap();
        thread::spawn(move || {
            for waker in wakers {
                waker.wake_by_ref();
                let clone = waker.clone();
                drop(waker);
                clone.wake();
            }
        })
        .join()
        .unwrap();
    }
}

#[test]
fn threads_in_a_poll_may_spawn_and_wait() {
    fn spawn_from_a_thread<'scope>(s: &'scope Scope<'scope, '_>, count: &'scope AtomicUsize) {
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let kept = s.spawn(async { count.fetch_add(1, Ordering::Relaxed) });
                    drop(s.spawn(async { count.fetch_add(1, Ordering::Relaxed) }));
                    // In the spawning thread, with the child not begun.
                    assert!(poll_once(pin!(kept)).is_pending());
                });
            }
        });
    }
    let count = AtomicUsize::new(0);
    block_on(scope(async |s| {
        spawn_from_a_thread(s, &count);
        s.spawn(async { spawn_from_a_thread(s, &count) }).await;
    }));
    assert_eq!(count.into_inner(), 16);
}

#[test]
fn a_child_that_wakes_itself_and_ends_is_gone_once() {
    let mut future = pin!(scope(async |s| {
        for _ in 0..3 {
            s.spawn(poll_fn(|cx| {
                cx.waker().wake_by_ref();
                Poll::Ready(())
            }));
        }
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(7)
        })
        .await
    }));
    assert_eq!(poll_once(future.as_mut()), Poll::Ready(7));
}

#[test]
fn a_child_may_drop_its_own_handle_in_its_poll() {
    let slot = Mutex::new(None);
    block_on(scope(async |s| {
        let (slot, (give, take)) = (&slot, mpsc::channel());
        let take = Mutex::new(take);
        let own = s.spawn(async move {
            let own = take.lock().unwrap().recv().unwrap();
            drop::<crate::ScopedHandle<'_, String>>(own);
            *slot.lock().unwrap() = Some(1);
            String::from("for nobody")
        });
        give.send(own).unwrap();
    }));
    assert_eq!(slot.into_inner().unwrap(), Some(1));
}

#[test]
fn handles_are_given_up_before_and_after_the_end() {
    let drops = AtomicUsize::new(0);
    struct Counted<'a>(&'a AtomicUsize);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let mut future = pin!(scope(async |s| {
        let drops = &drops;
        drop(s.spawn(async move { Counted(drops) }));
        let mut kept = s.spawn(async move { Counted(drops) });
        let mut waits = s.spawn(pending::<()>());
        // Leaves wakers of the body in both.
        assert!(
            poll_fn(|cx| Poll::Ready(Pin::new(&mut kept).poll(cx)))
                .await
                .is_pending()
        );
        assert!(
            poll_fn(|cx| Poll::Ready(Pin::new(&mut waits).poll(cx)))
                .await
                .is_pending()
        );
        yield_now().await;
        yield_now().await;
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        drop((kept, waits));
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    }));
    // The one that waits for ever keeps the scope.
    assert!(poll_once(future.as_mut()).is_pending());
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(drops.load(Ordering::Relaxed), 2);
}
