//! Wakers whose panics go no further.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Wakes the waker inside, and keeps a panic of it to itself: the panic hook has
/// reported it, and who wakes is not to blame.
struct Calm(Waker);

impl Wake for Calm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.0.wake_by_ref()));
    }
}

/// A waker that wakes `waker` and never panics.
///
/// async-task aborts the process when the waker of whoever awaits a task panics.
pub(crate) fn calm(waker: &Waker) -> Waker {
    Waker::from(Arc::new(Calm(waker.clone())))
}
