//! What loom is told of a cell's memory.

use std::cell::Cell;

use loom::alloc::Track;
use loom::cell::UnsafeCell;

/// Loom tells of one that is never ended, and of a use that does not come before the end.
pub(super) struct Life {
    track: Cell<Option<Track<()>>>,
    used: UnsafeCell<()>,
}

impl Default for Life {
    fn default() -> Life {
        Life {
            track: Cell::new(Some(Track::new(()))),
            used: UnsafeCell::new(()),
        }
    }
}

impl Life {
    /// The memory is used.
    pub(super) fn touch(&self) {
        self.used.with(|_| ());
    }

    /// The memory is given back.
    pub(super) fn end(&self) {
        self.used.with_mut(|_| ());
        drop(self.track.take());
    }
}
