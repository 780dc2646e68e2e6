//! Scopes, polled by hand and by the cancellation kit's order of polls.

use std::future::{Future, pending, poll_fn};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use sinew_core::block_on;

use crate::{scope, try_scope, yield_now};

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

struct Counts<'a>(&'a AtomicUsize);

impl Drop for Counts<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn children_borrow_and_give_their_outputs() {
    let words = [String::from("a"), String::from("b")];
    let both = block_on(scope(async |s| {
        let first = s.spawn(async { words[0].as_str() });
        let second = s.spawn(async { words[1].as_str() });
        (second.await, first.await)
    }));
    assert_eq!(both, ("b", "a"));
}

#[test]
fn the_future_is_send_and_can_be_a_task() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let shared = AtomicUsize::new(0);
    block_on(is_send(async {
        scope(async |s| {
            for _ in 0..3 {
                s.spawn(async {
                    yield_now().await;
                    shared.fetch_add(1, Ordering::Relaxed);
                });
            }
            yield_now().await;
        })
        .await;
    }));
    assert_eq!(shared.into_inner(), 3);
}

#[test]
fn children_run_while_the_body_waits_for_them_to_and_are_waited_for() {
    let (count, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    block_on(scope(async |s| {
        for _ in 0..100 {
            drop(s.spawn(async {
                count.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
                ended.fetch_add(1, Ordering::Relaxed);
            }));
        }
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            match count.load(Ordering::Relaxed) {
                100 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
    }));
    assert_eq!(ended.into_inner(), 100);
}

#[test]
fn a_child_may_spawn() {
    let depth = AtomicUsize::new(0);
    block_on(scope(async |s| {
        s.spawn(async {
            s.spawn(async {
                s.spawn(async { depth.fetch_add(1, Ordering::Relaxed) });
                depth.fetch_add(1, Ordering::Relaxed)
            });
            depth.fetch_add(1, Ordering::Relaxed);
        });
    }));
    assert_eq!(depth.into_inner(), 3);
}

#[test]
fn one_that_wakes_itself_for_ever_leaves_others_their_turn() {
    let future = scope(async |s| {
        s.spawn(async {
            loop {
                yield_now().await;
            }
        });
    });
    let mut future = pin!(future);
    for _ in 0..3 {
        assert!(poll_once(future.as_mut()).is_pending());
    }
}

#[test]
fn the_first_error_drops_the_rest() {
    let drops = AtomicUsize::new(0);
    let result: Result<(), &str> = block_on(try_scope(async |s| {
        for _ in 0..3 {
            let counts = Counts(&drops);
            s.spawn(async {
                let _counts = counts;
                pending::<()>().await;
            });
        }
        s.try_spawn(async {
            yield_now().await;
            Err::<(), _>("no")
        });
        pending().await
    }));
    assert_eq!(result, Err("no"));
    assert_eq!(drops.into_inner(), 3);
}

#[test]
fn the_error_of_the_body_counts_too() {
    let drops = AtomicUsize::new(0);
    let result: Result<(), u8> = block_on(try_scope(async |s| {
        let counts = Counts(&drops);
        s.spawn(async {
            let _counts = counts;
            pending::<()>().await;
        });
        Err(7)
    }));
    assert_eq!((result, drops.into_inner()), (Err(7), 1));
}

#[test]
fn what_is_in_ok_comes_out_of_the_handle() {
    let sum: Result<i32, std::num::ParseIntError> = block_on(try_scope(async |s| {
        let one = s.try_spawn(async { "1".parse::<i32>() });
        let two = s.spawn(async { 2 });
        Ok(one.await + two.await)
    }));
    assert_eq!(sum.unwrap(), 3);
}

#[test]
fn a_panic_drops_the_rest_and_goes_on() {
    for in_body in [true, false] {
        let drops = AtomicUsize::new(0);
        let panic = catch_unwind(AssertUnwindSafe(|| {
            block_on(scope(async |s| {
                let counts = Counts(&drops);
                s.spawn(async {
                    let _counts = counts;
                    pending::<()>().await;
                });
                s.spawn(async { assert!(in_body, "in the child") });
                yield_now().await;
                assert!(!in_body, "in the body");
                pending::<()>().await;
            }));
        }));
        let message = panic.unwrap_err();
        let message = message.downcast_ref::<&str>().unwrap();
        assert_eq!(
            *message,
            if in_body {
                "in the body"
            } else {
                "in the child"
            }
        );
        assert_eq!(drops.into_inner(), 1);
    }
}

#[test]
fn a_destructor_that_panics_keeps_no_other_from_running() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    for dropped in [true, false] {
        let drops = AtomicUsize::new(0);
        let panic = catch_unwind(AssertUnwindSafe(|| {
            let mut future = Box::pin(try_scope(async |s| {
                for i in 0..3 {
                    let counts = Counts(&drops);
                    let panics = (i == 1).then(|| Panics);
                    s.spawn(async move {
                        let (_counts, _panics) = (counts, panics);
                        pending::<()>().await;
                    });
                }
                yield_now().await;
                if dropped {
                    pending().await
                } else {
                    Err::<(), ()>(())
                }
            }));
            while poll_once(future.as_mut()).is_pending() {
                if dropped {
                    break;
                }
            }
            drop(future);
        }));
        assert!(panic.is_err());
        assert_eq!(drops.into_inner(), 3);
    }
}

#[test]
fn a_destructor_may_spawn_and_that_is_dropped_too() {
    struct Spawns<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Spawns<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let drops = AtomicUsize::new(0);
    let mut future = Box::pin(scope(async |s| {
        let drops = &drops;
        let spawns = Spawns(move || {
            let counts = Counts(drops);
            drop(s.spawn(async move { drop(counts) }));
        });
        s.spawn(async move {
            let _spawns = spawns;
            pending::<()>().await;
        });
    }));
    assert!(poll_once(future.as_mut()).is_pending());
    drop(future);
    assert_eq!(drops.into_inner(), 1);
}

/// Every poll of a scope with children of children is a place at which it may end.
#[test]
fn dropped_at_any_poll_nothing_is_left() {
    let mut polls = 0;
    loop {
        let (begun, dropped) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let begin = || {
            begun.fetch_add(1, Ordering::Relaxed);
            Counts(&dropped)
        };
        let mut future = Box::pin(scope(async |s| {
            for _ in 0..3 {
                s.spawn(async {
                    let _counts = begin();
                    yield_now().await;
                    let inner = s.spawn(async {
                        let _counts = begin();
                        scope(async |s| {
                            s.spawn(async {
                                let _counts = begin();
                                yield_now().await;
                            });
                        })
                        .await;
                        yield_now().await;
                    });
                    inner.await;
                });
            }
            yield_now().await;
        }));
        let mut left = polls;
        let ended = loop {
            if left == 0 {
                break false;
            }
            left -= 1;
            if poll_once(future.as_mut()).is_ready() {
                break true;
            }
        };
        drop(future);
        assert_eq!(begun.into_inner(), dropped.into_inner());
        if ended {
            break;
        }
        polls += 1;
    }
    assert!(polls > 2);
}

#[test]
fn leaked_it_runs_no_child() {
    let polls = AtomicUsize::new(0);
    let wakers = std::sync::Mutex::new(Vec::<Waker>::new());
    // Leaked until we have seen what we came for.
    let mut future = ManuallyDrop::new(Box::pin(scope(async |s| {
        s.spawn(poll_fn(|cx| {
            polls.fetch_add(1, Ordering::Relaxed);
            wakers.lock().unwrap().push(cx.waker().clone());
            Poll::<()>::Pending
        }));
    })));
    assert!(poll_once(future.as_mut()).is_pending());
    for waker in wakers.lock().unwrap().drain(..) {
        waker.wake();
    }
    assert_eq!(polls.load(Ordering::Relaxed), 1);
    drop(ManuallyDrop::into_inner(future));
}

#[test]
fn only_what_is_woken_is_polled() {
    let polls = AtomicUsize::new(0);
    let body_polls = AtomicUsize::new(0);
    let mut future = pin!(scope(async |s| {
        s.spawn(poll_fn(|_| {
            polls.fetch_add(1, Ordering::Relaxed);
            Poll::<()>::Pending
        }));
        poll_fn(|_| {
            body_polls.fetch_add(1, Ordering::Relaxed);
            Poll::<()>::Pending
        })
        .await;
    }));
    for _ in 0..3 {
        assert!(poll_once(future.as_mut()).is_pending());
    }
    assert_eq!(
        (
            polls.load(Ordering::Relaxed),
            body_polls.load(Ordering::Relaxed)
        ),
        (1, 1)
    );
}
