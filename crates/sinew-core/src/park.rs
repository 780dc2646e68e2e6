//! The Park seam: how a thread without work waits, and how others end its wait.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// Ends the wait of one [`Park`].
///
/// May be called from any thread and any number of times. A call while the
/// parker is not parked is remembered: the next [`Park::park`] returns at once.
/// Several calls before a park are remembered as one.
pub trait Unpark: Send + Sync + 'static {
    /// Ends the current or the next wait.
    fn unpark(&self);
}

/// What an idle thread waits on.
///
/// An executor calls [`park`](Park::park) when it has nothing to run. The
/// simplest parker puts the thread to sleep ([`ThreadPark`]); a runtime's
/// parker turns the reactor and fires timers meanwhile.
///
/// A park may return for no reason. The caller looks for work and parks again.
pub trait Park {
    /// Waits until [`Unpark::unpark`] is called, `deadline` has passed, or the
    /// parker has done something that may have made work. A deadline that has
    /// passed means: do what can be done without waiting.
    ///
    /// A parker that wakes tasks itself, on this thread, returns after that without
    /// being unparked: executors do not unpark their own thread.
    fn park(&mut self, deadline: Option<Instant>);

    /// As [`park`](Self::park), without taking on anything that another thread
    /// would have to wait for: a parker that drives a reactor leaves it alone and
    /// merely sleeps. The same as `park` by default.
    fn park_aside(&mut self, deadline: Option<Instant>) {
        self.park(deadline);
    }

    /// Does what can be done without waiting: for a parker that drives a
    /// reactor or timers, collects what is ready. A busy executor calls this
    /// every now and then. Does nothing by default.
    fn poll(&mut self) {}

    /// The handle by which other threads end the wait.
    fn unparker(&self) -> Arc<dyn Unpark>;
}

/// A [`Park`] that puts the thread to sleep and does nothing else, over the
/// `parking` crate.
///
/// ```
/// use sinew_core::{Park, ThreadPark};
/// use std::time::Instant;
///
/// let mut park = ThreadPark::new();
/// park.unparker().unpark();
/// park.park(None); // returns at once: the token was there
/// park.park(Some(Instant::now())); // returns at once: the deadline has passed
/// ```
pub struct ThreadPark {
    parker: parking::Parker,
    unparker: Arc<ThreadUnpark>,
}

struct ThreadUnpark(parking::Unparker);

impl Unpark for ThreadUnpark {
    fn unpark(&self) {
        self.0.unpark();
    }
}

impl ThreadPark {
    /// A parker for the current thread, or for any one thread at a time.
    #[must_use]
    pub fn new() -> Self {
        let parker = parking::Parker::new();
        let unparker = Arc::new(ThreadUnpark(parker.unparker()));
        ThreadPark { parker, unparker }
    }
}

impl Default for ThreadPark {
    fn default() -> Self {
        ThreadPark::new()
    }
}

impl Park for ThreadPark {
    fn park(&mut self, deadline: Option<Instant>) {
        match deadline {
            Some(deadline) => {
                self.parker.park_deadline(deadline);
            }
            None => self.parker.park(),
        }
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.unparker.clone()
    }
}

impl fmt::Debug for ThreadPark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPark").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
