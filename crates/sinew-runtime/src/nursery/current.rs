//! In which nursery a task is.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

use super::core::Core;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Core>>> = const { RefCell::new(None) };
}

/// The nursery of the task that this thread polls.
pub(super) fn get() -> Option<Arc<Core>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Exchanges the current nursery for that in `slot`, calls `f`, and exchanges them
/// back: so a poll counts no references.
pub(super) fn within<R>(slot: &mut Option<Arc<Core>>, f: impl FnOnce() -> R) -> R {
    struct Back<'a>(&'a mut Option<Arc<Core>>);
    impl Drop for Back<'_> {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|current| mem::swap(current, self.0));
        }
    }
    CURRENT.with_borrow_mut(|current| mem::swap(current, slot));
    let _back = Back(slot);
    f()
}
