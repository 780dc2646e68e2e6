//! The children of a scope, and which of them were woken.
//!
//! # State
//!
//! While a scope is polled or dropped, the thread that does so is the *owner* of its
//! queue. What only the owner uses is [`Owned`]: the list of all children and that of
//! those which are ready to be polled. A wake on the owner's thread, as when a child
//! wakes itself or another, puts the child there without one atomic operation.
//!
//! All other threads, and this one while it does not poll the scope, *send* the child:
//! it goes onto a stack, `sent`, and who finds that empty wakes `waiting`. The owner
//! takes the whole stack when it has nothing else to poll.
//!
//! # Life cycle
//!
//! A child is linked when it is spawned by the owner, or when it is taken after another
//! thread spawned it. Once its future is gone it is unlinked. When the scope has dropped
//! all children it closes the queue, for good: what is sent then is refused. A queue
//! lives as long as the scope or any waker of a child.
//!
//! # Invariants
//!
//! 1. `owner` is the id of a thread, which no other ever gets, exactly while that
//!    thread is between [`Queue::enter`] and the drop of the [`Turn`]. Both are under a
//!    `&mut Scoped`, so there is one at a time, and they happen in some order. A thread
//!    that reads its own id has stored it last, or it would read its own `NOBODY`.
//! 2. `Owned` is used by the owner only. No reference into a child's cell is kept while
//!    foreign code runs.
//! 3. A cell in `all` or in `ready` is `OWNED`, and one in `sent` is `SENT` (see
//!    `State`), so none of them is freed.
//! 4. A cell is in `ready` exactly while its `queued` is set.
//!
//! # Orderings
//!
//! A cell is pushed with Release and taken with Acquire. The owner leaves its waker and
//! then looks at `sent` again; who pushes onto an empty stack looks for the waker after
//! that. Both look under the lock of `waiting`, so one sees what the other left.

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::task::{Context, Waker};

use sinew_core::thread_id;

use super::cell::{Header, Stage, free};
use super::state::Taken;
use crate::atomic::{AtomicPtr, AtomicU64, Mutex, Ordering, lock};

/// A child's cell, of which nobody knows the type.
pub(super) type Child = NonNull<Header>;

/// See the module.
pub(super) struct Queue {
    owner: AtomicU64,
    sent: AtomicPtr<Header>,
    waiting: Mutex<Option<Waker>>,
    owned: Owned,
}

// SAFETY: `owned` is used by one thread at a time: invariants 1 and 2. The cells that
// it leads to are those of futures that are `Send`.
unsafe impl Send for Queue {}
// SAFETY: as above.
unsafe impl Sync for Queue {}

/// What belongs to the owner.
pub(super) struct Owned {
    all: Cell<Option<Child>>,
    /// How many they are.
    len: Cell<usize>,
    /// Polls that are left of this turn.
    turns: Cell<usize>,
    first: Cell<Option<Child>>,
    last: Cell<Option<Child>>,
}

/// What became of a child that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Sent {
    Queued,
    Refused,
}

/// In `sent`, says that nothing is taken any more. No cell has this address.
fn closed() -> *mut Header {
    ptr::without_provenance_mut(1)
}

/// # Safety
///
/// The child must be held, by the caller or by a list: see `State`.
pub(super) unsafe fn header<'a>(child: Child) -> &'a Header {
    // SAFETY: it is alive, by what the caller promises, and never borrowed mutably.
    unsafe { child.as_ref() }
}

impl Queue {
    pub(super) fn new() -> Queue {
        Queue {
            owner: AtomicU64::new(thread_id::NOBODY),
            sent: AtomicPtr::new(ptr::null_mut()),
            waiting: Mutex::new(None),
            owned: Owned {
                all: Cell::new(None),
                len: Cell::new(0),
                turns: Cell::new(0),
                first: Cell::new(None),
                last: Cell::new(None),
            },
        }
    }

