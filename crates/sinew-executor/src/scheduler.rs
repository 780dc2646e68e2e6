//! The work-stealing scheduler: the queues, and the way from a wake to a runner.
//!
//! Each runner has a [`Slot`] with a ring of its own. A task that is woken on a
//! runner's thread goes to that runner's slot; a task that is woken elsewhere
//! goes to the [`Injector`], which all share. A runner takes from its slot, then a
//! batch from the injector, then half of another runner's ring.
//!
//! Who sleeps and whom to wake is [`Idle`]'s business.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use sinew_core::OutOfLine;
use sinew_task::{Runnable, TaskHooks, TaskList};

use crate::blocking::Blocking;
use crate::counters::Counters;
use crate::current;
use crate::idle::Idle;
use crate::injector::Injector;
use crate::options::Options;
use crate::slot::Slot;

mod observe;
mod queues;

/// How long [`Scheduler::cancel_all`] waits between two looks, once it has
/// looked in vain for a while.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// How often it gives way before it begins to wait.
const GIVE_WAY: u32 = 32;

/// A multi-thread scheduler: where tasks go when they are woken and where
/// [`Worker`](crate::Worker)s find them.
///
/// It has no threads. A runtime makes one, starts a thread for each worker and
/// calls [`Worker::run`](crate::Worker::run) there.
pub struct Scheduler {
    slots: OutOfLine<Box<[Slot]>>,
    /// Slots from this one on have never been claimed.
    slots_used: AtomicUsize,
    injector: OutOfLine<Injector<Runnable>>,
    pub(crate) idle: OutOfLine<Idle>,
    /// Whether guests block in their main futures.
    pub(crate) blocking: Blocking,
    pub(crate) tasks: OutOfLine<TaskList>,
    next_runner: AtomicU64,
    pub(crate) options: Options,
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
        let mut options = Options::new(runners);
        options.hooks = hooks;
        Scheduler::with(options)
    }

    /// A scheduler with these options.
    ///
    /// # Panics
    ///
    /// When there are to be no runners, or an interval is zero.
    #[track_caller]
    #[must_use]
    pub fn with(options: Options) -> Arc<Scheduler> {
        let runners = options.runners;
        assert!(runners > 0, "a scheduler needs at least one runner");
        assert!(
            options.injector_interval > 0 && options.event_interval > 0,
            "an interval of a scheduler cannot be 0"
        );
        let bound = if options.bounded { runners } else { usize::MAX };
        Arc::new(Scheduler {
            slots: OutOfLine::new(
                (0..runners + options.guests)
                    .map(|_| Slot::new(Counters::new(options.poll_times.as_ref())))
                    .collect(),
            ),
            slots_used: AtomicUsize::new(0),
            injector: OutOfLine::new(Injector::new()),
            idle: OutOfLine::new(Idle::new(bound, options.bounded)),
            blocking: Blocking::new(),
            tasks: OutOfLine::new(TaskList::owned(runners + options.guests)),
            next_runner: AtomicU64::new(1),
            options,
        })
    }

    /// Whether this thread is one of this scheduler's runners, that is, whether
    /// the caller is in a task of it, or in something else that a runner polls.
    #[must_use]
    pub fn runs_here(&self) -> bool {
        current::is_runner_of(self)
    }

    /// Which of this scheduler's workers this thread is, if it is one: the index
    /// of its slot.
    #[must_use]
    pub fn current_worker(&self) -> Option<usize> {
        let slot = current::get().slot.filter(|_| self.runs_here());
        slot.filter(|slot| *slot < self.options.runners)
    }

    /// Whether every runner sleeps and no task is queued: nothing will happen
    /// until a waker is called from outside.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let busy = |slot: &Slot| slot.has_next() || slot.is_in_main();
        self.idle.all_asleep() && !self.has_tasks() && !self.slots().any(busy)
    }

    /// Wakes a sleeping runner, if there is one and none is searching. It looks
    /// for tasks and then parks again, and so takes over what the caller, a
    /// runner that parked on behalf of all, is about to leave alone.
    pub fn wake_one(&self) {
        self.idle.notify();
    }

    /// Refuses new tasks, cancels all that are alive, and drops their futures
    /// here. Returns when none is left.
    ///
    /// To be called when no worker runs any more: it waits for a task that is
    /// being polled elsewhere. A scheduler on which something was spawned must be
    /// ended by this, or it is leaked with its tasks.
    pub fn cancel_all(&self) {
        let mut looks = 0;
        loop {
            // Again and again: a task that was not in the list yet is by now.
            self.tasks.close_and_cancel();
            while let Some(task) = self.take_any() {
                task.run();
                looks = 0;
            }
            if self.tasks.is_empty() {
                sinew_task::trim_memory();
                return self.tasks.release();
            }
            // Some thread is between marking a task as scheduled and pushing
            // it, or polls a task.
            looks += 1;
            if looks < GIVE_WAY {
                thread::yield_now();
            } else {
                thread::sleep(LOOK_AGAIN);
            }
        }
    }

    pub(crate) fn runner_id(&self) -> u64 {
        self.next_runner.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn runners(&self) -> usize {
        self.options.runners
    }

    pub(crate) fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// The slots that are or were in use.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        // ORDERING: Acquire pairs with the Release in `claim_slot`.
        self.slots[..self.slots_used.load(Ordering::Acquire)].iter()
    }

    /// Claims a free slot: one of the workers', or with `guest` one of the others.
    pub(crate) fn claim_slot(&self, guest: bool) -> Option<usize> {
        let workers = self.options.runners;
        let range = match guest {
            true => workers..self.slots.len(),
            false => 0..workers,
        };
        let index = range.into_iter().find(|&index| self.slots[index].claim())?;
        // ORDERING: Release pairs with the Acquire in `slots`, and is read by the
        // thread that sees a task of ours only after the fences of `idle`.
        self.slots_used.fetch_max(index + 1, Ordering::Release);
        Some(index)
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("runners", &self.options.runners)
            .field("tasks", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
