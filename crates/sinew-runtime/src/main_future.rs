//! The future of a `block_on`: polled when it was woken, beside the tasks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use sinew_core::{Unpark, coop, record};

struct MainWaker {
    woken: AtomicBool,
    unparker: Arc<dyn Unpark>,
}

impl Wake for MainWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: Release pairs with the Acquire in `MainFuture::poll`: what
        // was done before the wake is seen by the poll.
        if !self.woken.swap(true, Ordering::Release) {
            self.unparker.unpark();
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
    /// `unparker` ends the wait of the thread that polls.
    pub(crate) fn new(future: Pin<&'f mut F>, unparker: Arc<dyn Unpark>) -> Self {
        let main = Arc::new(MainWaker {
            // It has not been polled yet.
            woken: AtomicBool::new(true),
            unparker,
        });
        MainFuture {
            future,
            waker: Waker::from(main.clone()),
            main,
            output: None,
        }
    }

    /// Polls the future if it was woken since the last time. `true` once it is done.
    pub(crate) fn poll(&mut self) -> bool {
        // A plain load first: this is asked before each task.
        if self.output.is_some() {
            return true;
        }
        // ORDERING: Acquire pairs with the Release in `wake_by_ref`.
        if !self.main.woken.load(Ordering::Relaxed)
            || !self.main.woken.swap(false, Ordering::Acquire)
        {
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

    /// The output, after [`poll`](Self::poll) was `true`.
    pub(crate) fn into_output(self) -> F::Output {
        match self.output {
            Some(output) => output,
            None => unreachable!("the thread went on before its future was done"),
        }
    }
}
