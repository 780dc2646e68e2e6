//! The slot for the task that was woken last, which runs next.
//!
//! A task that is woken by the one being polled usually continues what that one
//! did, with the data still in the cache. So it does not queue up: it waits in
//! this slot, and the runner takes it first. Others are not told of it; whoever
//! finds the owner in one and the same poll for long may take it.
//!
//! # Invariant
//!
//! One thread at a time is the owner, and only it puts something in. So a slot
//! that the owner finds empty stays empty until it fills it.

use std::ptr;

use crate::atomic::{AtomicPtr, Ordering};

/// See the module.
pub(crate) struct Lifo(AtomicPtr<()>);

impl Lifo {
    pub(crate) fn new() -> Lifo {
        Lifo(AtomicPtr::new(ptr::null_mut()))
    }

    /// Puts an entry in. Gives back the one that it drives out.
    ///
    /// # Safety
    ///
    /// The caller must be the owner.
    #[inline]
    pub(crate) unsafe fn put(&self, entry: *mut ()) -> Option<*mut ()> {
        if self.0.load(Ordering::Relaxed).is_null() {
            // ORDERING: Release pairs with the Acquire in `take`. A plain store
            // does: nobody else fills the slot.
            self.0.store(entry, Ordering::Release);
            return None;
        }
        // ORDERING: Release as above; Acquire, because what comes out may be run
        // here next.
        let old = self.0.swap(entry, Ordering::AcqRel);
        (!old.is_null()).then_some(old)
    }

    /// Takes the entry out. Any thread may.
    #[inline]
    pub(crate) fn take(&self) -> Option<*mut ()> {
        if self.is_empty() {
            return None;
        }
        // ORDERING: Acquire pairs with the Release in `put`.
        let entry = self.0.swap(ptr::null_mut(), Ordering::Acquire);
        (!entry.is_null()).then_some(entry)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed).is_null()
    }
}

#[cfg(test)]
mod tests;
