//! The future of a `block_on`: polled when it was woken, beside the tasks.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use sinew_core::{Unpark, coop, record};

struct MainWaker {
    woken: AtomicBool,
    /// Ends the wait of the thread that polls. Set before the first poll.
    unparker: OnceLock<Arc<dyn Unpark>>,
}

impl Wake for MainWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: Release pairs with the Acquire in `MainFuture::poll`: what
        // was done before the wake is seen by the poll.
        if !self.woken.swap(true, Ordering::Release) {
            if let Some(unparker) = self.unparker.get() {
                unparker.unpark();
            }
        }
    }
}

/// A future on this thread's stack, and whether it wants to be polled.
pub(crate) struct MainFuture<'f, F: Future> {
    future: Pin<&'f mut F>,
    main: Arc<MainWaker>,
    waker: Waker,
    output: Option<F::Output>,
}

impl<'f, F: Future> MainFuture<'f, F> {
    pub(crate) fn new(future: Pin<&'f mut F>) -> Self {
        let main = Arc::new(MainWaker {
            // It has not been polled yet.
            woken: AtomicBool::new(true),
            unparker: OnceLock::new(),
        });
        MainFuture {
            future,
            waker: Waker::from(main.clone()),
            main,
            output: None,
        }
    }

    /// The output, if the future is done.
    pub(crate) fn into_done(self) -> Option<F::Output> {
        self.output
    }

    /// The output, after [`poll`](Main::poll) was `true`.
    pub(crate) fn into_output(self) -> F::Output {
        match self.output {
            Some(output) => output,
            None => unreachable!("the thread went on before its future was done"),
        }
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
        self.main.woken.load(Ordering::Relaxed)
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
        if !self.main.woken.swap(false, Ordering::Acquire) {
            return false;
        }
        let mut cx = Context::from_waker(&self.waker);
        let polled = record::outside(|| coop::budget(|| self.future.as_mut().poll(&mut cx)));
        match polled {
            Poll::Ready(output) => {
                self.output = Some(output);
                true
            }
            Poll::Pending => false,
        }
    }
}
