//! Blocks: what the values of a channel lie in.
//!
//! A block is a header and, behind it in the same allocation, its slots. Blocks
//! have different lengths and are linked; each knows the position of its first
//! slot. The first one of a channel lies behind the channel itself.
//!
//! # The state of a slot
//!
//! ```text
//! EMPTY <-- receiver, waits or stops waiting --> PARKED
//!   |                                              |
//! sender                                         sender
//!   v                                              v
//! READY <--- sender, has copied the waker ------ TAKING
//! ```
//!
//! Whoever ends the channel does as a sender does, with `CLOSED` for `READY`.
//!
//! 1. The value cell of a slot belongs to the sender that claimed its position
//!    until `READY`, then to the receiver.
//! 2. A slot in a linked block is `EMPTY` again only after the block was reclaimed.
//! 3. Only the slot at the receiver's position is ever `PARKED` or `TAKING`. The
//!    waker that was left for it is read while it is so, and only then: so when
//!    the receiver has found a value, its waker's cell is free again.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::task::Waker;

use crate::primitives::{AtomicPtr, AtomicU8, AtomicU64, Ordering, UnsafeCell};

/// Nothing was sent here yet.
const EMPTY: u8 = 0;
/// The value is there.
const READY: u8 = 1;
/// Nothing was sent here yet, and the receiver has left its waker.
const PARKED: u8 = 2;
/// Nothing will be sent here or at any later position.
const CLOSED: u8 = 3;
/// The value is about to be there: its sender copies the waker.
const TAKING: u8 = 4;

/// What a block may hold at most, so that long queues cost few allocations.
const MAX_SLOTS: usize = 32;
/// What a block may weigh, if that is more than `MIN_SLOTS`, so that channels of
/// large values do not hold on to much.
const MAX_BYTES: usize = 4096;
/// What the smallest blocks hold of small values.
const SMALL_SLOTS: usize = 8;
/// What the smallest blocks may weigh, if that is more than `MIN_SLOTS`.
const SMALL_BYTES: usize = 128;
/// What each block holds: with one, every send would need a block of its own.
const MIN_SLOTS: usize = 2;

/// `released_at` of a block that senders may still find.
const NEVER: u64 = u64::MAX;

pub(super) struct Slot<T> {
    value: UnsafeCell<MaybeUninit<T>>,
    state: AtomicU8,
}

/// What the receiver finds in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// Nothing, and the receiver's waker was left here.
    Parked,
    /// A value or the end in a moment, when the waker has been copied.
    Taking,
    Value,
    End,
}

impl<T> Slot<T> {
    /// Puts the value in. If the receiver waits for it, gives its waker, which
    /// `waker` copies.
    ///
    /// # Safety
    ///
    /// The caller has claimed this slot's position and puts in one value only.
    #[inline]
    pub(super) unsafe fn put(&self, value: T, waker: impl FnOnce() -> Waker) -> Option<Waker> {
        self.value.with_mut(|cell| {
            // SAFETY: invariant 1: the caller has claimed the position.
            let cell = unsafe { &mut *cell };
            cell.write(value);
        });
        self.publish(READY, waker)
    }

    /// Ends the channel here, likewise.
    pub(super) fn close(&self, waker: impl FnOnce() -> Waker) -> Option<Waker> {
        self.publish(CLOSED, waker)
    }

