//! What the two ends share: one allocation, with the first block inside.
//!
//! # Life cycle
//!
//! Strong senders are counted in `strong`. All of them together, the receiver,
//! and each weak sender hold one reference in `refs` (a bit, a bit, and the count
//! above them); the last one to go frees everything. A channel ends for the receiver by a mark in the slot at the tail,
//! which is set when nobody can claim a position any more: by the last strong
//! sender, or, once the receiver has closed the channel, by whoever gives back the
//! last promised place.
//!
//! # Invariants
//!
//! 1. `rx` and, except as below, `waker` are the receiver's alone; after all
//!    ends are gone, they belong to who frees.
//! 2. While the receiver is parked (its slot is `PARKED` or `TAKING`), the waker may
//!    be read by both sides, and is owned by who changes the slot's state from
//!    `PARKED`. The receiver writes it only while it is not parked.
//! 3. `rx.block` is the block of the slot at `head`, or the one before it if
//!    `head` is its end. Blocks from `rx.oldest` up to it have been read through.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::task::Waker;

use super::block::Block;
use super::capacity::Bounded;
use super::list::{Closed, List};
use crate::Notify;
use crate::primitives::{AtomicU64, AtomicUsize, Ordering, UnsafeCell};

/// References to the channel, as `refs` counts them.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Holder {
    Receiver = 1,
    /// All strong senders together.
    Senders = 2,
    WeakSender = 4,
}

/// Keeps what senders write and what the receiver writes apart.
#[repr(align(64))]
pub(super) struct CacheLine<T>(pub(super) T);

pub(crate) struct Chan<T, S> {
    pub(super) tx: CacheLine<TxSide<T, S>>,
    pub(super) rx: CacheLine<RxSide<T>>,
}

/// What senders write to.
pub(super) struct TxSide<T, S> {
    pub(super) list: List<T>,
    pub(super) capacity: S,
    strong: AtomicUsize,
}

/// What the receiver writes to, and what is seldom written to.
pub(super) struct RxSide<T> {
    /// The receiver's position: written by it alone.
    pub(super) head: AtomicU64,
    pub(super) state: UnsafeCell<RxState<T>>,
    pub(super) waker: UnsafeCell<MaybeUninit<Waker>>,
    refs: AtomicUsize,
    /// Senders that wait until the channel is closed.
    closing: Notify,
}

/// The receiver's own.
pub(super) struct RxState<T> {
    pub(super) block: NonNull<Block<T>>,
    pub(super) oldest: NonNull<Block<T>>,
    /// The position at which an unbounded channel was closed by the receiver.
    pub(super) end: Option<u64>,
    /// Whether a waker was left in the slot at `head`.
    pub(super) parked: bool,
}

/// A counted reference to a channel. Does not count by itself.
pub(super) struct ChanRef<T, S>(NonNull<Chan<T, S>>);

// SAFETY: values go from senders' threads to the receiver's, so `T: Send` is
// enough; the rest is synchronised (invariants here and in `list`, `block`).
unsafe impl<T: Send, S: Send + Sync> Send for Chan<T, S> {}
// SAFETY: as above; no `&T` is ever handed out.
unsafe impl<T: Send, S: Send + Sync> Sync for Chan<T, S> {}
// SAFETY: it leads to a channel, from any thread.
unsafe impl<T: Send, S: Send + Sync> Send for ChanRef<T, S> {}
// SAFETY: likewise.
unsafe impl<T: Send, S: Send + Sync> Sync for ChanRef<T, S> {}
// A panic in foreign code (a waker, a destructor) leaves the channel whole.
impl<T, S> UnwindSafe for Chan<T, S> {}
impl<T, S> RefUnwindSafe for Chan<T, S> {}
impl<T, S> UnwindSafe for ChanRef<T, S> {}
impl<T, S> RefUnwindSafe for ChanRef<T, S> {}

impl<T, S> Clone for ChanRef<T, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S> Copy for ChanRef<T, S> {}

