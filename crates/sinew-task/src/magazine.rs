//! The memory of cells, and of the wakers of sets, that were freed, kept for the next ones:
//! by each thread, and for all threads together.
//!
//! A cell is often allocated by one thread and freed by another, in bursts of
//! thousands. An allocator that serves all sizes takes as long for that as all the rest
//! of a short task's life does: it searches, merges and splits, locks the arena of the
//! thread that allocated, and gives the top of its heap back after each burst.
//!
//! # State
//!
//! Each thread has two *magazines* for each [`SizeClass`]: lists of up to [`ROUNDS`]
//! free blocks, through their first word. It takes from one and gives to it; the other
//! is either full or empty. Only if both are empty, or both full, does it go to the
//! *depot*, which all threads share, and which keeps full magazines. So one lock serves
//! [`ROUNDS`] cells, wherever they are freed.
//!
//! # Limits
//!
//! A thread keeps two magazines of each class that it uses, until it ends; the depot
//! [`DEPOT`] bytes, until [`trim_memory`] is called, or [`trim_memory_at_rest`], which is
//! often and so does it seldom. What is beyond that goes back to the allocator.
//!
//! # Invariants
//!
//! 1. A block in a magazine was allocated with its class's layout, and is nobody's.
//! 2. Only its thread touches a thread's magazines; the depot is behind a lock.
//! 3. A thread's second magazine of a class has [`ROUNDS`] blocks or none, as has each
//!    of the depot.

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::size_class::{CLASSES, SizeClass};

/// How many blocks a magazine holds: enough for the lock to weigh little, and no more
/// than some kilobytes for each thread.
const ROUNDS: u32 = 32;

/// What the depot keeps at most, in bytes: some ten thousand tasks of the usual size.
const DEPOT: usize = 2 << 20;

/// What is not worth the trimming while a scheduler rests, in bytes.
const REST: usize = 64 << 10;

/// How long the depot is left alone after it was trimmed for a scheduler that rests: it may
/// be others' who do not, or the rest may be short. What that costs them is lost beside
/// the interval.
const TRIM_INTERVAL: Duration = Duration::from_millis(100);

/// A block in a magazine.
struct Free {
    next: Link,
    /// In the first block of a magazine that is in the depot: the magazine below it.
    below: Link,
}

type Link = Option<NonNull<Free>>;

// A block of the smallest class has room for it.
const _: () = assert!(size_of::<Free>() <= SizeClass::at(0).size());

/// The magazines of one class.
struct Pair {
    loaded: Cell<Link>,
    rounds: Cell<u32>,
    full: Cell<Link>,
}

/// A thread's magazines.
struct Magazines([Pair; CLASSES]);

/// Full magazines of each class, and how many bytes they are in all.
struct Depot {
    tops: [Link; CLASSES],
    kept: usize,
    /// When it was last trimmed for a scheduler that rests.
    trimmed: Option<Instant>,
}

// SAFETY: the blocks are nobody's (invariant 1).
unsafe impl Send for Depot {}

static SHARED: Mutex<Depot> = Mutex::new(Depot {
    tops: [None; CLASSES],
    kept: 0,
    trimmed: None,
});

thread_local! {
    static MINE: Magazines = const {
        Magazines(
            [const {
                Pair {
                    loaded: Cell::new(None),
                    rounds: Cell::new(0),
                    full: Cell::new(None),
                }
            }; CLASSES],
        )
    };
}

/// A block of this class, its contents undefined.
#[inline]
pub(crate) fn allocate(class: SizeClass) -> NonNull<u8> {
    if class.index() >= CLASSES {
        return class.allocate();
    }
    let taken = MINE.try_with(|mine| mine.0[class.index()].take(class));
    // The thread ends, and its magazines have been given up.
    taken.unwrap_or_else(|_| class.allocate())
}

/// Keeps a block for another cell, or gives it back to the allocator.
///
/// # Safety
///
/// It must have been allocated for this class, and be the caller's.
#[inline]
pub(crate) unsafe fn free(class: SizeClass, block: NonNull<u8>) {
    let given = class.index() < CLASSES
        && MINE
            .try_with(|mine| {
                // SAFETY: the caller's promise.
                unsafe { mine.0[class.index()].give(class, block) }
            })
            .is_ok();
    if !given {
        // SAFETY: the caller's promise goes on.
        unsafe { class.deallocate(block) };
    }
}

/// Gives the memory of finished tasks back to the allocator, but for a few kilobytes
/// that each thread keeps. For a scheduler that has had nothing to do for a while.
pub fn trim_memory() {
    let magazines = depot().take_all();
    empty_all(magazines);
}

/// [`trim_memory`], if there is much and it has not been done for some time. For a
/// scheduler that has nothing to do at the moment, and nobody who would come back later.
pub fn trim_memory_at_rest() {
    let magazines = {
        let mut depot = depot();
        if !depot.is_to_be_trimmed(Instant::now) {
            return;
        }
        depot.take_all()
    };
    empty_all(magazines);
}

