//! A task without an executor: the test polls, and sees whether it was woken.

use std::ops;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_core::Stream;
use sinew_core::coop;

/// Polls that [`Spawn::poll_until_idle`] does before it takes the future for one that spins.
const IDLE_WITHIN: usize = 150;

/// Puts a future, a stream or anything else that is polled into a task of its own, which only
/// the caller polls.
///
/// ```
/// use sinew_testing::task;
///
/// let mut task = task::spawn(async { 7 });
/// assert!(task.poll().is_ready());
/// ```
pub fn spawn<T>(task: T) -> Spawn<T> {
    Spawn {
        woken: Arc::new(Flag::default()),
        inner: Box::pin(task),
    }
}

/// What [`spawn`] gives: the future or stream, pinned, with a waker that counts.
///
/// Awaited itself, it passes the outer task's waker on and notes nothing.
///
/// # Cancel safety
///
/// Dropping it drops what is inside.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Spawn<T> {
    woken: Arc<Flag>,
    inner: Pin<Box<T>>,
}

/// Set by a wake, cleared at the start of each poll.
#[derive(Debug, Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: pairs with the acquire in `is_woken`: who sees the wake sees what the waker
        // did before it.
        self.0.store(true, Ordering::Release);
    }
}

impl<T> Spawn<T> {
    /// Gives the future or stream back.
    pub fn into_inner(self) -> T
    where
        T: Unpin,
    {
        *Pin::into_inner(self.inner)
    }

    /// Whether the task has been woken since its last poll or [`enter`](Self::enter) began.
    pub fn is_woken(&self) -> bool {
        // ORDERING: pairs with the release in `wake_by_ref`.
        self.woken.0.load(Ordering::Acquire)
    }

    /// How many references there are to the task's waker, its own included: 1 means that nobody
    /// has kept one.
    pub fn waker_ref_count(&self) -> usize {
        Arc::strong_count(&self.woken)
    }

    /// Calls `f` with the task's context and what is inside, to poll by other means than
    /// [`poll`](Self::poll). Forgets earlier wakes.
    pub fn enter<F, R>(&mut self, f: F) -> R
    where
        F: FnOnce(&mut Context<'_>, Pin<&mut T>) -> R,
    {
        // ORDERING: relaxed: a wake before this call may be lost in the poll that begins.
        self.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.woken));
        f(&mut Context::from_waker(&waker), self.inner.as_mut())
    }
}

impl<T: Unpin> ops::Deref for Spawn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: Unpin> ops::DerefMut for Spawn<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: Future> Spawn<T> {
    /// Polls the future once, with the whole [budget](sinew_core::coop) of one poll.
    pub fn poll(&mut self) -> Poll<T::Output> {
        self.enter(|cx, future| coop::budget(|| future.poll(cx)))
    }

    /// Polls until the future is ready, or pending without having been woken meanwhile.
    ///
    /// # Panics
    ///
    /// Panics if it still wakes itself after 150 polls.
    pub fn poll_until_idle(&mut self) -> Poll<T::Output> {
        for _ in 0..IDLE_WITHIN {
            let result = self.poll();
            if result.is_ready() || !self.is_woken() {
                return result;
            }
        }
        panic!("poll_until_idle exceeded {IDLE_WITHIN} iterations; the future may be spinning");
    }
}

impl<T: Stream> Spawn<T> {
    /// Polls the stream once.
    pub fn poll_next(&mut self) -> Poll<Option<T::Item>> {
        self.enter(|cx, stream| stream.poll_next(cx))
    }
}

impl<T: Future> Future for Spawn<T> {
    type Output = T::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T::Output> {
        self.inner.as_mut().poll(cx)
    }
}

impl<T: Stream> Stream for Spawn<T> {
    type Item = T::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        self.inner.as_mut().poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
