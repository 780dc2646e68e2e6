//! The tasks that are alive, so that they can be listed, counted and cancelled.
//!
//! Intrusive, doubly linked lists through the tasks' metadata: no allocation for each
//! task. There are several, the *shards*.
//!
//! # Owned shards
//!
//! A thread that runs tasks owns a shard while it does ([`TaskList::own`]). What it
//! spawns goes there, and what it finishes of that is taken out again, by plain loads
//! and stores: no lock, no locked instruction. A task of the shard that another thread
//! finishes is sent back by mail, some together, which the owner opens now and then. While a thread
//! rests ([`TaskList::rest`]) nobody owns its shard; then who sends holds it for a
//! moment and opens the mail.
//!
//! What other threads spawn, on a list with owned shards, is entered into none yet: it
//! is in some queue, and who takes it out of there adopts it ([`TaskList::adopt`]).
//!
//! # Common shards
//!
//! Threads that own none use these, each for a moment and behind a lock.
//!
//! # Readers
//!
//! Any thread may walk along a shard at any time, also while its owner is in a poll
//! that does not end. So a cell that was taken out is not given up at once. It stays
//! *in limbo*, with its way to the next left in it; and when some have gathered, the
//! holder makes sure that no reader is there, at the price of one fence for all, and
//! gives them up. Memory is all that this keeps: future and output are gone.
//!
//! # Invariants
//!
//! 1. A shard has at most one holder: its owner, or who holds it for a moment. Only
//!    the holder changes the links of its tasks, and its limbo.
//! 2. The list has a hold on each cell that is given to [`TaskList::enter`] (the bit
//!    `LISTED` of its state), from the start. So an idle task whose handle is gone, and
//!    of which nobody has a waker, lives. It is let go of when a cell leaves limbo, or
//!    by the runner if it was never entered into a shard.
//! 3. A task is in a shard from `insert` until `remove`, which is called once, for a
//!    task whose future has been dropped.
//! 4. `spawned` and `finished` count every task; what they differ by is alive. A task
//!    is counted as finished after it was taken out or sent back, by the last access
//!    that its runner makes to the list; or, by a runner that owns a shard, after it
//!    was put with those that are sent before the shard is let go of.
//! 5. A list that keeps its scheduler holds a reference to it from the first spawn on
//!    until [`TaskList::release`], which is called when the list is closed and no task
//!    is alive. So while a task is alive its scheduler is, and tasks need not count
//!    references to it.

use std::cell::Cell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::metadata::{Counted, Home, HomePtr};
use crate::shared_cell::{self, CellPtr};
use crate::{Metadata, Runnable, Schedule, TaskInfo};

mod shard;

use shard::Counts;
pub(crate) use shard::{Links, Shard};

/// Common shards for each thread, so that two seldom meet in one.
const SHARDS_PER_THREAD: usize = 4;

/// The shard that this thread owns. Never followed but in a scope of `own`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Own {
    list: *const TaskList,
    shard: *const Shard,
}

impl Own {
    const NONE: Own = Own {
        list: ptr::null(),
        shard: ptr::null(),
    };
}

#[cfg(not(sinew_loom))]
thread_local! {
    static OWN: Cell<Own> = const { Cell::new(Own::NONE) };
}

// A model's threads share the thread that std sees.
#[cfg(sinew_loom)]
loom::thread_local! {
    static OWN: Cell<Own> = Cell::new(Own::NONE);
}

#[inline]
fn own() -> Own {
    OWN.with(Cell::get)
}

fn set_own(own: Own) -> Own {
    OWN.with(|cell| cell.replace(own))
}

/// While this is there, the thread does not own its shard. Made by [`TaskList::rest`].
#[must_use = "the thread owns its shard again when this is dropped"]
pub struct Resting<'a> {
    shard: Option<&'a Shard>,
    // Holds raw pointers, and so stays on its thread.
    own: Own,
}

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        if let Some(shard) = self.shard {
            shard.hold();
            set_own(self.own);
        }
    }
}

impl fmt::Debug for Resting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resting").finish_non_exhaustive()
    }
}

/// While this is there, the thread owns the shard, and what it owned before afterwards.
struct Restore<'a>(&'a Shard, Own);

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        set_own(self.1);
        self.0.let_go();
    }
}