/// Gives the blocks of magazines that were in the depot back to the allocator.
fn empty_all(tops: [Link; CLASSES]) {
    for (index, mut top) in tops.into_iter().enumerate() {
        while let Some(magazine) = top {
            // SAFETY: it was in the depot, and is ours now.
            top = unsafe { magazine.as_ref() }.below;
            // SAFETY: as above; it is of this class.
            unsafe { empty(SizeClass::at(index), Some(magazine)) };
        }
    }
}

fn depot() -> MutexGuard<'static, Depot> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the blocks of a magazine back to the allocator.
///
/// # Safety
///
/// They are of this class, and the caller's.
unsafe fn empty(class: SizeClass, magazine: Link) {
    let mut next = magazine;
    while let Some(block) = next {
        // SAFETY: by invariant 1 it is a free block, the caller's.
        next = unsafe { block.as_ref() }.next;
        // SAFETY: by invariant 1 it is of this class.
        unsafe { class.deallocate(block.cast()) };
    }
}

impl Pair {
    #[inline]
    fn take(&self, class: SizeClass) -> NonNull<u8> {
        let Some(block) = self.loaded.get() else {
            return self.reload(class);
        };
        // SAFETY: by the invariants it is a free block, ours to look at.
        self.loaded.set(unsafe { block.as_ref() }.next);
        self.rounds.set(self.rounds.get() - 1);
        block.cast()
    }

    /// The first magazine is empty: takes from the second, one of the depot, or the
    /// allocator.
    #[cold]
    fn reload(&self, class: SizeClass) -> NonNull<u8> {
        let magazine = self.full.take().or_else(|| depot().take(class));
        let Some(block) = magazine else {
            return class.allocate();
        };
        // SAFETY: as in `take`.
        self.loaded.set(unsafe { block.as_ref() }.next);
        self.rounds.set(ROUNDS - 1);
        block.cast()
    }

    /// # Safety
    ///
    /// The block must have been allocated for this class, and be the caller's.
    #[inline]
    unsafe fn give(&self, class: SizeClass, block: NonNull<u8>) {
        if self.rounds.get() == ROUNDS {
            self.unload(class);
        }
        let block: NonNull<Free> = block.cast();
        let next = self.loaded.get();
        // SAFETY: the block is the caller's; a class is as large and as aligned as this.
        unsafe { block.write(Free { next, below: None }) };
        self.loaded.set(Some(block));
        self.rounds.set(self.rounds.get() + 1);
    }

    /// The first magazine is full: it becomes the second, which goes to the depot.
    #[cold]
    fn unload(&self, class: SizeClass) {
        self.rounds.set(0);
        let second = self.full.replace(self.loaded.take());
        let Some(second) = second else { return };
        if !depot().put(class, second) {
            // SAFETY: it is ours, of this class.
            unsafe { empty(class, Some(second)) };
        }
    }
}

impl Depot {
    /// The magazines of each class, which are the caller's from here on.
    fn take_all(&mut self) -> [Link; CLASSES] {
        self.kept = 0;
        std::mem::replace(&mut self.tops, [None; CLASSES])
    }

    /// Whether it is to be trimmed for a scheduler that rests; then that is noted.
    fn is_to_be_trimmed(&mut self, now: impl FnOnce() -> Instant) -> bool {
        if self.kept <= REST {
            return false;
        }
        let now = now();
        let soon = |last| now.saturating_duration_since(last) < TRIM_INTERVAL;
        if self.trimmed.is_some_and(soon) {
            return false;
        }
        self.trimmed = Some(now);
        true
    }

    fn take(&mut self, class: SizeClass) -> Link {
        let top = self.tops[class.index()]?;
        // SAFETY: by invariants 1 and 2 it is a free block, ours to look at.
        self.tops[class.index()] = unsafe { top.as_ref() }.below;
        self.kept -= ROUNDS as usize * class.size();
        Some(top)
    }

    /// `false` if there is no room: then the magazine is still the caller's.
    fn put(&mut self, class: SizeClass, mut magazine: NonNull<Free>) -> bool {
        let kept = self.kept + ROUNDS as usize * class.size();
        if kept > DEPOT {
            return false;
        }
        // SAFETY: by invariant 1 it is a free block, the caller's.
        unsafe { magazine.as_mut() }.below = self.tops[class.index()];
        self.tops[class.index()] = Some(magazine);
        self.kept = kept;
        true
    }
}

impl Drop for Magazines {
    fn drop(&mut self) {
        for (index, pair) in self.0.iter().enumerate() {
            let class = SizeClass::at(index);
            for magazine in [pair.loaded.take(), pair.full.take()] {
                // SAFETY: both are ours, of this class.
                unsafe { empty(class, magazine) };
            }
            pair.rounds.set(0);
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
