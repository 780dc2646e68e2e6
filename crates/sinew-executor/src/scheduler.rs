//! The work-stealing scheduler: the queues, and the way from a wake to a runner.
//!
//! Each runner has a [`Slot`] with a ring of its own. A task that is woken on a
//! runner's thread goes to that runner's slot; a task that is woken elsewhere
//! goes to the [`Injector`], which all share. A runner takes from its slot, then a
//! batch from the injector, then half of another runner's ring.
//!
//! Who sleeps and whom to wake is [`Idle`]'s business.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use sinew_core::rng;
use sinew_task::{Id, PollSnapshot, Runnable, Schedule, TaskHooks, TaskInfo, TaskList};

use crate::blocking::Blocking;
use crate::counters::{self, Counters};
use crate::current::{self, Push};
use crate::idle::Idle;
use crate::injector::Injector;
use crate::metrics::{SchedulerMetrics, WorkerMetrics};
use crate::options::Options;
use crate::ring::BATCH;
use crate::slot::Slot;

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
    slots: Box<[Slot]>,
    /// Slots from this one on have never been claimed.
    slots_used: AtomicUsize,
    injector: Injector<Runnable>,
    pub(crate) idle: Idle,
    /// Whether guests block in their main futures.
    pub(crate) blocking: Blocking,
    pub(crate) tasks: TaskList,
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
            slots: (0..runners + options.guests)
                .map(|_| Slot::new(Counters::new(options.poll_times.as_ref())))
                .collect(),
            slots_used: AtomicUsize::new(0),
            injector: Injector::new(),
            idle: Idle::new(bound, options.bounded),
            blocking: Blocking::new(),
            tasks: TaskList::owned(runners + options.guests),
            next_runner: AtomicU64::new(1),
            options,
        })
    }

    /// The tasks that are alive, each with what it waits for.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        // What other threads have spawned and no runner has taken. Who takes it enters
        // it into the list in transit, so a task that is not seen in here is seen
        // there; and perhaps in both.
        let mut new = Vec::new();
        self.injector.for_each(|task| {
            if !self.tasks.has_adopted(task) {
                new.push(TaskInfo::of(task.metadata()));
            }
        });
        let mut infos = self.tasks.snapshot();
        if !new.is_empty() {
            let listed: HashSet<Id> = infos.iter().map(|info| info.id).collect();
            new.retain(|info| !listed.contains(&info.id));
            infos.append(&mut new);
        }
        infos
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

    /// What the scheduler as a whole has counted.
    #[must_use]
    pub fn metrics(&self) -> SchedulerMetrics {
        let forced = |slot: &Slot| slot.counters.forced_yields.load(Ordering::Relaxed);
        SchedulerMetrics {
            alive_tasks: self.tasks.len(),
            spawned_tasks: self.tasks.spawned(),
            injection_queue_depth: self.injector.len(),
            remote_schedules: self.injector.remote_count(),
            forced_yields: self.slots.iter().map(forced).sum(),
        }
    }

    /// What the runner in slot `index` has counted. The slots from 0 on are
    /// those of the workers; beyond them are those of guests. `None` if there is
    /// no such slot.
    #[must_use]
    pub fn worker_metrics(&self, index: usize) -> Option<WorkerMetrics> {
        let slot = self.slots.get(index)?;
        Some(slot.counters.read(&slot.poll, slot.queued()))
    }

    /// How many tasks wait in the queue that all runners share.
    #[must_use]
    pub fn injection_queue_depth(&self) -> usize {
        self.injector.len()
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

    /// Puts a task into the slot, or if that is full, with half of what is there
    /// into the injector, where all runners see them.
    ///
    /// # Safety
    ///
    /// The caller must be the slot's owner.
    #[inline]
    unsafe fn push_local(&self, slot: &Slot, task: Runnable) {
        // SAFETY: the caller is the owner.
        if let Err(task) = unsafe { slot.push(task) } {
            self.overflow(slot, task);
        }
    }

    #[cold]
    fn overflow(&self, slot: &Slot, task: Runnable) {
        counters::add(&slot.counters.overflows, 1);
        let mut batch = Vec::with_capacity(BATCH + 1);
        // A thief may have made room meanwhile; then only this one goes.
        slot.take_half(|task| batch.push(task));
        batch.push(task);
        self.injector.extend(batch);
    }

    /// Gives what is in a slot to the injector. Whether there was anything.
    pub(crate) fn give_away(&self, slot: &Slot) -> bool {
        if slot.is_empty() {
            return false;
        }
        let mut tasks = Vec::with_capacity(slot.queued() + 1);
        while let Some(task) = slot.take_any() {
            tasks.push(task);
        }
        self.injector.extend(tasks);
        true
    }

    /// Takes one task from the injector to run, and a fair share of the rest
    /// into the runner's own ring.
    ///
    /// # Safety
    ///
    /// The caller must be the slot's owner.
    pub(crate) unsafe fn take_injected(&self, slot: Option<&Slot>) -> Option<Runnable> {
        let Some(slot) = slot else {
            return self.pop_injected();
        };
        let room = slot.room().min(BATCH);
        let share = |len: usize| (len / self.options.runners).min(room);
        let mut staged = 0;
        let (task, taken) = self.injector.take(share, |task| {
            // SAFETY: the caller is the owner, there is room, and it is published below.
            unsafe { slot.stage(staged, task) };
            staged += 1;
        })?;
        self.tasks.adopt(&task);
        // SAFETY: the caller is the owner, and has staged so many just now.
        unsafe { slot.publish(staged, |task| self.tasks.adopt(task)) };
        drop(taken);
        Some(task)
    }

    /// Takes one task from the injector.
    fn pop_injected(&self) -> Option<Runnable> {
        let (task, taken) = self.injector.take(|_| 0, drop)?;
        self.tasks.adopt(&task);
        drop(taken);
        Some(task)
    }

    /// Takes half of another runner's queue, starting from a random one. `stuck`
    /// says whether the runner of a slot is known to be in one poll for long, so
    /// that the task which is to run next there may be taken too.
    ///
    /// # Safety
    ///
    /// The caller must be the owner of the slot of this index.
    pub(crate) unsafe fn steal(
        &self,
        slot: Option<usize>,
        stuck: impl Fn(usize) -> bool,
    ) -> Option<Runnable> {
        // ORDERING: Acquire, as in `slots`.
        let count = self.slots_used.load(Ordering::Acquire);
        let start = rng::below(count as u32) as usize;
        for offset in 0..count {
            let victim = (start + offset) % count;
            if Some(victim) == slot {
                continue;
            }
            let from = &self.slots[victim];
            let stolen = match slot {
                Some(mine) => {
                    let mine = &self.slots[mine];
                    // SAFETY: the caller owns `mine`, which is not `from`.
                    let stolen = unsafe { from.steal_into(mine) };
                    stolen.map(|(task, taken)| {
                        counters::add(&mine.counters.steals, taken as u64);
                        counters::add(&mine.counters.steal_operations, 1);
                        task
                    })
                }
                None => from.pop(),
            };
            let taken = stolen.or_else(|| stuck(victim).then(|| from.take_next())?);
            if taken.is_some() {
                return taken;
            }
        }
        None
    }

    /// Whether any queue holds a task. A task that is to run next on some runner
    /// is not in a queue.
    #[must_use]
    pub fn has_tasks(&self) -> bool {
        !self.injector.is_empty() || self.slots().any(|slot| slot.queued() > 0)
    }

    /// Notifies if there is a task.
    pub(crate) fn notify_if_tasks(&self) {
        if self.has_tasks() {
            self.idle.notify();
        }
    }

    fn take_any(&self) -> Option<Runnable> {
        let injected = self.pop_injected();
        injected.or_else(|| self.slots().find_map(Slot::take_any))
    }

    /// Whether the guest of this slot, which is the caller, will not soon take
    /// what it has queued: it is excused from the poll of its main future, or is
    /// from now on.
    #[inline]
    fn leaves_alone(&self, slot: &Slot) -> bool {
        // A watcher that excuses the guest after this looks at its queue then,
        // and in each of the rounds that follow.
        slot.is_excused() || (self.blocking.is_expected() && self.excuse(slot, slot.main()))
    }

    /// Excuses a guest that is in this poll of its main future, and no longer
    /// counts it. `false` if it is not in that poll or had been excused. The
    /// caller then looks at the queues, or notifies.
    pub(crate) fn excuse(&self, slot: &Slot, main: u64) -> bool {
        let excused = slot.excuse(main);
        if excused {
            self.idle.end();
        }
        excused
    }

    fn inject(&self, task: Runnable) {
        self.injector.push(task);
        self.idle.notify();
    }
}

