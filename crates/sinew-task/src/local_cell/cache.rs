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
//! thread has nothing to do. Cells above [`LARGEST`] bytes are never kept.
//!
//! # Invariants
//!
//! 1. A block in a list was allocated with its class's layout, and is nobody's.
//! 2. Only the queue's owner touches the lists.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// What is kept at most, in bytes: some ten thousand tasks of the usual size.
pub(super) const AWAKE: usize = 2 << 20;

/// What is kept at most while the thread sleeps.
pub(super) const ASLEEP: usize = 64 << 10;

/// Cells up to this size are kept.
const LARGEST: usize = 512;

/// Classes are multiples of this. What the usual allocators round up to as well.
const STEP: usize = 16;

const CLASSES: usize = LARGEST / STEP;

/// No class: the block is of its own layout and never kept.
const NONE: u8 = u8::MAX;

/// How the block of a cell is allocated, known when the program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SizeClass {
    index: u8,
    layout: Layout,
}

impl SizeClass {
    pub(super) const fn of<T>() -> SizeClass {
        let layout = Layout::new::<T>();
        let steps = layout.size().div_ceil(STEP);
        // With the sanitizers each cell is to be the allocator's alone.
        if cfg!(sinew_plain_cells) || layout.align() > STEP || steps == 0 || steps > CLASSES {
            return SizeClass {
                index: NONE,
                layout,
            };
        }
        match Layout::from_size_align(steps * STEP, STEP) {
            Ok(layout) => SizeClass {
                index: (steps - 1) as u8,
                layout,
            },
            Err(_) => panic!("a small size is a valid one"),
        }
    }

    /// Allocates a block.
    pub(super) fn allocate(self) -> NonNull<u8> {
        // SAFETY: a cell has a header, so its size is not zero.
        let block = unsafe { alloc(self.layout) };
        match NonNull::new(block) {
            Some(block) => block,
            None => handle_alloc_error(self.layout),
        }
    }

    /// Gives a block back to the allocator.
    ///
    /// # Safety
    ///
    /// It must have been allocated for this class, and be the caller's.
    pub(super) unsafe fn deallocate(self, block: NonNull<u8>) {
        // SAFETY: the caller's promise: the layout is that of its allocation.
        unsafe { dealloc(block.as_ptr(), self.layout) };
    }
}

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
        let list = self.lists.get(usize::from(class.index));
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
        self.kept.set(self.kept.get() - class.layout.size());
        Some(free.cast())
    }

    /// Keeps a block, or gives it back to the allocator.
    ///
    /// # Safety
    ///
    /// It must have been allocated for this class, and be the caller's.
    #[inline]
    pub(super) unsafe fn give(&self, class: SizeClass, block: NonNull<u8>) {
        let kept = self.kept.get() + class.layout.size();
        match self.lists.get(usize::from(class.index)) {
            Some(list) if kept <= AWAKE => {
                let free: NonNull<Free> = block.cast();
                // SAFETY: the block is the caller's; a class is as large and
                // as aligned as a pointer.
                unsafe { free.write(Free { next: list.get() }) };
                list.set(Some(free));
                self.kept.set(kept);
            }
            // SAFETY: the caller's promise goes on.
            _ => unsafe { class.deallocate(block) },
        }
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
            let layout = Layout::from_size_align((index + 1) * STEP, STEP);
            let class = SizeClass {
                index: index as u8,
                layout: layout.expect("a small size is a valid one"),
            };
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