/// The live tasks of one scheduler. See [`Schedule::tasks`](crate::Schedule::tasks).
pub struct TaskList {
    /// A power of two of them.
    common: Box<[Shard]>,
    owned: Box<[Shard]>,
    /// Of tasks that were spawned or finished by threads without a shard.
    elsewhere: Counts,
    closed: AtomicBool,
    /// Whether the scheduler is kept; see invariant 5.
    keeping: bool,
    /// Set by the first spawn. Not used any more once the list is closed.
    homes: OnceLock<Homes>,
    keeper: Mutex<Keeper>,
}

#[derive(Default)]
struct Keeper {
    scheduler: Option<Arc<dyn Schedule>>,
    released: bool,
}

/// The homes of all tasks whose scheduler is kept: of those in no shard that is owned,
/// and of those in each.
struct Homes {
    elsewhere: HomePtr,
    owned: Box<[HomePtr]>,
    /// What they point to.
    #[expect(dead_code, reason = "kept for those who point to it")]
    homes: Box<[Home]>,
}

// SAFETY: homes are `Send` and `Sync`, and the pointers lead to them.
unsafe impl Send for Homes {}
// SAFETY: as above.
unsafe impl Sync for Homes {}

/// What a task has to do when it has left its list.
pub(crate) struct Left {
    /// The list has no hold on the cell that it would let go of.
    pub(crate) unlisted: bool,
    #[expect(dead_code, reason = "kept until the cell is complete, then dropped")]
    home: Option<Counted>,
}

impl TaskList {
    /// An empty list, split so that about `threads` threads can use it at once.
    #[must_use]
    pub fn new(threads: usize) -> TaskList {
        TaskList::with(threads, 0, false)
    }

    /// As [`new`](Self::new); and the list keeps its scheduler alive from the first
    /// spawn on, until [`release`](Self::release). This spares each task a count of
    /// its own. A scheduler that is dropped without `release` is leaked.
    #[must_use]
    pub fn keeping(threads: usize) -> TaskList {
        TaskList::with(threads, 0, true)
    }

    /// As [`keeping`](Self::keeping), with `owned` shards that threads may
    /// [own](Self::own). The scheduler must [adopt](Self::adopt) what it takes out of
    /// its queues, before it runs it.
    #[must_use]
    pub fn owned(owned: usize) -> TaskList {
        TaskList::with(1, owned, true)
    }

    fn with(threads: usize, owned: usize, keeping: bool) -> TaskList {
        let common = (threads.clamp(1, 64) * SHARDS_PER_THREAD).next_power_of_two();
        TaskList {
            common: (0..common).map(|_| Shard::new()).collect(),
            owned: (0..owned).map(|_| Shard::new()).collect(),
            elsewhere: Counts::new(),
            closed: AtomicBool::new(false),
            keeping,
            homes: OnceLock::new(),
            keeper: Mutex::default(),
        }
    }

    /// Runs `f` as the owner of the shard of this index, if one is named and there. The caller
    /// sees to it that no two threads do this for one shard at a time, or one waits for
    /// the other. May be nested.
    pub fn own<R>(&self, index: Option<usize>, f: impl FnOnce() -> R) -> R {
        // One call, whatever is owned: `f` is a runner's whole loop, and would be there
        // once for each.
        let _restore = self.take(index);
        f()
    }