    /// Makes this thread the owner.
    ///
    /// # Safety
    ///
    /// There must be no owner, and whatever earlier ones did must have happened before.
    pub(super) unsafe fn enter(&self) -> Turn<'_> {
        // Relaxed: only the thread that stores its id reads it as its own.
        self.owner.store(thread_id::current(), Ordering::Relaxed);
        self.owned.turns.set(self.owned.len.get());
        Turn(self)
    }

    /// What belongs to the owner, if that is this thread.
    #[inline]
    pub(super) fn as_owner(&self) -> Option<&Owned> {
        let mine = self.owner.load(Ordering::Relaxed) == thread_id::known();
        mine.then_some(&self.owned)
    }

    /// Has the child polled.
    ///
    /// # Safety
    ///
    /// The caller has a waker of it, which also keeps the queue alive.
    pub(super) unsafe fn wake(&self, child: Child) {
        // SAFETY: the caller holds it.
        let cell = unsafe { header(child) };
        if let Some(owned) = self.as_owner() {
            if cell.stage.get() == Stage::Linked {
                owned.push(cell, child);
            }
        } else if cell.state.send() && self.send(cell, child) == Sent::Refused {
            cell.state.not_sent();
        }
    }

    /// Leaves the child to the owner. It must have been marked as sent.
    pub(super) fn send(&self, cell: &Header, child: Child) -> Sent {
        // Relaxed: what is read is only compared.
        let mut first = self.sent.load(Ordering::Relaxed);
        loop {
            if first == closed() {
                return Sent::Refused;
            }
            // Relaxed: the push releases it.
            cell.next_sent.store(first, Ordering::Relaxed);
            match self.sent.compare_exchange_weak(
                first,
                child.as_ptr(),
                // ORDERING: Release pairs with the Acquire in `take_sent`.
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(now) => first = now,
            }
        }
        if first.is_null() {
            let waiting = lock(&self.waiting).take();
            if let Some(waiting) = waiting {
                waiting.wake();
            }
        }
        Sent::Queued
    }

    /// Forgets whom to wake.
    pub(super) fn forget_waiting(&self) {
        let waiting = lock(&self.waiting).take();
        drop(waiting);
    }
}

/// While it lives this thread is the owner.
pub(super) struct Turn<'a>(&'a Queue);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.owner.store(thread_id::NOBODY, Ordering::Relaxed);
    }
}

