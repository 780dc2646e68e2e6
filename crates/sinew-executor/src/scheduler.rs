//! The work-stealing scheduler: the queues, and the way from a wake to a runner.
//!
//! Each runner has a *slot* with a bounded queue of its own. A task that is
//! woken on a runner's thread goes to that runner's queue; a task that is woken
//! elsewhere goes to the *injector*, which all share. A runner takes from its
//! queue, then a batch from the injector, then half of another runner's queue.
//!
//! The queues are those of the `concurrent-queue` crate. Who sleeps and whom to
//! wake is [`Idle`]'s business.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use sinew_core::rng;
use sinew_task::{PollSlot, PollSnapshot, Runnable, Schedule, TaskHooks, TaskInfo, TaskList};

use crate::idle::Idle;
use crate::queue::TaskQueue;

/// Tasks that a runner's own queue holds; more go to the injector.
const LOCAL_CAPACITY: usize = 256;

/// Tasks moved in one go: half of a full queue.
const BATCH: usize = LOCAL_CAPACITY / 2;

/// A runner looks at the injector first every so many tasks, so that tasks
/// woken elsewhere are not starved by a queue that never runs dry. Prime, so
/// that it does not fall into step with a program's own rhythm.
pub(crate) const INJECTOR_INTERVAL: u32 = 61;

/// What one runner owns.
pub(crate) struct Slot {
    taken: AtomicBool,
    queue: TaskQueue,
    pub(crate) poll: PollSlot,
}

/// The runner that this thread is, if it is one.
#[derive(Clone, Copy)]
struct Current {
    /// The scheduler's address; 0 for none. Only ever compared.
    scheduler: usize,
    /// The runner's slot, if it has one.
    slot: Option<usize>,
    /// The runner is inside its parker: it will look at its queue when it comes
    /// out, so what is pushed there meanwhile need not be announced.
    parked: bool,
}

thread_local! {
    static CURRENT: Cell<Current> = const {
        Cell::new(Current { scheduler: 0, slot: None, parked: false })
    };
}

/// A multi-thread scheduler: where tasks go when they are woken and where
/// [`Worker`](crate::Worker)s find them.
///
/// It has no threads. A runtime makes one, starts a thread for each slot and
/// calls [`Worker::run`](crate::Worker::run) there.
pub struct Scheduler {
    slots: Box<[Slot]>,
    injector: TaskQueue,
    pub(crate) idle: Idle,
    tasks: TaskList,
    next_runner: AtomicU64,
    /// Runners that are not suspended by one further up on their own stack.
    live: AtomicUsize,
    hooks: Option<Arc<dyn TaskHooks>>,
}

impl Scheduler {
    /// A scheduler with queues for `runners` runners. More may run tasks; those
    /// without a queue of their own live from the injector and by stealing.
    ///
    /// # Panics
    ///
    /// When `runners` is zero.
    #[track_caller]
    #[must_use]
    pub fn new(runners: usize) -> Arc<Scheduler> {
        Scheduler::with_hooks(runners, None)
    }

    /// A scheduler that calls `hooks` at the points of its tasks' lives.
    ///
    /// # Panics
    ///
    /// When `runners` is zero.
    #[track_caller]
    #[must_use]
    pub fn with_hooks(runners: usize, hooks: Option<Arc<dyn TaskHooks>>) -> Arc<Scheduler> {
        assert!(runners > 0, "a scheduler needs at least one runner");
        Arc::new(Scheduler {
            slots: (0..runners)
                .map(|_| Slot {
                    taken: AtomicBool::new(false),
                    queue: TaskQueue::bounded(LOCAL_CAPACITY),
                    poll: PollSlot::new(),
                })
                .collect(),
            injector: TaskQueue::unbounded(),
            idle: Idle::new(),
            tasks: TaskList::new(runners),
            next_runner: AtomicU64::new(1),
            live: AtomicUsize::new(0),
            hooks,
        })
    }

