//! The future of a `block_on`: polled when it was woken, beside the tasks.
//!
//! # State
//!
//! One word: [`WOKEN`] since it was woken, [`FRESH`] before the first poll, [`POLLING`] while
//! it is polled, [`AWAY`] while its thread is in another `block_on` further up on the stack,
//! and [`ENDED`] once it is polled no more.
//!
//! While the word is just `WOKEN` the future is [counted](WokenMains): its thread, which
//! may still be asleep, is about to poll it, so that not all is idle. With any of the
//! others it is not: the thread is known to be busy, or it waits in the other `block_on`, for
//! which a paused clock may have to go on.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicIsize, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use sinew_core::{Unpark, coop, record};

use crate::driver::Driver;

const WOKEN: u8 = 1;
const POLLING: u8 = 2;
const ENDED: u8 = 4;
const FRESH: u8 = 8;
const AWAY: u8 = 16;

thread_local! {
    /// Of the `block_on` that this thread is in, the innermost one.
    static INNERMOST: Cell<Option<Arc<MainWaker>>> = const { Cell::new(None) };
}

/// Sets the innermost one, and returns the one before. A thread that is about to end has
/// none.
fn replace_innermost(main: Option<Arc<MainWaker>>) -> Option<Arc<MainWaker>> {
    INNERMOST
        .try_with(|innermost| innermost.replace(main))
        .unwrap_or(None)
}

/// How many main futures have been woken and are not being polled yet.
#[derive(Default)]
pub(crate) struct WokenMains(AtomicIsize);

impl WokenMains {
    pub(crate) fn is_any(&self) -> bool {
        // ORDERING: SeqCst, as all that decides whether a paused clock may go on. Less
        // than zero while who wakes has not come to counting and the poll has begun.
        self.0.load(Ordering::SeqCst) > 0
    }

    fn add(&self, count: isize) {
        // ORDERING: SeqCst, as above.
        self.0.fetch_add(count, Ordering::SeqCst);
    }
}

struct MainWaker {
    state: AtomicU8,
    /// Those of its driver, which a waker that lives on does not keep.
    counted: Arc<WokenMains>,
    /// Ends the wait of the thread that polls. Set before the first poll.
    unparker: OnceLock<Arc<dyn Unpark>>,
}

impl MainWaker {
    /// The thread goes into another `block_on`.
    fn leave_alone(&self) {
        // ORDERING: Relaxed, here and below; only who is counted matters.
        if self.state.fetch_or(AWAY, Ordering::Relaxed) == WOKEN {
            self.counted.add(-1);
        }
    }

    /// The thread is back.
    fn come_back(&self) {
        if self.state.fetch_and(!AWAY, Ordering::Relaxed) == AWAY | WOKEN {
            self.counted.add(1);
        }
    }
}

impl Wake for MainWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: Release pairs with the Acquire in `MainFuture::poll`: what
        // was done before the wake is seen by the poll.
        let before = self.state.fetch_or(WOKEN, Ordering::Release);
        if before & (WOKEN | ENDED) != 0 {
            return;
        }
        if before == 0 {
            self.counted.add(1);
        }
        // After the counting: whoever missed it is told to look again.
        if let Some(unparker) = self.unparker.get() {
            unparker.unpark();
        }
    }
}

/// A future on this thread's stack, and whether it wants to be polled. Dropped by this
/// thread too, before that of the `block_on` around it.
pub(crate) struct MainFuture<'f, F: Future> {
    future: Pin<&'f mut F>,
    driver: &'f Driver,
    main: Arc<MainWaker>,
    /// That of the `block_on` around this one on this thread.
    outer: Option<Arc<MainWaker>>,
    waker: Waker,
    output: Option<F::Output>,
}

impl<'f, F: Future> MainFuture<'f, F> {
    pub(crate) fn new(future: Pin<&'f mut F>, driver: &'f Driver) -> Self {
        let main = Arc::new(MainWaker {
            // It has not been polled yet.
            state: AtomicU8::new(WOKEN | FRESH),
            counted: driver.woken_mains.clone(),
            unparker: OnceLock::new(),
        });
        let outer = replace_innermost(Some(main.clone()));
        if let Some(outer) = &outer {
            outer.leave_alone();
        }
        MainFuture {
            future,
            driver,
            outer,
            waker: Waker::from(main.clone()),
            main,
            output: None,
        }
    }

    /// The output, if the future is done.
    pub(crate) fn into_done(mut self) -> Option<F::Output> {
        self.output.take()
    }

    /// The output, after [`poll`](Main::poll) was `true`.
    pub(crate) fn into_output(self) -> F::Output {
        match self.into_done() {
            Some(output) => output,
            None => unreachable!("the thread went on before its future was done"),
        }
    }
}

impl<F: Future> Drop for MainFuture<'_, F> {
    fn drop(&mut self) {
        // ORDERING: Relaxed; only who is counted matters.
        if self.main.state.fetch_or(ENDED, Ordering::Relaxed) == WOKEN {
            self.main.counted.add(-1);
            self.driver.reconsider();
        }
        if let Some(outer) = &self.outer {
            outer.come_back();
        }
        replace_innermost(self.outer.take());
    }
}

/// A future of a `block_on`, as the flavours see it: without its type, so that
/// what they do is compiled once and not for each future.
pub(crate) trait Main {
    /// Sets what ends the wait of the thread that polls.
    fn set_unparker(&mut self, unparker: Arc<dyn Unpark>);

    /// Whether the future was woken since it was polled last. One plain load.
    fn is_woken(&self) -> bool;

    /// Polls the future if it was woken since the last time. `true` once it is done.
    fn poll(&mut self) -> bool;
}

impl<F: Future> Main for MainFuture<'_, F> {
    fn set_unparker(&mut self, unparker: Arc<dyn Unpark>) {
        // Set once: a thread goes into one kind of wait.
        let _ = self.main.unparker.set(unparker);
    }

    #[inline]
    fn is_woken(&self) -> bool {
        self.main.state.load(Ordering::Relaxed) & WOKEN != 0
    }

    fn poll(&mut self) -> bool {
        // A plain load first: this is asked before each task.
        match self.is_woken() {
            true => self.poll_woken(),
            false => self.output.is_some(),
        }
    }
}

impl<F: Future> MainFuture<'_, F> {
    #[inline(never)]
    fn poll_woken(&mut self) -> bool {
        if self.output.is_some() {
            return true;
        }
        // ORDERING: Acquire pairs with the Release in `wake_by_ref`.
        if self.main.state.swap(POLLING, Ordering::Acquire) == WOKEN {
            self.main.counted.add(-1);
        }
        let mut cx = Context::from_waker(&self.waker);
        let polled = record::outside(|| coop::budget(|| self.future.as_mut().poll(&mut cx)));
        match polled {
            Poll::Ready(output) => {
                self.output = Some(output);
                true
            }
            Poll::Pending => {
                // ORDERING: Relaxed; what was done before a wake is seen by the next poll.
                let state = self.main.state.fetch_and(!POLLING, Ordering::Relaxed);
                if state & WOKEN != 0 {
                    self.main.counted.add(1);
                }
                false
            }
        }
    }
}
