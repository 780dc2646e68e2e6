//! Handles that abort their task when they are dropped.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::{AbortHandle, JoinError, JoinHandle};

/// A [`JoinHandle`] that aborts its task when it is dropped, instead of
/// detaching it.
///
/// Dropping it does not wait for the task's end; see [`JoinHandle::cancel`].
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe. Awaiting the handle itself and
/// dropping that aborts the task.
#[must_use = "dropping the handle aborts the task at once"]
pub struct AbortOnDropHandle<T> {
    /// `None` only inside of `detach`.
    handle: Option<JoinHandle<T>>,
}

impl<T> AbortOnDropHandle<T> {
    /// Aborts the task of `handle` when dropped.
    pub fn new(handle: JoinHandle<T>) -> AbortOnDropHandle<T> {
        AbortOnDropHandle {
            handle: Some(handle),
        }
    }

    /// Asks the task to end, as [`JoinHandle::abort`] does.
    pub fn abort(&self) {
        self.as_ref().abort();
    }

    /// Whether the task has finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.as_ref().is_finished()
    }

    /// A handle that can abort the task and does not do so when dropped.
    #[must_use]
    pub fn abort_handle(&self) -> AbortHandle {
        self.as_ref().abort_handle()
    }

    /// The plain handle. The task is no longer aborted by a drop.
    pub fn detach(mut self) -> JoinHandle<T> {
        match self.handle.take() {
            Some(handle) => handle,
            None => unreachable!("the handle is taken once, by value"),
        }
    }
}

impl<T> AsRef<JoinHandle<T>> for AbortOnDropHandle<T> {
    fn as_ref(&self) -> &JoinHandle<T> {
        match &self.handle {
            Some(handle) => handle,
            None => unreachable!("the handle is there until `detach` takes it"),
        }
    }
}

impl<T> Future for AbortOnDropHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.handle {
            Some(handle) => Pin::new(handle).poll(cx),
            None => unreachable!("the handle is there until `detach` takes it"),
        }
    }
}

impl<T> Drop for AbortOnDropHandle<T> {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.abort();
        }
    }
}

impl<T> fmt::Debug for AbortOnDropHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortOnDropHandle")
            .field("id", &self.as_ref().id())
            .finish()
    }
}

/// An [`AbortHandle`] that aborts its task when it is dropped.
///
/// It has no output type, so handles of different tasks fit in one collection.
/// It cannot be awaited.
#[must_use = "dropping the handle aborts the task at once"]
pub struct AbortOnDrop {
    /// `None` only inside of `detach`.
    handle: Option<AbortHandle>,
}

impl AbortOnDrop {
    /// Aborts the task of `handle` when dropped.
    pub fn new(handle: AbortHandle) -> AbortOnDrop {
        AbortOnDrop {
            handle: Some(handle),
        }
    }

    fn handle(&self) -> &AbortHandle {
        match &self.handle {
            Some(handle) => handle,
            None => unreachable!("the handle is there until `detach` takes it"),
        }
    }

    /// Asks the task to end, as [`AbortHandle::abort`] does.
    pub fn abort(&self) {
        self.handle().abort();
    }

    /// Whether the task has finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle().is_finished()
    }

    /// The plain handle. The task is no longer aborted by a drop.
    pub fn detach(mut self) -> AbortHandle {
        match self.handle.take() {
            Some(handle) => handle,
            None => unreachable!("the handle is taken once, by value"),
        }
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.abort();
        }
    }
}

impl fmt::Debug for AbortOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortOnDrop")
            .field("id", &self.handle().id())
            .finish()
    }
}
