//! `PollSemaphore`: a semaphore with a `poll_` method.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::{AcquireError, OwnedSemaphorePermit, ReusableBoxFuture, Semaphore, TryAcquireError};

/// A [`Semaphore`] whose permits are taken by a `poll_` method, for futures and
/// streams written by hand. As a [`Stream`], it ends when the semaphore is closed.
pub struct PollSemaphore {
    semaphore: Arc<Semaphore>,
    /// The box stays for the next wait.
    acquire: Option<ReusableBoxFuture<'static, Result<OwnedSemaphorePermit, AcquireError>>>,
    /// How many the future in the box waits for; 0 if it is over.
    waiting_for: u32,
}

impl PollSemaphore {
    /// Wraps a semaphore.
    pub fn new(semaphore: Arc<Semaphore>) -> PollSemaphore {
        PollSemaphore {
            semaphore,
            acquire: None,
            waiting_for: 0,
        }
    }

    /// Closes the semaphore.
    pub fn close(&self) {
        self.semaphore.close();
    }

    /// The semaphore.
    pub fn clone_inner(&self) -> Arc<Semaphore> {
        self.semaphore.clone()
    }

    /// The semaphore.
    pub fn into_inner(self) -> Arc<Semaphore> {
        self.semaphore
    }

    /// Takes one permit, in turn; `None` if the semaphore is closed. After
    /// `Pending`, the waker of the last call is woken.
    pub fn poll_acquire(&mut self, cx: &mut Context<'_>) -> Poll<Option<OwnedSemaphorePermit>> {
        self.poll_acquire_many(cx, 1)
    }

    /// Takes `permits` permits, in turn; `None` if the semaphore is closed. After
    /// `Pending`, the waker of the last call is woken. Keeps its place in the queue
    /// as long as the calls ask for the same number.
    pub fn poll_acquire_many(
        &mut self,
        cx: &mut Context<'_>,
        permits: u32,
    ) -> Poll<Option<OwnedSemaphorePermit>> {
        if self.waiting_for != permits || permits == 0 {
            // Gives up the place of another request.
            if std::mem::take(&mut self.waiting_for) != 0 {
                self.acquire = None;
            }
            match self.semaphore.clone().try_acquire_many_owned(permits) {
                Ok(permit) => return Poll::Ready(Some(permit)),
                Err(TryAcquireError::Closed) => return Poll::Ready(None),
                Err(TryAcquireError::NoPermits) => self.start(permits),
            }
        }
        let Some(acquire) = &mut self.acquire else {
            unreachable!("there is a future while something is waited for");
        };
        let result = ready!(acquire.poll(cx));
        self.waiting_for = 0;
        Poll::Ready(result.ok())
    }

    fn start(&mut self, permits: u32) {
        let future = self.semaphore.clone().acquire_many_owned(permits);
        match &mut self.acquire {
            Some(acquire) => acquire.set(future),
            None => self.acquire = Some(ReusableBoxFuture::new(future)),
        }
        self.waiting_for = permits;
    }

    /// As [`Semaphore::available_permits`].
    pub fn available_permits(&self) -> usize {
        self.semaphore.available_permits()
    }

    /// As [`Semaphore::add_permits`].
    ///
    /// # Panics
    ///
    /// When there would be more than [`Semaphore::MAX_PERMITS`] at a time.
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        self.semaphore.add_permits(n);
    }
}

impl Stream for PollSemaphore {
    type Item = OwnedSemaphorePermit;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<OwnedSemaphorePermit>> {
        self.get_mut().poll_acquire(cx)
    }
}

impl Clone for PollSemaphore {
    /// The same semaphore; the clone waits on its own.
    fn clone(&self) -> PollSemaphore {
        PollSemaphore::new(self.clone_inner())
    }
}

impl AsRef<Semaphore> for PollSemaphore {
    fn as_ref(&self) -> &Semaphore {
        &self.semaphore
    }
}

impl fmt::Debug for PollSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollSemaphore")
            .field("semaphore", &self.semaphore)
            .finish_non_exhaustive()
    }
}