impl<T, S> PartialEq for ChanRef<T, S> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T, S> ChanRef<T, S> {
    /// Makes a channel with one strong sender and a receiver.
    pub(super) fn new(capacity: S) -> Self {
        let (layout, offset) = Self::layout();
        // SAFETY: the layout is not empty.
        let raw = unsafe { alloc(layout) };
        let Some(raw) = NonNull::new(raw) else {
            handle_alloc_error(layout);
        };
        // SAFETY: within the allocation.
        let block = unsafe { raw.add(offset) }.cast::<Block<T>>();
        // SAFETY: the layout has room for a smallest block there.
        unsafe { Block::write_inline(block) };
        let chan = Chan {
            tx: CacheLine(TxSide {
                list: List::new(block),
                capacity,
                strong: AtomicUsize::new(1),
            }),
            rx: CacheLine(RxSide {
                head: AtomicU64::new(0),
                state: UnsafeCell::new(RxState {
                    block,
                    oldest: block,
                    end: None,
                    parked: false,
                }),
                waker: UnsafeCell::new(MaybeUninit::uninit()),
                refs: AtomicUsize::new(Holder::Receiver as usize + Holder::Senders as usize),
                closing: Notify::new(),
            }),
        };
        let place = raw.cast::<Chan<T, S>>();
        // SAFETY: there is room for it.
        unsafe { place.write(chan) };
        ChanRef(place)
    }

    fn layout() -> (Layout, usize) {
        Block::<T>::layout_behind(Layout::new::<Chan<T, S>>())
    }

    /// The bytes of the allocation.
    #[cfg(all(test, not(sinew_loom)))]
    pub(super) fn footprint() -> usize {
        Self::layout().0.size()
    }

    #[inline]
    pub(super) fn get(&self) -> &Chan<T, S> {
        // SAFETY: who has a reference is counted, so it is still there.
        unsafe { self.0.as_ref() }
    }

    /// Adds a strong sender to at least one that there is.
    #[inline]
    pub(super) fn add_strong(&self) {
        self.get().tx.0.strong.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a strong sender, if there is still one.
    pub(super) fn try_add_strong(&self) -> bool {
        let strong = &self.get().tx.0.strong;
        let mut count = strong.load(Ordering::Relaxed);
        while count != 0 {
            // ORDERING: Acquire: what the other senders have done is done.
            match strong.compare_exchange_weak(
                count,
                count + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => count = now,
            }
        }
        false
    }

    /// Ends a strong sender; the last one ends the channel.
    #[inline]
    pub(super) fn drop_strong(self) {
        // ORDERING: AcqRel: the last one sees what all others have sent.
        if self.get().tx.0.strong.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.get().end();
            self.drop_ref(Holder::Senders);
        }
    }

    pub(super) fn add_weak(&self) {
        let one = Holder::WeakSender as usize;
        self.get().rx.0.refs.fetch_add(one, Ordering::Relaxed);
    }

    /// Ends one reference; the last one frees the channel.
    pub(super) fn drop_ref(self, holder: Holder) {
        let refs = &self.get().rx.0.refs;
        // ORDERING: AcqRel: the last one sees what all others have done.
        if refs.fetch_sub(holder as usize, Ordering::AcqRel) == holder as usize {
            // SAFETY: nobody else has a reference.
            unsafe { self.free() };
        }
    }

    /// # Safety
    ///
    /// The caller has the last reference.
    #[cold]
    unsafe fn free(self) {
        struct Rest<T, S>(ChanRef<T, S>);

        // Also when a value's destructor panics.
        impl<T, S> Drop for Rest<T, S> {
            fn drop(&mut self) {
                // SAFETY: nobody else has a reference, and the values are out.
                unsafe { self.0.free_memory() };
            }
        }

        let rest = Rest(self);
        while let Some(value) = rest.0.get().pop() {
            drop(value);
        }
    }

