use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use sinew_core::block_on;
use sinew_task::{Builder, spawn_on, try_id, yield_now};

use crate::queue::Queue;

/// Counts its drops.
struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn gives_its_output_once() {
    let queue = Queue::new();
    let mut handle = spawn_on(queue.clone(), async { 5 });
    assert!(!handle.is_finished());
    queue.run();
    assert!(handle.is_finished());
    assert_eq!(block_on(&mut handle).unwrap(), 5);
    assert!(handle.is_finished());
}

#[test]
#[should_panic(expected = "JoinHandle polled after completion")]
fn polling_after_completion_panics() {
    let queue = Queue::new();
    let mut handle = spawn_on(queue.clone(), async {});
    queue.run();
    block_on(&mut handle).unwrap();
    let _ = block_on(&mut handle);
}

#[test]
fn a_dropped_handle_detaches() {
    let queue = Queue::new();
    let ran = Arc::new(AtomicBool::new(false));
    drop(spawn_on(queue.clone(), {
        let ran = ran.clone();
        async move {
            yield_now().await;
            ran.store(true, Ordering::Relaxed);
        }
    }));
    queue.run();
    assert!(ran.load(Ordering::Relaxed));
    assert_eq!(queue.yielded(), 1);
    assert!(queue.list().is_empty());
}

#[test]
fn abort_before_the_first_poll() {
    let queue = Queue::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = OnDrop(drops.clone());
    let handle = spawn_on(queue.clone(), async move {
        let _guard = guard;
        unreachable!("an aborted task is not polled");
    });
    handle.abort();
    handle.abort();
    queue.run();
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    let error = block_on(handle).map(|(): ()| ()).unwrap_err();
    assert!(error.is_cancelled() && !error.is_panic());
}

#[test]
fn abort_while_idle_drops_the_future_before_the_handle_resolves() {
    let queue = Queue::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = OnDrop(drops.clone());
    let handle = spawn_on(queue.clone(), async move {
        let _guard = guard;
        pending::<()>().await;
    });
    let abort = handle.abort_handle();
    queue.run();
    assert!(!abort.is_finished());
    abort.clone().abort();
    queue.run();
    assert!(abort.is_finished());
    assert_eq!(abort.id(), handle.id());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert!(block_on(handle).unwrap_err().is_cancelled());
}

#[test]
fn abort_after_completion_changes_nothing() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async { 3 });
    queue.run();
    handle.abort();
    queue.run();
    assert_eq!(block_on(handle).unwrap(), 3);
}

#[test]
fn a_task_may_abort_itself() {
    let queue = Queue::new();
    let slot = Arc::new(std::sync::Mutex::new(None::<sinew_task::AbortHandle>));
    let handle = spawn_on(queue.clone(), {
        let slot = slot.clone();
        async move {
            slot.lock().unwrap().take().unwrap().abort();
            yield_now().await;
            unreachable!("aborted at the yield");
        }
    });
    *slot.lock().unwrap() = Some(handle.abort_handle());
    queue.run();
    assert!(
        block_on(handle)
            .map(|(): ()| ())
            .unwrap_err()
            .is_cancelled()
    );
}

#[test]
fn cancel_waits_for_the_drop() {
    let queue = Queue::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = OnDrop(drops.clone());
    let handle = spawn_on(queue.clone(), async move {
        let _guard = guard;
        pending::<()>().await;
    });
    queue.run();
    let mut cancelling = Box::pin(handle.cancel());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(cancelling.as_mut().poll(&mut cx).is_pending());
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    queue.run();
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert!(block_on(cancelling).unwrap_err().is_cancelled());
}

#[test]
fn cancel_gives_the_output_of_a_task_that_had_finished() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async { 8 });
    queue.run();
    assert_eq!(block_on(handle.cancel()).unwrap(), 8);
}

#[test]
fn an_abort_handle_outlives_the_task_and_the_handle() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async {});
    let abort = handle.abort_handle();
    queue.run();
    drop(handle);
    drop(queue);
    abort.abort();
    assert!(abort.is_finished());
    assert!(format!("{abort:?}").contains(&abort.id().to_string()));
}

#[test]
fn a_task_that_everyone_has_forgotten_stays_until_it_is_cancelled() {
    let queue = Queue::new();
    let drops = Arc::new(AtomicUsize::new(0));
    // Nobody has a waker of the first; the second's goes when the test says so.
    let kept = Arc::new(std::sync::Mutex::new(None::<Waker>));
    for kept in [None, Some(kept.clone())] {
        let guard = OnDrop(drops.clone());
        drop(spawn_on(queue.clone(), async move {
            let _guard = guard;
            poll_fn(|cx| {
                if let Some(kept) = &kept {
                    *kept.lock().unwrap() = Some(cx.waker().clone());
                }
                Poll::<()>::Pending
            })
            .await;
        }));
    }
    queue.run();
    drop(kept.lock().unwrap().take());
    queue.run();
    assert_eq!(queue.list().len(), 2);
    assert_eq!(queue.list().snapshot().len(), 2);
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    queue.list().close_and_cancel();
    queue.run();
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    assert!(queue.list().is_empty());
}

#[test]
fn a_wake_after_the_end_does_nothing() {
    let queue = Queue::new();
    let kept = Arc::new(std::sync::Mutex::new(None::<Waker>));
    let handle = spawn_on(queue.clone(), {
        let kept = kept.clone();
        poll_fn(move |cx| {
            *kept.lock().unwrap() = Some(cx.waker().clone());
            Poll::Ready(())
        })
    });
    queue.run();
    kept.lock().unwrap().take().unwrap().wake();
    assert!(queue.pop().is_none());
    block_on(handle).unwrap();
}

#[test]
fn ids_and_names_are_seen_inside() {
    let queue = Queue::new();
    let handle = Builder::new()
        .name("inner")
        .spawn_on(queue.clone(), async { try_id() });
    let id = handle.id();
    queue.run();
    assert_eq!(block_on(handle).unwrap(), Some(id));
    assert_eq!(try_id(), None);
}

#[test]
fn a_handle_waits_across_threads() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async { 1 });
    let joined = std::thread::spawn(move || block_on(handle).unwrap());
    queue.run();
    assert_eq!(joined.join().unwrap(), 1);
}

#[test]
fn the_future_is_dropped_before_the_output_is_seen() {
    struct Wait(Arc<AtomicUsize>);
    impl Future for Wait {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }
    impl Drop for Wait {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let queue = Queue::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let handle = spawn_on(queue.clone(), Wait(drops.clone()));
    queue.run();
    assert!(handle.is_finished());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}
