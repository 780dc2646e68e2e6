//! How large the memory of a cell is, in classes, so that cells of different futures
//! can take each other's.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// Cells up to this size are kept.
pub(crate) const LARGEST: usize = 512;

/// Classes are multiples of this. What the usual allocators round up to as well.
const STEP: usize = 16;

/// How many classes there are.
pub(crate) const CLASSES: usize = LARGEST / STEP;

/// No class: the block is of its own layout and never kept.
const NONE: u8 = u8::MAX;

/// How the block of a cell is allocated, known when the program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SizeClass {
    index: u8,
    layout: Layout,
}

impl SizeClass {
    pub(crate) const fn of<T>() -> SizeClass {
        let layout = Layout::new::<T>();
        let steps = layout.size().div_ceil(STEP);
        // With the sanitizers each cell is to be the allocator's alone.
        if cfg!(sinew_plain_cells) || layout.align() > STEP || steps == 0 || steps > CLASSES {
            return SizeClass {
                index: NONE,
                layout,
            };
        }
        SizeClass::at(steps - 1)
    }

    /// The class of this index.
    pub(crate) const fn at(index: usize) -> SizeClass {
        assert!(index < CLASSES, "there is no such class");
        match Layout::from_size_align((index + 1) * STEP, STEP) {
            Ok(layout) => SizeClass {
                index: index as u8,
                layout,
            },
            Err(_) => panic!("a small size is a valid one"),
        }
    }

    /// Its index among the classes; beyond them for what is never kept.
    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.index as usize
    }

    /// The size of its blocks, in bytes.
    #[inline]
    pub(crate) const fn size(self) -> usize {
        self.layout.size()
    }

    #[cfg(all(test, not(sinew_loom)))]
    pub(crate) const fn align(self) -> usize {
        self.layout.align()
    }

    /// Allocates a block.
    pub(crate) fn allocate(self) -> NonNull<u8> {
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
    pub(crate) unsafe fn deallocate(self, block: NonNull<u8>) {
        // SAFETY: the caller's promise: the layout is that of its allocation.
        unsafe { dealloc(block.as_ptr(), self.layout) };
    }
}