    fn take(&self, index: Option<usize>) -> Option<Restore<'_>> {
        let shard = self.owned.get(index?)?;
        let own = Own { list: self, shard };
        if self::own() == own {
            return None;
        }
        shard.hold();
        Some(Restore(shard, set_own(own)))
    }

    /// This thread waits, and nobody owns the shard that it owns otherwise, until the
    /// result is dropped.
    pub fn rest(&self) -> Resting<'_> {
        let own = own();
        let shard = self.owned_here();
        if let Some(shard) = shard {
            set_own(Own::NONE);
            shard.let_go();
        }
        Resting { shard, own }
    }

    /// The shard of this list that this thread owns.
    #[inline]
    fn owned_here(&self) -> Option<&Shard> {
        let own = own();
        if !ptr::eq(own.list, self) {
            return None;
        }
        // SAFETY: we are in the scope of an `own` of this list, which has the shard.
        Some(unsafe { &*own.shard })
    }

    /// The common shard of a task. A thread takes ids in blocks, so its tasks are
    /// mostly in one shard at a time, and those of another thread in another.
    fn common(&self, metadata: &Metadata) -> &Shard {
        let block = metadata.id().as_u64() / crate::id::BLOCK;
        &self.common[block as usize & (self.common.len() - 1)]
    }

    /// The home of a task that is about to be spawned on `scheduler`, whose list this
    /// is.
    #[inline]
    pub(crate) fn home(&self, scheduler: &Arc<dyn Schedule>) -> HomePtr {
        if self.keeping && !self.is_closed() {
            if let Some(homes) = self.homes.get() {
                return homes.elsewhere;
            }
            if let Some(home) = self.keep(scheduler) {
                return home;
            }
        }
        HomePtr::counted(scheduler.clone(), self, ptr::null())
    }

    #[cold]
    fn keep(&self, scheduler: &Arc<dyn Schedule>) -> Option<HomePtr> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if keeper.released {
            return None;
        }
        let kept = keeper.scheduler.get_or_insert_with(|| scheduler.clone());
        let homes = self.homes.get_or_init(|| {
            let shards = self.owned.iter().map(ptr::from_ref);
            let homes: Box<[Home]> = std::iter::once(ptr::null())
                .chain(shards)
                .map(|shard| {
                    // SAFETY: a copy that is not dropped, of one that is kept while
                    // there are tasks (invariant 5).
                    let copy = ManuallyDrop::new(unsafe { ptr::read(kept) });
                    Home::new(copy, self, shard)
                })
                .collect();
            Homes {
                elsewhere: HomePtr::kept(&homes[0]),
                owned: homes[1..].iter().map(HomePtr::kept).collect(),
                homes,
            }
        });
        Some(homes.elsewhere)
    }

    /// Lets the scheduler go. To be called when the list has been closed and is
    /// empty, by who holds a reference to the scheduler.
    ///
    /// # Panics
    ///
    /// When there are tasks, or there may be more.
    pub fn release(&self) {
        let ended = self.is_closed() && self.is_empty();
        assert!(ended, "a scheduler is kept while it has tasks");
        let scheduler = {
            let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
            keeper.released = true;
            keeper.scheduler.take()
        };
        drop(scheduler);
    }

    #[inline]
    fn is_closed(&self) -> bool {
        // ORDERING: SeqCst: see `enter`.
        self.closed.load(Ordering::SeqCst)
    }

    /// Adds a new task. `false` if the list is closed: then the task is to be cancelled.
    ///
    /// # Safety
    ///
    /// The cell was made just now, as one that is listed, with [`home`](Self::home) as
    /// its home, and is known to nobody else. The caller keeps its scheduler meanwhile.
    #[inline]
    pub(crate) unsafe fn enter(&self, cell: CellPtr) -> bool {
        if let Some(shard) = self.owned_here() {
            shard.counts.add_spawned();
            if self.is_closed() {
                return false;
            }
            // SAFETY: we own the shard, and the cell is new.
            unsafe { self.insert_owned(shard, cell) };
            return true;
        }
        // ORDERING: SeqCst, with `closed`. Either we see that the list was closed
        // before; or who closes it, and looks whether it is empty after that, sees that
        // it is not.
        self.elsewhere.share_spawned();
        if self.owned.is_empty() {
            let shard = self.common(cell.metadata());
            let _door = shard.through_door();
            if self.is_closed() {
                return false;
            }
            // SAFETY: we hold the shard, and the cell is new.
            unsafe { shard.insert(cell) };
            return true;
        }
        !self.is_closed()
    }

    /// # Safety
    ///
    /// This thread owns `shard`. The cell is of this list and has not been entered into
    /// a shard; the caller has its `Runnable`.
    #[inline]
    unsafe fn insert_owned(&self, shard: &Shard, cell: CellPtr) {
        // SAFETY: both are parts of this list.
        let index = unsafe { ptr::from_ref(shard).offset_from(self.owned.as_ptr()) };
        if let Some(homes) = self.homes.get() {
            cell.metadata().set_home(homes.owned[index as usize]);
        }
        // SAFETY: the caller's promise.
        unsafe { shard.insert(cell) };
    }

    /// Enters a task that a thread without a shard has spawned, unless that has been
    /// done. To be called by the scheduler of a list with [owned](Self::owned) shards
    /// when it takes the task out of its queue, and before it runs it.
    #[inline]
    pub fn adopt(&self, task: &Runnable) {
        if !task.metadata().links.is_entered() {
            self.adopt_new(task);
        }
    }

    /// Whether a task, of which the caller has the runnable, has been entered.
    #[must_use]
    pub fn has_adopted(&self, task: &Runnable) -> bool {
        task.metadata().links.is_entered()
    }

    fn adopt_new(&self, task: &Runnable) {
        let cell = task.cell();
        let home = task.metadata().home().home();
        if !home.list().is_some_and(|list| ptr::eq(list, self)) || self.owned.is_empty() {
            return;
        }
        match self.owned_here() {
            // SAFETY: we own the shard. The task is of this list, alive, and in no shard.
            Some(shard) => unsafe { self.insert_owned(shard, cell) },
            None => {
                let shard = self.common(cell.metadata());
                let _door = shard.through_door();
                // SAFETY: as above, and we hold the shard.
                unsafe { shard.insert(cell) };
            }
        }
    }

    /// How many tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // First those that have finished: of each of them is seen that it was spawned.
        let finished = self
            .counts()
            .fold(0, |sum: u64, counts| sum.wrapping_add(counts.finished()));
        usize::try_from(self.spawned().saturating_sub(finished)).unwrap_or(usize::MAX)
    }

    /// How many tasks there have been so far.
    #[must_use]
    pub fn spawned(&self) -> u64 {
        self.counts().map(Counts::spawned).sum()
    }

    fn counts(&self) -> impl Iterator<Item = &Counts> {
        self.owned
            .iter()
            .map(|shard| &shard.counts)
            .chain([&self.elsewhere])
    }

    /// Whether there is no task.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each task with what it waits for, in no particular order. Without those that
    /// are still to be [adopted](Self::adopt).
    ///
    /// Tasks may come, go and be polled meanwhile; each is looked at at one moment of
    /// its own.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        let mut infos = Vec::new();
        self.for_each(|cell| infos.push(TaskInfo::of(cell.metadata())));
        infos
    }

    fn for_each(&self, mut f: impl FnMut(CellPtr)) {
        for shard in &self.common {
            let _door = shard.through_door();
            shard.for_each(&mut f);
        }
        for shard in &self.owned {
            shard.for_each(&mut f);
        }
    }

    /// Closes the list and cancels every task in it: each is marked and
    /// scheduled, and the next time that it is run its future is dropped.
    ///
    /// The caller goes on running, or drops, what is scheduled until
    /// [`is_empty`](Self::is_empty). New tasks are refused from here on, but one that a
    /// thread spawned on a shard of its own just now may have been missed: if there are
    /// such threads, this is to be called again.
    pub fn close_and_cancel(&self) {
        // ORDERING: SeqCst: see `enter`.
        self.closed.store(true, Ordering::SeqCst);
        let mut tasks: Vec<Runnable> = Vec::new();
        self.for_each(|cell| tasks.extend(shared_cell::abort(cell)));
        // After that, for a schedule may want what we have locked.
        for task in tasks {
            task.schedule();
        }
    }
}