    #[inline]
    fn publish(&self, outcome: u8, waker: impl FnOnce() -> Waker) -> Option<Waker> {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let next = if state == PARKED { TAKING } else { outcome };
            // ORDERING: AcqRel: releases the value to `look`, acquires the waker
            // that `park` has released.
            match self
                .state
                .compare_exchange(state, next, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(PARKED) => break,
                Ok(_) => return None,
                Err(now) => state = now,
            }
        }
        let waker = waker();
        // ORDERING: Release: as above, and the receiver's cell is free.
        self.state.store(outcome, Ordering::Release);
        Some(waker)
    }

    #[inline]
    pub(super) fn look(&self) -> Found {
        // ORDERING: Acquire: partner of `publish`.
        found(self.state.load(Ordering::Acquire))
    }

    /// Whether a sender has put a value here, taken or not.
    fn is_used(&self) -> bool {
        self.state.load(Ordering::Relaxed) == READY
    }

    /// The receiver has left its waker; `Err` if there is something to find instead.
    pub(super) fn park(&self) -> Result<(), Found> {
        // ORDERING: AcqRel: releases the waker to `publish`; on failure
        // Acquire as in `look`.
        self.state
            .compare_exchange(EMPTY, PARKED, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
            .map_err(found)
    }

    /// The receiver wants its waker back; `Err` if a sender has taken it.
    pub(super) fn unpark(&self) -> Result<(), Found> {
        // ORDERING: AcqRel: as in `park`.
        self.state
            .compare_exchange(PARKED, EMPTY, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
            .map_err(found)
    }

    /// Takes the value out.
    ///
    /// # Safety
    ///
    /// The caller is the receiver, has found a value, and takes it once.
    #[inline]
    pub(super) unsafe fn take(&self) -> T {
        self.value.with(|cell| {
            // SAFETY: invariant 1: after `READY` the cell is the receiver's.
            let cell = unsafe { &*cell };
            // SAFETY: it was written before `READY`, and is taken once.
            unsafe { cell.assume_init_read() }
        })
    }
}

fn found(state: u8) -> Found {
    match state {
        READY => Found::Value,
        PARKED => Found::Parked,
        CLOSED => Found::End,
        TAKING => Found::Taking,
        _ => Found::Nothing,
    }
}

/// A block's header; the slots follow.
pub(super) struct Block<T> {
    /// The position of the first slot. Written before the block is linked.
    start: u64,
    slots: usize,
    /// Whether it lies behind the channel, and is freed with it.
    inline: bool,
    next: AtomicPtr<Block<T>>,
    /// When the receiver has come to this position, no sender can come to this
    /// block any more.
    released_at: AtomicU64,
}

impl<T> Block<T> {
    /// Of `slots` slots, behind a header.
    fn layout(slots: usize) -> Option<(Layout, usize)> {
        let array = Layout::array::<Slot<T>>(slots).ok()?;
        Layout::new::<Block<T>>().extend(array).ok()
    }

    /// How many slots the smallest blocks have.
    pub(super) const SMALLEST: usize = slots_within::<T>(SMALL_BYTES, SMALL_SLOTS);
    const LARGEST: usize = slots_within::<T>(MAX_BYTES, MAX_SLOTS);

    /// How many slots a new block should have when so many values wait.
    pub(super) fn slots_for(waiting: u64) -> usize {
        let waiting = usize::try_from(waiting).unwrap_or(Self::LARGEST);
        let wanted = waiting.min(Self::LARGEST).next_power_of_two();
        wanted.clamp(Self::SMALLEST, Self::LARGEST)
    }

    /// `head`, followed by a smallest block: the layout, and where the block is.
    pub(super) fn layout_behind(head: Layout) -> (Layout, usize) {
        let both = Self::layout(Self::SMALLEST).and_then(|(block, _)| head.extend(block).ok());
        match both {
            Some((layout, offset)) => (layout.pad_to_align(), offset),
            None => panic!("a value of the channel is larger than memory"),
        }
    }

    /// Writes the header and the slots of an inline block that starts at zero.
    ///
    /// # Safety
    ///
    /// There is room for the layout of a smallest block at `at`, suitably
    /// aligned, and it is the caller's.
    pub(super) unsafe fn write_inline(at: NonNull<Block<T>>) {
        // SAFETY: passed on.
        unsafe { Self::write(at, Self::SMALLEST, true) };
    }

    /// A block outside of the list.
    fn new(slots: usize) -> NonNull<Block<T>> {
        let Some((layout, _)) = Self::layout(slots) else {
            panic!("a value of the channel is larger than memory");
        };
        // SAFETY: the layout is not empty: a header has a size.
        let raw = unsafe { alloc(layout) };
        let Some(block) = NonNull::new(raw.cast::<Block<T>>()) else {
            handle_alloc_error(layout);
        };
        // SAFETY: just allocated with this layout.
        unsafe { Self::write(block, slots, false) };
        block
    }

    /// # Safety
    ///
    /// As `write_inline`, with room for `slots`.
    unsafe fn write(at: NonNull<Block<T>>, slots: usize, inline: bool) {
        let header = Block {
            start: 0,
            slots,
            inline,
            next: AtomicPtr::new(ptr::null_mut()),
            released_at: AtomicU64::new(NEVER),
        };
        // SAFETY: there is room for it.
        unsafe { at.write(header) };
        for index in 0..slots {
            let slot = Slot {
                value: UnsafeCell::new(MaybeUninit::uninit()),
                state: AtomicU8::new(EMPTY),
            };
            // SAFETY: `index` is within the block.
            let place = unsafe { Self::slot_at(at, index) };
            // SAFETY: there is room for it.
            unsafe { place.write(slot) };
        }
    }

    /// Frees the block, unless it is inline. Values inside are not dropped.
    ///
    /// # Safety
    ///
    /// Nobody else can reach it.
    pub(super) unsafe fn free(block: NonNull<Block<T>>) {
        // SAFETY: it is still there.
        let header = unsafe { block.as_ref() };
        let layout = Self::layout(header.slots).filter(|_| !header.inline);
        let Some((layout, _)) = layout else {
            return;
        };
        // SAFETY: `new` has allocated it with this layout.
        unsafe { dealloc(block.as_ptr().cast(), layout) };
    }

    /// # Safety
    ///
    /// `index` is less than the block's slots, and `block` may be used for all of them.
    #[inline]
    unsafe fn slot_at(block: NonNull<Block<T>>, index: usize) -> NonNull<Slot<T>> {
        // SAFETY: the slots begin there, behind the header, in the same allocation.
        let first = unsafe { block.byte_add(slots_offset::<T>()) }.cast::<Slot<T>>();
        // SAFETY: within the block.
        unsafe { first.add(index) }
    }

    /// The slot of `position`, if it is in this block.
    ///
    /// # Safety
    ///
    /// The block is linked, and will not be reclaimed as long as the slot is used.
    #[inline]
    pub(super) unsafe fn slot<'a>(block: NonNull<Block<T>>, position: u64) -> Option<&'a Slot<T>> {
        // SAFETY: the caller knows that it is there.
        let header = unsafe { block.as_ref() };
        let index = position.wrapping_sub(header.start);
        if index >= header.slots as u64 {
            return None;
        }
        // SAFETY: just checked.
        let slot = unsafe { Self::slot_at(block, index as usize) };
        // SAFETY: slots were written with the header.
        Some(unsafe { slot.as_ref() })
    }

    /// The position after the last slot.
    #[inline]
    pub(super) fn end(&self) -> u64 {
        self.start + self.slots as u64
    }

    #[inline]
    pub(super) fn next(&self) -> Option<NonNull<Block<T>>> {
        // ORDERING: Acquire: partner of `link`.
        NonNull::new(self.next.load(Ordering::Acquire))
    }

    /// Whether all slots have been used, so that all who claimed them have found
    /// this block.
    ///
    /// # Safety
    ///
    /// As for `slot`.
    pub(super) unsafe fn is_used_up(block: NonNull<Block<T>>) -> bool {
        // SAFETY: the caller knows that it is there.
        let slots = unsafe { block.as_ref() }.slots;
        // From the back: the last to be claimed is the most likely to be missing.
        (0..slots).rev().all(|index| {
            // SAFETY: within the block.
            let slot = unsafe { Self::slot_at(block, index) };
            // SAFETY: slots were written with the header.
            unsafe { slot.as_ref() }.is_used()
        })
    }

    /// Notes that no sender that claims `position` or a later one comes here.
    pub(super) fn release(&self, position: u64) {
        // ORDERING: Release: the last access of this sender; partner of
        // `is_released`.
        self.released_at.store(position, Ordering::Release);
    }

    /// Whether no sender can come here, given that the receiver is at `position`.
    pub(super) fn is_released(&self, position: u64) -> bool {
        // ORDERING: Acquire: partner of `release`.
        self.released_at.load(Ordering::Acquire) <= position
    }

    /// Links `next` behind this block; `Err` with the one that is linked already.
    ///
    /// # Safety
    ///
    /// `next` is the caller's alone.
    pub(super) unsafe fn link(
        &self,
        mut next: NonNull<Block<T>>,
    ) -> Result<NonNull<Block<T>>, NonNull<Block<T>>> {
        // SAFETY: it is the caller's alone.
        unsafe { next.as_mut() }.start = self.end();
        // ORDERING: AcqRel: releases the header and the slots to `next`; on
        // failure Acquire as there.
        let linked = self.next.compare_exchange(
            ptr::null_mut(),
            next.as_ptr(),
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        match linked {
            Ok(_) => Ok(next),
            Err(other) => Err(NonNull::new(other).unwrap_or(next)),
        }
    }

    /// A block of about `slots` slots: `spare` if it will do.
    ///
    /// # Safety
    ///
    /// `spare` is the caller's alone, and as fresh.
    pub(super) unsafe fn obtain(slots: usize, spare: Option<NonNull<Block<T>>>) -> NonNull<Self> {
        let Some(spare) = spare else {
            return Self::new(slots);
        };
        // SAFETY: it is the caller's.
        if fits(unsafe { spare.as_ref() }.slots, slots) {
            return spare;
        }
        // SAFETY: it is the caller's alone.
        unsafe { Self::free(spare) };
        Self::new(slots)
    }

    /// Makes a used block as fresh, if it is of a use when `slots` are wanted.
    ///
    /// # Safety
    ///
    /// The block is the caller's alone, and its values have been taken.
    pub(super) unsafe fn refresh(mut block: NonNull<Block<T>>, slots: usize) -> bool {
        // SAFETY: it is the caller's alone.
        let header = unsafe { block.as_mut() };
        if !fits(header.slots, slots) {
            return false;
        }
        header.next = AtomicPtr::new(ptr::null_mut());
        header.released_at = AtomicU64::new(NEVER);
        for index in 0..header.slots {
            // SAFETY: within the block.
            let mut slot = unsafe { Self::slot_at(block, index) };
            // SAFETY: it is the caller's alone.
            unsafe { slot.as_mut() }.state = AtomicU8::new(EMPTY);
        }
        true
    }
}

/// Whether a block of `have` slots will do for `wanted`: neither so short that a
/// long queue goes on in small steps, nor so long that a short one keeps much.
fn fits(have: usize, wanted: usize) -> bool {
    have >= wanted && have <= wanted.saturating_mul(2)
}

const fn slots_offset<T>() -> usize {
    let align = align_of::<Slot<T>>();
    size_of::<Block<T>>().div_ceil(align) * align
}

/// How many slots fit into `bytes`: at least `MIN_SLOTS`, at most `most`.
const fn slots_within<T>(bytes: usize, most: usize) -> usize {
    let fit = bytes / size_of::<Slot<T>>();
    if fit < MIN_SLOTS {
        MIN_SLOTS
    } else if fit > most {
        most
    } else {
        fit
    }
}