    /// The tasks that are alive, each with what it waits for.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        self.tasks.snapshot()
    }

    /// What each runner with a slot is polling right now, if anything.
    #[must_use]
    pub fn polls(&self) -> Vec<Option<PollSnapshot>> {
        self.slots.iter().map(|slot| slot.poll.snapshot()).collect()
    }

    /// How many tasks are alive.
    #[must_use]
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// Whether this thread is one of this scheduler's runners, that is, whether
    /// the caller is in a task of it, or in something else that a runner polls.
    #[must_use]
    pub fn runs_here(&self) -> bool {
        CURRENT.get().scheduler == self.address()
    }

    /// Whether every runner sleeps and no task is queued: nothing will happen
    /// until a waker is called from outside.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.idle.sleeping() == self.live.load(Ordering::Relaxed) && !self.has_tasks()
    }

    /// Wakes a sleeping runner, if there is one and none is searching. It looks
    /// for tasks and then parks again, and so takes over what the caller, a
    /// runner that parked on behalf of all, is about to leave alone.
    pub fn wake_one(&self) {
        self.idle.notify();
    }

    pub(crate) fn runner_begins(&self) {
        self.live.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn runner_ends(&self) {
        self.live.fetch_sub(1, Ordering::Relaxed);
    }

    /// Refuses new tasks, cancels all that are alive, and drops their futures
    /// here. Returns when none is left.
    ///
    /// To be called when no worker runs any more: it waits for a task that is
    /// being polled elsewhere.
    pub fn cancel_all(&self) {
        self.tasks.close_and_cancel();
        loop {
            while let Some(task) = self.take_any() {
                task.run();
            }
            if self.tasks.is_empty() {
                return;
            }
            // Some thread is between marking a task as scheduled and pushing it.
            thread::yield_now();
        }
    }

    pub(crate) fn runner_id(&self) -> u64 {
        self.next_runner.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn runners(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// Claims a free slot.
    pub(crate) fn claim_slot(&self) -> Option<usize> {
        self.slots.iter().position(|slot| {
            // ORDERING: Acquire pairs with the Release in `release_slot`: the
            // poll slot has one writer at a time.
            !slot.taken.load(Ordering::Relaxed) && !slot.taken.swap(true, Ordering::Acquire)
        })
    }

    /// Gives a slot back. What is in its queue goes to the injector.
    pub(crate) fn release_slot(&self, index: usize) {
        let slot = &self.slots[index];
        let mut moved = false;
        while let Some(task) = slot.queue.pop() {
            self.inject(task);
            moved = true;
        }
        // ORDERING: Release pairs with the Acquire in `claim_slot`.
        slot.taken.store(false, Ordering::Release);
        if moved {
            self.idle.notify();
        }
    }

    /// Marks this thread as the runner with this slot while `f` runs.
    pub(crate) fn as_runner<R>(&self, slot: Option<usize>, f: impl FnOnce() -> R) -> R {
        struct Restore(Current);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _restore = Restore(CURRENT.replace(Current {
            scheduler: self.address(),
            slot,
            parked: false,
        }));
        f()
    }

    /// Says whether this thread's runner is inside its parker.
    pub(crate) fn set_parked(&self, parked: bool) {
        let mut current = CURRENT.get();
        if current.scheduler == self.address() {
            current.parked = parked;
            CURRENT.set(current);
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn inject(&self, task: Runnable) {
        if let Err(error) = self.injector.push(task) {
            // An unbounded queue refuses only when it is closed, and this one
            // never is. Dropping the task would cancel it.
            drop(error);
            unreachable!("the injector is never closed");
        }
    }

    /// Puts a task into the queue of `slot`. A full queue first gives half of
    /// its tasks to the injector, where all runners see them.
    fn push_local(&self, slot: usize, task: Runnable) {
        let queue = &self.slots[slot].queue;
        let Err(full) = queue.push(task) else { return };
        for _ in 0..BATCH {
            match queue.pop() {
                Some(task) => self.inject(task),
                None => break,
            }
        }
        self.inject(full);
    }

    /// The next task for the runner of `slot`.
    pub(crate) fn next_task(&self, slot: Option<usize>, tick: u32) -> Option<Runnable> {
        if tick % INJECTOR_INTERVAL == 0 {
            if let Some(task) = self.take_injected(slot) {
                return Some(task);
            }
        }
        if let Some(slot) = slot {
            if let Some(task) = self.slots[slot].queue.pop() {
                return Some(task);
            }
        }
        self.take_injected(slot)
    }

    /// Takes one task from the injector to run, and a fair share of the rest
    /// into the runner's own queue.
    fn take_injected(&self, slot: Option<usize>) -> Option<Runnable> {
        let first = self.injector.pop()?;
        if let Some(slot) = slot {
            let share = self.injector.len() / self.slots.len();
            self.move_tasks(&self.injector, slot, share);
        }
        Some(first)
    }

    /// Takes half of another runner's queue, starting from a random one.
    pub(crate) fn steal(&self, slot: Option<usize>) -> Option<Runnable> {
        let count = self.slots.len();
        let start = rng::below(count as u32) as usize;
        for offset in 0..count {
            let victim = (start + offset) % count;
            if Some(victim) == slot {
                continue;
            }
            let queue = &self.slots[victim].queue;
            let half = queue.len() / 2;
            if let Some(task) = queue.pop() {
                if let Some(slot) = slot {
                    self.move_tasks(queue, slot, half);
                }
                return Some(task);
            }
        }
        None
    }

    /// Moves up to `count` tasks, at most a batch, as far as there is room.
    fn move_tasks(&self, from: &TaskQueue, slot: usize, count: usize) {
        let to = &self.slots[slot].queue;
        for _ in 0..count.min(BATCH) {
            let Some(task) = from.pop() else { return };
            if let Err(full) = to.push(task) {
                self.inject(full);
                return;
            }
        }
    }

    /// Whether any queue holds a task.
    pub(crate) fn has_tasks(&self) -> bool {
        !self.injector.is_empty() || self.slots.iter().any(|slot| !slot.queue.is_empty())
    }

    /// How many tasks wait in the queue of `slot`.
    pub(crate) fn local_len(&self, slot: Option<usize>) -> usize {
        slot.map_or(0, |slot| self.slots[slot].queue.len())
    }

    fn take_any(&self) -> Option<Runnable> {
        let injected = self.injector.pop();
        injected.or_else(|| self.slots.iter().find_map(|slot| slot.queue.pop()))
    }
}

impl Schedule for Scheduler {
    fn schedule(&self, task: Runnable) {
        let current = CURRENT.get();
        match current.slot {
            Some(slot) if current.scheduler == self.address() => {
                self.push_local(slot, task);
                if current.parked {
                    return;
                }
            }
            _ => self.inject(task),
        }
        self.idle.notify();
    }

    fn schedule_yielded(&self, task: Runnable) {
        let current = CURRENT.get();
        match current.slot {
            // The runner is right here and takes it after the others; it shares
            // with idle runners every now and then (`Runner::next`).
            Some(slot) if current.scheduler == self.address() => self.push_local(slot, task),
            _ => {
                self.inject(task);
                self.idle.notify();
            }
        }
    }

    fn tasks(&self) -> Option<&TaskList> {
        Some(&self.tasks)
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.hooks.as_deref()
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("runners", &self.slots.len())
            .field("tasks", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
