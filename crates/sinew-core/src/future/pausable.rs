//! A future that can be held still.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use crate::leaf::{self, Kind, Wait};

/// Makes a future that its handle can hold still and let go on.
///
/// ```
/// use sinew_core::future::pausable;
/// use std::future::{Future, poll_fn};
/// use std::pin::pin;
/// use std::task::Poll;
///
/// sinew_core::block_on(async {
///     let (future, handle) = pausable(async { "done" });
///     let mut future = pin!(future);
///     handle.pause();
///     poll_fn(|cx| {
///         assert!(future.as_mut().poll(cx).is_pending());
///         Poll::Ready(())
///     })
///     .await;
///     handle.resume();
///     assert_eq!(future.await, "done");
/// });
/// ```
#[track_caller]
pub fn pausable<F: Future>(future: F) -> (Pausable<F>, PauseHandle) {
    let state = Arc::new(Mutex::new(State::default()));
    let pausable = Pausable {
        future,
        state: state.clone(),
        location: Location::caller(),
    };
    (pausable, PauseHandle(state))
}

#[derive(Default)]
struct State {
    paused: bool,
    /// Left by a poll that found it paused.
    waiting: Option<Waker>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

pin_project! {
    /// The future of [`pausable`].
    ///
    /// While it is paused it is not polled: what wakes it meanwhile is looked at
    /// when it goes on. It holds what it holds, locks and sockets among them.
    ///
    /// # Cancel safety
    ///
    /// That of the future inside; dropping it drops that.
    #[must_use = "futures do nothing unless polled"]
    pub struct Pausable<F> {
        #[pin]
        future: F,
        state: Arc<Mutex<State>>,
        location: &'static Location<'static>,
    }
}

impl<F: Future> Future for Pausable<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let old = {
            let mut state = lock(this.state);
            if state.paused {
                let waker = cx.waker().clone();
                Some(state.waiting.replace(waker))
            } else {
                None
            }
        };
        if old.is_none() {
            // A pause from here on is seen by the next poll.
            return this.future.poll(cx);
        }
        // Another's waker, dropped outside of the lock.
        drop(old);
        leaf::pending(&Wait {
            kind: Kind::Other,
            resource: Arc::as_ptr(this.state).addr() as u64,
            location: this.location,
        })
    }
}

impl<F: fmt::Debug> fmt::Debug for Pausable<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pausable")
            .field("future", &self.future)
            .field("paused", &lock(&self.state).paused)
            .finish()
    }
}

/// Holds a [`Pausable`] still and lets it go on. Clones are handles of the same
/// future; dropping them changes nothing.
#[derive(Clone)]
pub struct PauseHandle(Arc<Mutex<State>>);

impl PauseHandle {
    /// From the next poll on, the future stands still. A poll under way ends first.
    pub fn pause(&self) {
        lock(&self.0).paused = true;
    }

    /// Lets the future go on.
    pub fn resume(&self) {
        let waiting = {
            let mut state = lock(&self.0);
            state.paused = false;
            state.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Whether the future is to stand still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        lock(&self.0).paused
    }
}

impl fmt::Debug for PauseHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PauseHandle")
            .field("paused", &self.is_paused())
            .finish()
    }
}