    /// # Safety
    ///
    /// The caller has the last reference.
    unsafe fn free_memory(self) {
        let chan = self.get();
        if let Some(spare) = chan.tx.0.list.take_spare() {
            // SAFETY: a spare is reached by who took it alone.
            unsafe { Block::free(spare) };
        }
        let mut oldest = Some(chan.rx.0.state.with(|state| {
            // SAFETY: invariant 1: nobody else is left.
            unsafe { &*state }.oldest
        }));
        while let Some(block) = oldest {
            // SAFETY: linked and not reclaimed.
            oldest = unsafe { block.as_ref() }.next();
            // SAFETY: nobody else is left.
            unsafe { Block::free(block) };
        }
        // SAFETY: nobody else is left, and it is not used again.
        unsafe { self.0.drop_in_place() };
        let (layout, _) = Self::layout();
        // SAFETY: `new` allocated it with this layout.
        unsafe { dealloc(self.0.as_ptr().cast(), layout) };
    }
}

impl<T, S> Chan<T, S> {
    #[inline]
    pub(super) fn list(&self) -> &List<T> {
        &self.tx.0.list
    }

    #[inline]
    pub(super) fn capacity(&self) -> &S {
        &self.tx.0.capacity
    }

    /// Notified when the receiver has closed the channel.
    pub(super) fn closing(&self) -> &Notify {
        &self.rx.0.closing
    }

    pub(super) fn resource(&self) -> u64 {
        std::ptr::from_ref(self) as usize as u64
    }

    pub(super) fn strong_count(&self) -> usize {
        // ORDERING: Acquire: partner of `drop_strong`.
        self.tx.0.strong.load(Ordering::Acquire)
    }

    pub(super) fn weak_count(&self) -> usize {
        self.rx.0.refs.load(Ordering::Relaxed) / Holder::WeakSender as usize
    }

    /// Sends a value for which a place was promised, closed or not.
    #[inline]
    pub(super) fn send(&self, value: T) {
        let position = self.list().claim();
        self.put(position, value);
    }

    /// Sends a value unless the list is closed.
    #[inline]
    pub(super) fn send_open(&self, value: T) -> Result<(), T> {
        match self.list().claim_open() {
            Ok(position) => {
                self.put(position, value);
                Ok(())
            }
            Err(Closed) => Err(value),
        }
    }

    #[inline]
    fn put(&self, position: u64, value: T) {
        // SAFETY: the position has just been claimed.
        let slot = unsafe { self.list().slot(position, &self.rx.0.head) };
        // SAFETY: likewise, and this is its one value.
        if let Some(waker) = unsafe { slot.put(value, || self.copy_waker()) } {
            waker.wake();
        }
    }

    /// Ends the list: nobody can claim a position any more.
    pub(super) fn end(&self) {
        let Some(position) = self.list().close() else {
            return;
        };
        // SAFETY: nobody can claim it.
        let slot = unsafe { self.list().slot(position, &self.rx.0.head) };
        if let Some(waker) = slot.close(|| self.copy_waker()) {
            waker.wake();
        }
    }

    /// The receiver's waker, for who has changed the state of its slot from
    /// `PARKED`.
    fn copy_waker(&self) -> Waker {
        self.rx.0.waker.with(|cell| {
            // SAFETY: invariant 2: the waker is ours, and nobody writes to it.
            let cell = unsafe { &*cell };
            // SAFETY: it was there when the receiver parked, and is copied once.
            unsafe { cell.assume_init_read() }
        })
    }

    /// Whether the receiver's waker is this one.
    ///
    /// # Safety
    ///
    /// The caller is the receiver and has parked.
    pub(super) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        self.rx.0.waker.with(|cell| {
            // SAFETY: invariant 2: nobody writes to it. A waker that was copied
            // out is still there bit by bit; it is compared, not used.
            let known = unsafe { cell.cast::<ManuallyDrop<Waker>>().as_ref() };
            known.is_some_and(|known| known.will_wake(waker))
        })
    }
}

impl<T> Chan<T, Bounded> {
    /// Gives back places that were taken and not used. If they were the last that
    /// a closed channel waited for, the receiver learns that it is at the end.
    pub(super) fn give_back(&self, n: usize) {
        if n > 0 && self.capacity().add(n) {
            self.end();
        }
    }
}
