//! The ways of a task: into the queues, between them, and out of them.

use std::sync::atomic::Ordering;

use sinew_core::rng;
use sinew_task::{Runnable, Schedule, TaskHooks, TaskInfo, TaskList};

use crate::Scheduler;
use crate::blocking::Blocking;
use crate::counters;
use crate::current::{self, Push};
use crate::ring::BATCH;
use crate::slot::Slot;

impl Scheduler {
    /// Puts a task into the slot, or if that is full, with half of what is there
    /// into the injector, where all runners see them.
    ///
    /// # Safety
    ///
    /// The caller must be the slot's owner.
    #[inline]
    pub(crate) unsafe fn push_local(&self, slot: &Slot, task: Runnable) {
        // SAFETY: the caller is the owner.
        if let Err(task) = unsafe { slot.push(task) } {
            self.overflow(slot, task);
        }
    }

    /// Puts a task that gave way into the slot. The runner is right here and takes it
    /// after the others; it shares with idle runners every now and then
    /// (`Runner::next`).
    ///
    /// # Safety
    ///
    /// The caller must be the slot's owner.
    #[inline]
    pub(crate) unsafe fn push_yielded(&self, slot: &Slot, task: Runnable) {
        counters::add(&slot.counters.local_schedules, 1);
        // SAFETY: the caller is the owner.
        unsafe { self.push_local(slot, task) };
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
    /// that the task which is to run next there may be taken too. Returns also whose it
    /// was.
    ///
    /// # Safety
    ///
    /// The caller must be the owner of the slot of this index.
    pub(crate) unsafe fn steal(
        &self,
        slot: Option<usize>,
        stuck: impl Fn(usize) -> bool,
    ) -> Option<(Runnable, usize)> {
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
            if let Some(task) = taken {
                return Some((task, victim));
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

    /// Whether any queue holds a task that may be meant for another than its owner: a
    /// guest in its main future takes one that is alone itself, in a moment, unless it
    /// is excused.
    pub(crate) fn has_tasks_to_share(&self) -> bool {
        let shares = |slot: &Slot| match slot.queued() {
            0 => false,
            1 => !slot.is_in_main() || slot.is_excused(),
            _ => true,
        };
        !self.injector.is_empty() || self.slots().any(shares)
    }

    /// Notifies if there is a task.
    pub(crate) fn notify_if_tasks(&self) {
        if self.has_tasks() {
            self.idle.notify();
        }
    }

    pub(super) fn take_any(&self) -> Option<Runnable> {
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
        match current::slot_of(self) {
            // SAFETY: `current` names the slot that this thread owns.
            Some((index, _)) => unsafe { self.push_yielded(&self.slots[index], task) },
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