/// The task's future is gone: it leaves its list.
///
/// # Safety
///
/// By the runner, once.
#[inline]
pub(crate) unsafe fn leave(cell: CellPtr) -> Left {
    let metadata = cell.metadata();
    let home = metadata.home().home();
    let entered = metadata.links.is_entered();
    if let Some(list) = home.list() {
        let owned = list.owned_here();
        // SAFETY: null, or a part of the list.
        let shard = unsafe { home.shard().as_ref() };
        match shard {
            None if !entered => {}
            None => {
                let shard = list.common(metadata);
                let _door = shard.through_door();
                // SAFETY: it is in this one, as no owned one is named, and we hold it.
                unsafe { shard.remove(cell) };
                shard.give_up();
            }
            Some(shard) if owned.is_some_and(|owned| ptr::eq(owned, shard)) => {
                // SAFETY: it is in this one, which we own.
                unsafe { shard.remove(cell) };
            }
            Some(shard) => match owned {
                // SAFETY: it is in `shard`, which we do not own as we own `mine`; and this
                // is called once.
                Some(mine) => unsafe { mine.hand_over(shard, cell) },
                // SAFETY: as above.
                None => unsafe { shard.hand_back([cell]) },
            },
        }
        // The last access to the list, which may be gone after it.
        match owned {
            Some(shard) => shard.counts.add_finished(),
            None => list.elsewhere.share_finished(),
        }
    }
    Left {
        unlisted: !entered,
        home: metadata.give_up_home(),
    }
}

impl fmt::Debug for TaskList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskList")
            .field("len", &self.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