impl Schedule for Scheduler {
    #[inline]
    fn schedule(&self, task: Runnable) {
        let Some((index, push)) = current::slot_of(self) else {
            return self.inject(task);
        };
        let slot = &self.slots[index];
        counters::add(&slot.counters.local_schedules, 1);
        match push {
            Push::Next => {
                // SAFETY: `current` names the slot that this thread owns.
                if let Some(old) = unsafe { slot.put_next(task) } {
                    // SAFETY: as above.
                    unsafe { self.push_local(slot, old) };
                    self.idle.notify();
                }
            }
            Push::Queue => {
                // SAFETY: as above.
                unsafe { self.push_local(slot, task) };
                self.idle.notify();
            }
            Push::QueueSilently => {
                // SAFETY: as above.
                unsafe { self.push_local(slot, task) };
            }
            Push::QueueFirstSilently => {
                // SAFETY: as above.
                unsafe { self.push_local(slot, task) };
                if slot.queued() > 1 {
                    self.idle.notify();
                } else if self.leaves_alone(slot) {
                    self.idle.notify();
                    Blocking::announced();
                }
            }
            Push::Inject => unreachable!("`slot_of` names no slot then"),
        }
    }

    fn schedule_yielded(&self, task: Runnable) {
        // The runner is right here and takes it after the others; it shares with
        // idle runners every now and then (`Runner::next`).
        match current::slot_of(self) {
            Some((index, _)) => {
                let slot = &self.slots[index];
                counters::add(&slot.counters.local_schedules, 1);
                // SAFETY: `current` names the slot that this thread owns.
                unsafe { self.push_local(slot, task) };
            }
            None => self.inject(task),
        }
    }

    fn tasks(&self) -> Option<&TaskList> {
        self.options.lists_tasks.then_some(&self.tasks)
    }

    fn snapshot(&self) -> Vec<TaskInfo> {
        Scheduler::snapshot(self)
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.options.hooks.as_deref()
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
