//! A part of the list of live tasks: see `list`.

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU64;

use crate::Metadata;
use crate::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Mutex, MutexGuard, Ordering, fence, lock};
use crate::shared_cell::{self, CellPtr, Header};

/// Tasks that are taken out before the holder gives the cells up: one fence for so
/// many, and no more memory than a few kilobytes kept for it.
#[cfg(not(sinew_loom))]
const LIMBO: usize = 32;
#[cfg(sinew_loom)]
const LIMBO: usize = 1;

/// A task's neighbours in its shard.
pub(crate) struct Links {
    /// [`OUT`] until the task is entered; then the holder's. Once the task has been
    /// taken out, the next cell in limbo.
    previous: AtomicPtr<Header>,
    /// Written by the holder, read by readers. Left as it is when the task is taken
    /// out, for readers that are there.
    next: AtomicPtr<Header>,
}

/// Not the address of a cell, nor null.
const OUT: *mut Header = NonNull::dangling().as_ptr();

impl Links {
    pub(crate) fn new() -> Links {
        Links {
            previous: AtomicPtr::new(OUT),
            next: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Whether the task has been entered into a list. For who has its `Runnable`.
    #[inline]
    pub(crate) fn is_entered(&self) -> bool {
        self.previous.load(Ordering::Relaxed) != OUT
    }
}

/// How many tasks have come and gone. One writer at a time.
pub(crate) struct Counts {
    spawned: AtomicU64,
    finished: AtomicU64,
}

impl Counts {
    pub(crate) const fn new() -> Counts {
        Counts {
            spawned: AtomicU64::new(0),
            finished: AtomicU64::new(0),
        }
    }

    /// By the holder.
    #[inline]
    pub(crate) fn add_spawned(&self) {
        let now = self.spawned.load(Ordering::Relaxed);
        self.spawned.store(now.wrapping_add(1), Ordering::Relaxed);
    }

    /// By the holder.
    #[inline]
    pub(crate) fn add_finished(&self) {
        let now = self.finished.load(Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire in `finished`: who sees that a task
        // has finished sees that it was spawned.
        self.finished.store(now.wrapping_add(1), Ordering::Release);
    }

    /// By anybody, where nobody holds.
    pub(crate) fn share_spawned(&self) {
        // ORDERING: SeqCst: see `TaskList::enter`.
        self.spawned.fetch_add(1, Ordering::SeqCst);
    }

    /// By anybody, where nobody holds.
    pub(crate) fn share_finished(&self) {
        // ORDERING: Release, as in `add_finished`.
        self.finished.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn spawned(&self) -> u64 {
        // ORDERING: SeqCst: see `TaskList::enter`.
        self.spawned.load(Ordering::SeqCst)
    }

    pub(crate) fn finished(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `add_finished`.
        self.finished.load(Ordering::Acquire)
    }
}

/// On cache lines of its own.
#[repr(align(128))]
pub(crate) struct Shard {
    head: AtomicPtr<Header>,
    /// Cells that have been taken out and not been given up, linked by `previous`.
    /// The holder's, as is the next.
    limbo: Cell<*mut Header>,
    in_limbo: Cell<usize>,
    /// Tasks that the holder has finished and that are in another shard: to be sent
    /// there together. The holder's, as is the next.
    outgoing: Cell<Vec<CellPtr>>,
    /// That shard, of the same list.
    receiver: Cell<*const Shard>,
    pub(crate) counts: Counts,
    /// Whether somebody holds the shard for long. Set behind the door.
    held: AtomicBool,
    /// Threads that walk along the list without holding it.
    readers: AtomicUsize,
    /// Tasks that are to be taken out by the holder, and how many. Sent by those who
    /// are not.
    mail: Mutex<Vec<CellPtr>>,
    waiting: AtomicUsize,
    /// Locked by those who hold the shard for a moment, while nobody does for long.
    door: Mutex<()>,
}

// SAFETY: the cells are the holder's, of whom there is one at a time (invariant 1 of
// `list`), and `held` or `door` orders one after the other. Cells are `Sync`.
unsafe impl Sync for Shard {}
// SAFETY: as above.
unsafe impl Send for Shard {}

impl Shard {
    pub(crate) fn new() -> Shard {
        Shard {
            head: AtomicPtr::new(ptr::null_mut()),
            limbo: Cell::new(ptr::null_mut()),
            in_limbo: Cell::new(0),
            outgoing: Cell::new(Vec::new()),
            receiver: Cell::new(ptr::null()),
            counts: Counts::new(),
            held: AtomicBool::new(false),
            readers: AtomicUsize::new(0),
            mail: Mutex::new(Vec::new()),
            waiting: AtomicUsize::new(0),
            door: Mutex::new(()),
        }
    }

    // Holding.

    /// Makes the caller the holder, for long. One thread at a time does this.
    pub(crate) fn hold(&self) {
        let _door = lock(&self.door);
        // Relaxed: the lock orders it after those who held it for a moment, and after
        // `let_go` by the caller's own means.
        self.held.store(true, Ordering::Relaxed);
    }

    /// The holder holds it no longer.
    pub(crate) fn let_go(&self) {
        self.send();
        self.take_mail();
        self.give_up();
        // ORDERING: Release pairs with the Acquire in `sweep`.
        self.held.store(false, Ordering::Release);
        // ORDERING: pairs with the fence in `hand_back`: either we see what was sent, or
        // the sender sees that nobody holds.
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.sweep();
        }
    }

    /// Opens the mail, if nobody holds the shard for long.
    #[cold]
    fn sweep(&self) {
        let _door = lock(&self.door);
        // ORDERING: Acquire pairs with the Release in `let_go`.
        if !self.held.load(Ordering::Acquire) {
            self.take_mail();
            self.give_up();
        }
    }

    /// Makes the caller the holder for a moment, where nobody is for long.
    pub(crate) fn through_door(&self) -> MutexGuard<'_, ()> {
        lock(&self.door)
    }

    // By the holder.

    /// # Safety
    ///
    /// The caller holds the shard. The cell's list has not let go of it, and it was
    /// never entered.
    #[inline]
    pub(crate) unsafe fn insert(&self, cell: CellPtr) {
        let links = &cell.metadata().links;
        let head = self.head.load(Ordering::Relaxed);
        links.next.store(head, Ordering::Relaxed);
        links.previous.store(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: what is in the list is there.
        if let Some(head) = unsafe { CellPtr::from_raw(head) } {
            let links = &head.metadata().links;
            links.previous.store(cell.as_ptr(), Ordering::Relaxed);
        }
        // ORDERING: Release pairs with the Acquire in `for_each`: a reader sees the cell
        // as it is.
        self.head.store(cell.as_ptr(), Ordering::Release);
    }

    /// # Safety
    ///
    /// The caller holds the shard, in which the cell is.
    #[inline]
    pub(crate) unsafe fn remove(&self, cell: CellPtr) {
        // SAFETY: the caller's promise.
        unsafe { self.unlink(cell) };
        if self.in_limbo.get() >= LIMBO {
            self.take_mail();
            self.give_up();
        }
    }

    /// # Safety
    ///
    /// As of [`remove`](Self::remove).
    #[inline]
    unsafe fn unlink(&self, cell: CellPtr) {
        let links = &cell.metadata().links;
        let previous = links.previous.load(Ordering::Relaxed);
        let next = links.next.load(Ordering::Relaxed);
        // SAFETY: what is in the list is there.
        let towards = match unsafe { CellPtr::from_raw(previous) } {
            Some(previous) => &previous.header().metadata.links.next,
            None => &self.head,
        };
        // ORDERING: Release, as in `insert`.
        towards.store(next, Ordering::Release);
        // SAFETY: as above.
        if let Some(next) = unsafe { CellPtr::from_raw(next) } {
            let links = &next.metadata().links;
            links.previous.store(previous, Ordering::Relaxed);
        }
        links.previous.store(self.limbo.get(), Ordering::Relaxed);
        self.limbo.set(cell.as_ptr());
        self.in_limbo.set(self.in_limbo.get() + 1);
    }

    /// Lets go of the cells in limbo, unless somebody might be reading them.
    #[cold]
    pub(crate) fn give_up(&self) {
        if self.limbo.get().is_null() {
            return;
        }
        // ORDERING: pairs with the fence in `for_each`. If that comes first, we see
        // the reader; else it sees that the cells have been taken out.
        fence(Ordering::SeqCst);
        // ORDERING: Acquire pairs with the Release at the end of `for_each`.
        if self.readers.load(Ordering::Acquire) != 0 {
            return;
        }
        self.in_limbo.set(0);
        let mut limbo = self.limbo.replace(ptr::null_mut());
        // SAFETY: a cell in limbo is there: the list has not let go of it.
        while let Some(cell) = unsafe { CellPtr::from_raw(limbo) } {
            limbo = cell.metadata().links.previous.load(Ordering::Relaxed);
            // SAFETY: it has been taken out, so this is the one time.
            unsafe { shared_cell::unlist(cell) };
        }
    }

    /// Takes out what others have sent.
    #[inline]
    pub(crate) fn take_mail(&self) {
        // Relaxed: what is missed is seen by `let_go`.
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.open_mail();
        }
    }

    #[cold]
    fn open_mail(&self) {
        let cells = {
            let mut mail = lock(&self.mail);
            self.waiting.store(0, Ordering::Relaxed);
            std::mem::take(&mut *mail)
        };
        for cell in cells {
            // SAFETY: it was sent once, by who knew that it was in this shard, which we
            // hold.
            unsafe { self.unlink(cell) };
        }
    }

    /// Has a task taken out of another shard of the same list, in which it is, some time
    /// before the holder lets go of this one.
    ///
    /// # Safety
    ///
    /// The caller holds this shard and not the other. This is called once for the cell.
    #[inline]
    pub(crate) unsafe fn hand_over(&self, to: &Shard, cell: CellPtr) {
        if !ptr::eq(self.receiver.get(), to) {
            self.send();
            self.receiver.set(to);
        }
        let mut outgoing = self.outgoing.take();
        outgoing.push(cell);
        let full = outgoing.len() >= LIMBO;
        self.outgoing.set(outgoing);
        if full {
            self.send();
        }
    }

    /// Sends what is to be taken out of another shard.
    fn send(&self) {
        // SAFETY: null, or a shard of the same list.
        let Some(receiver) = (unsafe { self.receiver.get().as_ref() }) else {
            return;
        };
        let mut outgoing = self.outgoing.take();
        if !outgoing.is_empty() {
            // SAFETY: they are in that shard, which we do not hold, and each was handed
            // over once.
            unsafe { receiver.hand_back(outgoing.drain(..)) };
        }
        self.outgoing.set(outgoing);
    }

    // By those who do not hold it.

    /// Has tasks taken out, by the holder or here.
    ///
    /// # Safety
    ///
    /// The cells are in this shard, and this is called once for each, not by the holder.
    pub(crate) unsafe fn hand_back(&self, cells: impl IntoIterator<Item = CellPtr>) {
        {
            let mut mail = lock(&self.mail);
            mail.extend(cells);
            self.waiting.store(mail.len(), Ordering::Relaxed);
        }
        // ORDERING: pairs with the fence in `let_go`.
        fence(Ordering::SeqCst);
        if !self.held.load(Ordering::Relaxed) {
            self.sweep();
        }
    }

    /// Calls `f` with each task that is in the shard all the time. It may be called
    /// with some that come or go meanwhile.
    pub(crate) fn for_each(&self, mut f: impl FnMut(CellPtr)) {
        struct Leave<'a>(&'a AtomicUsize);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                // ORDERING: Release pairs with the Acquire in `give_up`.
                self.0.fetch_sub(1, Ordering::Release);
            }
        }
        self.readers.fetch_add(1, Ordering::Relaxed);
        let _leave = Leave(&self.readers);
        // ORDERING: pairs with the fence in `give_up`.
        fence(Ordering::SeqCst);
        // ORDERING: Acquire pairs with the Release in `insert` and `remove`.
        let mut next = self.head.load(Ordering::Acquire);
        // SAFETY: it was in the list after the fence above, so the list does not let go
        // of it while we are counted.
        while let Some(cell) = unsafe { CellPtr::from_raw(next) } {
            let metadata: &Metadata = cell.metadata();
            // ORDERING: as above.
            next = metadata.links.next.load(Ordering::Acquire);
            if !metadata.is_finished() {
                f(cell);
            }
        }
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        self.open_mail();
        self.give_up();
    }
}