impl Turn<'_> {
    fn owned(&self) -> &Owned {
        &self.0.owned
    }

    /// Whether there are no children, after a look at those sent if it seems so. Some
    /// that have ended may wait among the ready.
    pub(super) fn is_empty(&self) -> bool {
        let all = &self.owned().all;
        all.get().is_none() && {
            self.take_sent();
            all.get().is_none()
        }
    }

    /// Any of the children.
    pub(super) fn any(&self) -> Option<Child> {
        self.owned().all.get()
    }

    /// Whether some child is ready, after a look at those sent.
    pub(super) fn is_ready(&self) -> bool {
        self.owned().first.get().is_some() || self.take_sent()
    }

    /// Takes one of the turn's polls; `false` if each child has had one.
    pub(super) fn take_turn(&self) -> bool {
        let turns = self.owned().turns.get();
        self.owned().turns.set(turns.saturating_sub(1));
        turns > 0
    }

    /// The first of those that are ready.
    pub(super) fn pop(&self) -> Option<Child> {
        let owned = self.owned();
        let child = owned.first.get()?;
        // SAFETY: what is in `ready` is held: invariant 3.
        let cell = unsafe { header(child) };
        owned.first.set(cell.next_ready.get());
        cell.queued.set(false);
        Some(child)
    }

    /// The future of the child, which is in the list of all, is gone.
    pub(super) fn unlink(&self, child: Child) {
        // SAFETY: it is held until here: invariant 3.
        let cell = unsafe { header(child) };
        let owned = self.owned();
        let (previous, next) = (cell.previous.get(), cell.next.get());
        match previous {
            // SAFETY: it is in the list of all.
            Some(previous) => unsafe { header(previous) }.next.set(next),
            None => owned.all.set(next),
        }
        if let Some(next) = next {
            // SAFETY: it is in the list of all.
            unsafe { header(next) }.previous.set(previous);
        }
        owned.len.set(owned.len.get() - 1);
        if !cell.queued.get() {
            self.disown(child);
        }
    }

    /// Lets go of a child that is in no list any more.
    pub(super) fn disown(&self, child: Child) {
        // SAFETY: it is held until here: invariant 3.
        if unsafe { header(child) }.state.disown() {
            // SAFETY: nobody holds it, and its future is gone.
            unsafe { free(child) };
        }
    }

    /// Takes what was sent, in the order in which it was. Whether any of that is ready.
    pub(super) fn take_sent(&self) -> bool {
        let sent = &self.0.sent;
        // Relaxed: if something is there, the exchange finds it.
        let first = sent.load(Ordering::Relaxed);
        if first.is_null() || first == closed() {
            return false;
        }
        // ORDERING: Acquire pairs with the Release in `send`.
        self.take_stack(sent.swap(ptr::null_mut(), Ordering::Acquire));
        self.owned().first.get().is_some()
    }

    /// Takes what was sent, and nothing more from now on. Whether there was any.
    pub(super) fn close(&self) -> bool {
        // ORDERING: as in `take_sent`.
        let first = self.0.sent.swap(closed(), Ordering::Acquire);
        let some = !first.is_null() && first != closed();
        if some {
            self.take_stack(first);
        }
        some
    }

    fn take_stack(&self, mut first: *mut Header) {
        // The stack has the last one first.
        let mut reversed = None;
        while let Some(child) = NonNull::new(first) {
            // SAFETY: it was sent, and is held until `taken` below.
            let cell = unsafe { header(child) };
            // Relaxed: acquired with the stack.
            first = cell.next_sent.load(Ordering::Relaxed);
            let next = reversed.map_or(ptr::null_mut(), NonNull::as_ptr);
            cell.next_sent.store(next, Ordering::Relaxed);
            reversed = Some(child);
        }
        while let Some(child) = reversed {
            // SAFETY: as above.
            let cell = unsafe { header(child) };
            reversed = NonNull::new(cell.next_sent.load(Ordering::Relaxed));
            match cell.state.taken() {
                Taken::Owned => match cell.stage.get() {
                    Stage::New => self.owned().add(cell, child),
                    Stage::Linked => self.owned().push(cell, child),
                    Stage::Ended => {}
                },
                Taken::Ended => {}
                // SAFETY: nobody holds it, and its future is gone.
                Taken::Last => unsafe { free(child) },
            }
        }
    }

    /// Leaves whom the next child that is sent will wake.
    pub(super) fn wait(&self, cx: &Context<'_>) {
        let replaced = {
            let mut waiting = lock(&self.0.waiting);
            match &*waiting {
                Some(waker) if waker.will_wake(cx.waker()) => None,
                _ => waiting.replace(cx.waker().clone()),
            }
        };
        // A waker's destructor may run any code: not under the lock.
        drop(replaced);
    }
}

impl Owned {
    /// Adds a new child, ready to be polled, and gives the turn a poll more for it.
    pub(super) fn add(&self, cell: &Header, child: Child) {
        let next = self.all.replace(Some(child));
        cell.next.set(next);
        if let Some(next) = next {
            // SAFETY: it is in the list of all.
            unsafe { header(next) }.previous.set(Some(child));
        }
        cell.stage.set(Stage::Linked);
        self.len.set(self.len.get() + 1);
        self.turns.set(self.turns.get() + 1);
        self.push(cell, child);
    }

    /// Puts a child behind those that are ready, if it is not there.
    fn push(&self, cell: &Header, child: Child) {
        if cell.queued.replace(true) {
            return;
        }
        cell.next_ready.set(None);
        match self.first.get() {
            None => self.first.set(Some(child)),
            Some(_) => {
                if let Some(last) = self.last.get() {
                    // SAFETY: the last of those that are ready, of which there are some.
                    unsafe { header(last) }.next_ready.set(Some(child));
                }
            }
        }
        self.last.set(Some(child));
    }
}
