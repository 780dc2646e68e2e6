//! The memory of cells that were freed, kept for the next ones.
//!
//! A task is often spawned soon after another has ended, and an allocator that
//! serves all threads and sizes takes as long for it as all the rest of the
//! task's life does. What is kept are the allocator's own blocks, one by one, so
//! a block can be given back at any time, and on any thread.
//!
//! # State
//!
//! Free blocks of one [`SizeClass`] are in one list, through their first word.
//! `kept` is how many bytes there are in all lists.
//!
//! # Limits
//!
//! No more than [`AWAKE`] bytes are kept, and no more than [`ASLEEP`] once the
//! thread has nothing to do. Cells of no class are never kept.
//!
//! # Invariants
//!
//! 1. A block in a list was allocated with its class's layout, and is nobody's.
//! 2. Only the queue's owner touches the lists.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::size_class::{CLASSES, SizeClass};

/// What is kept at most, in bytes: some ten thousand tasks of the usual size.
pub(super) const AWAKE: usize = 2 << 20;

/// What is kept at most while the thread sleeps.
pub(super) const ASLEEP: usize = 64 << 10;

/// A block in a list.
struct Free {
    next: Option<NonNull<Free>>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Cache {
    lists: [Cell<Option<NonNull<Free>>>; CLASSES],
    kept: Cell<usize>,
}

impl Cache {
    /// A block of this class, its contents undefined.
    #[inline]
    pub(super) fn take(&self, class: SizeClass) -> NonNull<u8> {
        let list = self.lists.get(class.index());
        match list.and_then(|list| self.pop(list, class)) {
            Some(block) => block,
            None => class.allocate(),
        }
    }

    #[inline]
    fn pop(&self, list: &Cell<Option<NonNull<Free>>>, class: SizeClass) -> Option<NonNull<u8>> {
        let free = list.get()?;
        // SAFETY: by the invariants it is a free block, ours to look at.
        list.set(unsafe { free.as_ref() }.next);
        self.kept.set(self.kept.get() - class.size());
        Some(free.cast())
    }

    /// Whether a block of this class would be kept.
    #[inline]
    pub(super) fn keeps(&self, class: SizeClass) -> bool {
        class.index() < CLASSES && self.kept.get() + class.size() <= AWAKE
    }

    /// Keeps a block, or gives it back to the allocator.
    ///
    /// # Safety
    ///
    /// It must have been allocated for this class, and be the caller's.
    #[inline]
    pub(super) unsafe fn give(&self, class: SizeClass, block: NonNull<u8>) {
        if self.keeps(class) {
            // SAFETY: the caller's promise goes on.
            unsafe { self.keep(class, block) };
        } else {
            // SAFETY: the caller's promise goes on.
            unsafe { class.deallocate(block) };
        }
    }

    /// Keeps a block of a class that it [keeps](Self::keeps).
    ///
    /// # Safety
    ///
    /// As of [`give`](Self::give), and it keeps the class.
    #[inline]
    pub(super) unsafe fn keep(&self, class: SizeClass, block: NonNull<u8>) {
        debug_assert!(self.keeps(class));
        // SAFETY: a class that is kept has a list.
        let list = unsafe { self.lists.get_unchecked(class.index()) };
        let free: NonNull<Free> = block.cast();
        // SAFETY: the block is the caller's; a class is as large and as aligned as a
        // pointer.
        unsafe { free.write(Free { next: list.get() }) };
        list.set(Some(free));
        self.kept.set(self.kept.get() + class.size());
    }

    /// Gives blocks back until no more than `limit` bytes are kept.
    #[inline]
    pub(super) fn trim(&self, limit: usize) {
        if self.kept.get() > limit {
            self.give_back(limit);
        }
    }

    #[cold]
    fn give_back(&self, limit: usize) {
        for (index, list) in self.lists.iter().enumerate().rev() {
            let class = SizeClass::at(index);
            while self.kept.get() > limit {
                let Some(block) = self.pop(list, class) else {
                    break;
                };
                // SAFETY: it came from the list of its class.
                unsafe { class.deallocate(block) };
            }
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.trim(0);
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
