//! `CancellationToken`: ask tasks to stop.

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::ptr;
use std::sync::Arc;

use crate::latch::{Latch, Place};

mod future;
mod guard;
mod tree;

pub use future::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
pub use guard::{DropGuard, DropGuardRef};

use future::Run;
use tree::Node;

/// Asks tasks to stop. Clones are the same token; children are cancelled with their
/// parent, but not the other way round.
///
/// ```
/// use sinew_sync::CancellationToken;
///
/// let server = CancellationToken::new();
/// let connection = server.child_token();
/// std::thread::scope(|s| {
///     s.spawn(|| sinew_core::block_on(connection.cancelled()));
///     server.cancel();
/// });
/// assert!(connection.is_cancelled());
/// ```
pub struct CancellationToken {
    node: Arc<Node>,
}

impl CancellationToken {
    /// A token that is not cancelled and has no parent.
    #[must_use]
    pub fn new() -> CancellationToken {
        CancellationToken { node: Node::root() }
    }

    /// A token that is cancelled when this one is, and may be on its own. Cancelled
    /// from the start if this one is.
    ///
    /// It does not keep this token alive: if all clones of this one are dropped, it
    /// is cancelled with the nearest ancestor that is left.
    #[must_use]
    pub fn child_token(&self) -> CancellationToken {
        CancellationToken {
            node: self.node.child(),
        }
    }

    /// Cancels this token and all below it, and wakes who waits for them. Does
    /// nothing if it is cancelled already.
    pub fn cancel(&self) {
        self.node.cancel();
    }

    /// Whether this token has been cancelled.
    #[inline]
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.node.latch.is_open()
    }

    /// Waits until this token is cancelled.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture {
            token: self,
            place: Place::new(),
        }
    }

    /// Waits until this token is cancelled, with a future that borrows nothing.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped, but for this clone of the token.
    #[track_caller]
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned {
            token: self,
            place: Place::new(),
        }
    }

    /// A guard that cancels this token when it is dropped.
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// A guard that cancels this token when it is dropped, and borrows it.
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }

    /// Runs `fut` until it is done, or until this token is cancelled: then `None`,
    /// and `fut` is dropped. Not even started if the token is cancelled already; if
    /// both come at once, `fut` counts.
    ///
    /// ```
    /// use sinew_sync::CancellationToken;
    ///
    /// # sinew_core::block_on(async {
    /// let token = CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, Some(1));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, None);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// As of `fut`, which is dropped with the future.
    #[track_caller]
    pub fn run_until_cancelled<F>(&self, fut: F) -> impl Future<Output = Option<F::Output>>
    where
        F: Future,
    {
        Run {
            cancelled: self.cancelled(),
            future: fut,
            started: false,
        }
    }

    /// As [`run_until_cancelled`](Self::run_until_cancelled), with a future that
    /// owns the token.
    ///
    /// # Cancel safety
    ///
    /// As of `fut`, which is dropped with the future.
    #[track_caller]
    pub fn run_until_cancelled_owned<F>(self, fut: F) -> impl Future<Output = Option<F::Output>>
    where
        F: Future,
    {
        let location = Location::caller();
        async move {
            let cancelled = WaitForCancellationFuture {
                token: &self,
                place: Place::at(location),
            };
            let run = Run {
                cancelled,
                future: fut,
                started: false,
            };
            run.await
        }
    }

    fn latch(&self) -> &Latch {
        &self.node.latch
    }
}

impl Clone for CancellationToken {
    /// Another handle to the same token.
    fn clone(&self) -> CancellationToken {
        CancellationToken {
            node: self.node.clone(),
        }
    }
}

impl Default for CancellationToken {
    fn default() -> CancellationToken {
        CancellationToken::new()
    }
}

impl PartialEq for CancellationToken {
    /// Whether both are the same token.
    fn eq(&self, other: &CancellationToken) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(Arc::as_ptr(&self.node), state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}

impl UnwindSafe for CancellationToken {}
impl RefUnwindSafe for CancellationToken {}

#[cfg(test)]
mod tests;
