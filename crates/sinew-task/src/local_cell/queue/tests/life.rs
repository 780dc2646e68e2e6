//! The whole life of a task, as one table.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread::{self, ThreadId};

use sinew_core::block_on;

use super::Local;
use crate::JoinHandle;

/// What the future does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Completes,
    /// Once, then completes.
    PendsOnce,
    Pends,
    Panics,
}

/// What is done with the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handle {
    Joined,
    JoinedElsewhere,
    DetachedBefore,
    DetachedAfter,
    DetachedElsewhere,
    Aborted,
    AbortedElsewhere,
    Cancelled,
    /// The queue closes while the handle waits.
    Closed,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    does: Does,
    handle: Handle,
    future_bomb: bool,
    output_bomb: bool,
}

/// What is seen of a case from inside.
#[derive(Default)]
struct Seen {
    future_drops: AtomicUsize,
    output_drops: AtomicUsize,
}

struct Output {
    seen: Arc<Seen>,
    bomb: bool,
}

impl Drop for Output {
    fn drop(&mut self) {
        self.seen.output_drops.fetch_add(1, Ordering::SeqCst);
        if self.bomb && !thread::panicking() {
            panic!("output");
        }
    }
}

struct Task {
    case: Case,
    polls: u32,
    seen: Arc<Seen>,
    home: ThreadId,
    /// Makes it `!Send`; counted by the test.
    shared: Rc<()>,
}

impl Future for Task {
    type Output = Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Output> {
        assert_eq!(thread::current().id(), self.home);
        self.polls += 1;
        match self.case.does {
            Does::Completes => {}
            Does::PendsOnce if self.polls > 1 => {}
            Does::PendsOnce => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Does::Pends => return Poll::Pending,
            Does::Panics => panic!("poll"),
        }
        Poll::Ready(Output {
            seen: self.seen.clone(),
            bomb: self.case.output_bomb,
        })
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        assert_eq!(thread::current().id(), self.home);
        self.seen.future_drops.fetch_add(1, Ordering::SeqCst);
        assert_eq!(Rc::strong_count(&self.shared), 2);
        if self.case.future_bomb && !thread::panicking() {
            panic!("future");
        }
    }
}

type Joined = Result<Output, crate::JoinError>;

fn use_handle(local: Local, case: Case, handle: JoinHandle<Output>) -> Option<Joined> {
    match case.handle {
        Handle::Joined => {
            local.run();
            handle.is_finished().then(|| block_on(handle))
        }
        Handle::JoinedElsewhere => {
            // Awaits with and without the task being finished already.
            if case.future_bomb {
                local.run();
            }
            let waiting = (case.does != Does::Pends).then(|| thread::spawn(|| block_on(handle)));
            let mut joined = None;
            if let Some(thread) = waiting {
                while !thread.is_finished() {
                    local.run();
                    thread::yield_now();
                }
                joined = Some(thread.join().unwrap());
            }
            local.run();
            joined
        }
        Handle::DetachedBefore => {
            drop(handle);
            local.run();
            None
        }
        Handle::DetachedAfter => {
            local.run();
            drop(handle);
            None
        }
        Handle::DetachedElsewhere => {
            if case.future_bomb {
                local.run();
            }
            thread::spawn(|| drop(handle)).join().unwrap();
            local.run();
            None
        }
        Handle::Aborted => {
            local.run_one();
            handle.abort();
            local.run();
            assert!(handle.is_finished());
            Some(block_on(handle))
        }
        Handle::AbortedElsewhere => {
            let abort = handle.abort_handle();
            local.run_one();
            thread::spawn(move || abort.abort()).join().unwrap();
            local.run();
            assert!(handle.is_finished());
            Some(block_on(handle))
        }
        Handle::Cancelled => {
            local.run_one();
            let mut cancelling = Box::pin(handle.cancel());
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let polled = cancelling.as_mut().poll(&mut cx);
            local.run();
            Some(match polled {
                Poll::Ready(joined) => joined,
                Poll::Pending => block_on(cancelling),
            })
        }
        Handle::Closed => {
            local.run_one();
            drop(local);
            assert!(handle.is_finished());
            Some(block_on(handle))
        }
    }
}

fn check(case: Case) {
    let seen = Arc::new(Seen::default());
    let shared = Rc::new(());
    let local = Local::new();
    let host = local.0.clone();
    let handle = local.spawn(Task {
        case,
        polls: 0,
        seen: seen.clone(),
        home: thread::current().id(),
        shared: shared.clone(),
    });
    let abort = handle.abort_handle();
    let joined = use_handle(local, case, handle);
    let stopped = matches!(
        case.handle,
        Handle::Aborted | Handle::AbortedElsewhere | Handle::Cancelled | Handle::Closed
    );
    let completes = case.does == Does::Completes || (case.does == Does::PendsOnce && !stopped);
    // The task is gone, or waits until its queue is (`use_handle` dropped it).
    assert!(abort.is_finished());
    assert_eq!(seen.future_drops.load(Ordering::SeqCst), 1);
    assert_eq!(Rc::strong_count(&shared), 1);
    if let Some(joined) = joined {
        match joined {
            Ok(output) => {
                assert!(completes && !case.future_bomb);
                assert_eq!(seen.output_drops.load(Ordering::SeqCst), 0);
                let _ = catch_unwind(AssertUnwindSafe(|| drop(output)));
            }
            Err(error) if error.is_panic() => {
                assert!(case.does == Does::Panics || case.future_bomb);
            }
            Err(error) => {
                assert!(error.is_cancelled() && !completes && !case.future_bomb);
            }
        }
    }
    assert_eq!(
        seen.output_drops.load(Ordering::SeqCst),
        usize::from(completes)
    );
    drop(abort);
    assert_eq!(Arc::strong_count(&host), 1, "a cell was leaked");
}

#[test]
fn every_life() {
    let hook = std::panic::take_hook();
    // Hundreds of panics on purpose.
    std::panic::set_hook(Box::new(|_| {}));
    let mut cases = 0;
    let mut failed = Vec::new();
    for does in [Does::Completes, Does::PendsOnce, Does::Pends, Does::Panics] {
        for handle in [
            Handle::Joined,
            Handle::JoinedElsewhere,
            Handle::DetachedBefore,
            Handle::DetachedAfter,
            Handle::DetachedElsewhere,
            Handle::Aborted,
            Handle::AbortedElsewhere,
            Handle::Cancelled,
            Handle::Closed,
        ] {
            for (future_bomb, output_bomb) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let case = Case {
                    does,
                    handle,
                    future_bomb,
                    output_bomb,
                };
                cases += 1;
                if let Err(payload) = catch_unwind(|| check(case)) {
                    failed.push(format!("{case:?}: {:?}", payload.downcast_ref::<String>()));
                }
            }
        }
    }
    std::panic::set_hook(hook);
    assert_eq!(cases, 144);
    assert!(failed.is_empty(), "{failed:#?}");
}
