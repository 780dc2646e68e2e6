//! One runner's side of the scheduler: find a task and run it. How it sleeps is in `sleep`,
//! what a guest does beside in `main_future`.

use std::sync::Arc;
use std::time::Instant;

use sinew_task::{Id, Runnable, Schedule, on_thread};

use crate::Scheduler;
use crate::current::{self, Current, Push};
use crate::idle::Woken;
use crate::slot::Slot;
use crate::watch::Watch;
use linger::Linger;

mod linger;
mod main_future;
mod sleep;
mod stretch;

/// Tasks that were to run next and may do so in a row, before one of the queue
/// has its turn. tokio's number: enough for a request and its answer.
const MAX_NEXT: u8 = 3;

/// How often a task may be the next to run again and again, each time after one of the
/// queue, before it waits for those that are queued. See [`Runner::defer`].
const MAX_RETURNS: u8 = 4;

/// How often a runner shares what it was not told to announce: tasks that yield.
/// Prime, as all such intervals.
const REBALANCE_INTERVAL: u32 = 61;

/// So many turns at least are between two looks for events that are due to yields, so
/// that few tasks which yield all the time do not spend most of it on looking.
const SHORTEST_ROUND: usize = 4;

/// What kind of runner it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It takes a worker's slot.
    Worker,
    /// It does a worker's work in a guest's slot.
    Substitute,
    /// It takes a guest's slot, and runs tasks while the bound allows it.
    Guest,
}

/// A runner: a thread in [`Worker::run`](crate::Worker::run), or a future made
/// by [`Executor::run`](crate::Executor::run).
pub(crate) struct Runner {
    scheduler: Arc<Scheduler>,
    /// The same scheduler, as its tasks know it.
    schedule: Arc<dyn Schedule>,
    id: u64,
    slot: Option<usize>,
    /// How tasks that are woken here are pushed.
    push: Push,
    /// It sleeps out of the reactor, which is the workers' to turn.
    is_guest: bool,
    /// A guest that has been in the reactor in its last park.
    leaves_reactor: bool,
    /// Looks for a task since the parker last did what it can without waiting.
    since_poll: u32,
    /// Looks for a task until the injector comes first.
    until_injected: u32,
    /// Looks for a task until tasks that yield are shared.
    until_shared: u32,
    /// The task that was run last gave way.
    yielded: bool,
    /// Tasks that were to run next, in a row.
    nexts: u8,
    /// The last of them, and how often it has come back after one of the queue.
    last_next: Option<Id>,
    returns: u8,
    linger: Linger,
    /// Holds a searching token of `Idle`.
    searching: bool,
    /// Is in `Idle`'s list of sleepers, as far as this runner knows.
    asleep: bool,
    /// Is counted by `Idle`.
    counted: bool,
    /// The slot belongs to a runner further down on this stack, which rests in a
    /// task. It is counted in this one's stead.
    nested: bool,
    /// That task.
    nested_in: Option<Id>,
    watch: Watch,
    /// It has begun to wait, by what it counts.
    waits: bool,
    /// When it last began to work, and how many polls it had done by then.
    working_since: Option<(u64, u64)>,
    /// How many of this thread's polls had run out of budget by then.
    forced_yields: Option<u64>,
}

impl Runner {
    pub(crate) fn new(scheduler: Arc<Scheduler>, kind: Kind) -> Runner {
        let nested = scheduler.runs_here();
        let slot = match nested {
            true => current::get().slot,
            false => scheduler.claim_slot(kind != Kind::Worker),
        };
        let counted = !nested && kind != Kind::Guest;
        if counted {
            scheduler.idle.begin();
        }
        let nested_in = slot.filter(|_| nested).and_then(|slot| {
            // The poll under way on this thread rests while tasks are polled
            // above it.
            let poll = &scheduler.slot(slot).poll;
            let task = poll.snapshot()?.task;
            poll.end();
            Some(task)
        });
        let push = match (scheduler.options.lifo_slot, kind) {
            (true, Kind::Worker | Kind::Substitute) => Push::Next,
            (true, Kind::Guest) => Push::QueueFirstSilently,
            (false, _) => Push::Queue,
        };
        Runner {
            id: scheduler.runner_id(),
            slot,
            push,
            is_guest: kind == Kind::Guest,
            leaves_reactor: false,
            since_poll: 0,
            until_injected: scheduler.options.injector_interval,
            until_shared: REBALANCE_INTERVAL,
            yielded: false,
            nexts: 0,
            last_next: None,
            returns: 0,
            linger: Linger::new(),
            searching: false,
            asleep: false,
            counted,
            nested,
            nested_in,
            watch: Watch::new(),
            waits: false,
            working_since: None,
            forced_yields: None,
            schedule: scheduler.clone(),
            scheduler,
        }
    }

    fn my_slot(&self) -> Option<&Slot> {
        self.slot.map(|slot| self.scheduler.slot(slot))
    }

    /// Runs `f` with this thread marked as this runner's.
    pub(crate) fn on_this_thread<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let scheduler = self.scheduler.clone();
        let schedule = self.schedule.clone();
        let _scope = current::enter(Current {
            scheduler: &raw const *scheduler,
            slot: self.slot,
            push: self.push,
        });
        on_thread(&schedule, || scheduler.tasks.own(self.slot, || f(self)))
    }

    /// Finds a task and runs it. `false` if there was none. To be called inside
    /// of [`on_this_thread`](Self::on_this_thread).
    // A part of the loops that call it, with what is rare kept out.
    #[inline(always)]
    pub(crate) fn run_one(&mut self) -> bool {
        let found = match self.next() {
            Some(task) => Some(task),
            None => self.next_elsewhere(),
        };
        let Some(task) = found else { return false };
        self.run_task(task);
        true
    }

    /// The next task, if it need not be looked for elsewhere.
    #[inline(always)]
    fn next(&mut self) -> Option<Runnable> {
        self.since_poll = self.since_poll.saturating_add(1);
        self.until_shared -= 1;
        if self.until_shared == 0 {
            self.share();
        }
        self.until_injected -= 1;
        if self.until_injected == 0 {
            self.until_injected = self.scheduler.options.injector_interval;
            if let Some(task) = self.take_injected() {
                return Some(task);
            }
        }
        let slot = self.scheduler.slot(self.slot?);
        let next = (self.nexts < MAX_NEXT).then(|| slot.take_next()).flatten();
        if let Some(task) = next.and_then(|task| self.defer(task)) {
            self.nexts += 1;
            return Some(task);
        }
        self.nexts = 0;
        let slot = self.scheduler.slot(self.slot?);
        slot.pop().or_else(|| slot.take_next())
    }

    /// A task that waits for many others, for each in turn or for one message of each,
    /// is woken by the first of the queue that is run, finds that it has to wait for the
    /// second, is woken by that, and so on: two polls for each. It is put at the end of the
    /// queue then, and finds all done at once. Gives back the task if it is to run now.
    #[inline]
    fn defer(&mut self, task: Runnable) -> Option<Runnable> {
        let id = Some(task.metadata().id());
        if self.last_next != id || self.nexts > 0 {
            self.last_next = id;
            self.returns = 0;
            return Some(task);
        }
        let slot = self.scheduler.slot(self.slot?);
        if self.returns < MAX_RETURNS {
            self.returns += 1;
            return Some(task);
        }
        if slot.queued() == 0 {
            return Some(task);
        }
        // SAFETY: this runner has claimed the slot, and is on its thread.
        unsafe { self.scheduler.push_local(slot, task) };
        None
    }

    /// Yielding tasks are not announced one by one.
    #[cold]
    fn share(&mut self) {
        self.until_shared = REBALANCE_INTERVAL;
        if self.my_slot().is_some_and(|slot| slot.queued() > 1) {
            self.scheduler.idle.notify();
        }
    }

    #[inline(never)]
    fn take_injected(&mut self) -> Option<Runnable> {
        // SAFETY: this runner has claimed the slot, and is on its thread.
        let task = unsafe { self.scheduler.take_injected(self.my_slot()) };
        if task.is_some() {
            self.linger.has_injected();
        }
        task
    }

    #[inline(never)]
    fn next_elsewhere(&mut self) -> Option<Runnable> {
        if let Some(task) = self.take_injected() {
            return Some(task);
        }
        let scheduler = &self.scheduler;
        if !self.searching {
            self.searching = scheduler.idle.start_searching(scheduler.runners());
        }
        if !self.searching {
            return None;
        }
        let watch = &self.watch;
        let stuck = |slot: usize| watch.is_stuck(slot, scheduler.slot(slot));
        // SAFETY: as in `take_injected`.
        let (task, from) = unsafe { scheduler.steal(self.slot, stuck) }?;
        if scheduler.slot(from).is_excused() {
            self.linger.has_blocked();
        }
        Some(task)
    }

    #[inline(always)]
    fn run_task(&mut self, task: Runnable) {
        self.stop_searching();
        self.scheduler.tasks.adopt(&task);
        let Some(slot) = self.my_slot() else {
            task.run();
            return;
        };
        slot.poll.begin(task.metadata().id());
        let again = match slot.counters.times_polls() {
            false => task.run_for(&self.schedule),
            true => self.run_timed(slot, task),
        };
        slot.poll.end();
        let yielded = again.is_some();
        if let Some(task) = again {
            // SAFETY: this runner has claimed the slot, and is on its thread.
            unsafe { self.scheduler.push_yielded(slot, task) };
        }
        self.yielded = yielded;
    }

    #[inline(never)]
    fn run_timed(&self, slot: &Slot, task: Runnable) -> Option<Runnable> {
        let began = Instant::now();
        let again = task.run_for(&self.schedule);
        slot.counters.polled(began.elapsed());
        again
    }

    #[inline]
    fn stop_searching(&mut self) {
        if std::mem::take(&mut self.searching) {
            self.has_searched();
        }
    }

    #[inline(never)]
    fn has_searched(&self) {
        if self.scheduler.idle.stop_searching() {
            self.scheduler.notify_if_tasks();
        }
    }

    /// Whether the parker is to do now what it can without waiting: every so many tasks,
    /// and where one gave way, once all that wait here have had a turn since. Who yields
    /// waits for something, which may be an event.
    pub(crate) fn is_event_due(&self) -> bool {
        if self.since_poll >= self.scheduler.options.event_interval - 1 {
            return true;
        }
        let turns = self.since_poll as usize;
        let round = |slot: &Slot| turns >= slot.queued();
        self.yielded && turns >= SHORTEST_ROUND && self.my_slot().is_some_and(round)
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.end_work();
        self.end_wait();
        self.leave_reactor();
        if let Some(task) = self.nested_in {
            // The poll beneath goes on.
            if let Some(slot) = self.my_slot() {
                slot.poll.begin(task);
            }
        }
        if self.asleep {
            self.asleep = false;
            if self.counted {
                self.counted = false;
                self.searching |= self.scheduler.idle.end_asleep(self.id);
            } else {
                // A nested one: whom it stands for is awake.
                self.searching |= self.scheduler.idle.wake_up(self.id) == Woken::Notified;
            }
        }
        if let Some(slot) = self.slot.filter(|_| !self.nested) {
            let slot = self.scheduler.slot(slot);
            self.scheduler.give_away(slot);
            slot.release();
        }
        if std::mem::take(&mut self.counted) {
            self.scheduler.idle.end();
        }
        // A runtime's workers rest before they end.
        if !self.scheduler.options.bounded && self.scheduler.idle.live() == 0 {
            sinew_task::trim_memory_at_rest();
        }
        // Passes the token on: whoever gave it had a task to be run.
        self.stop_searching();
        self.scheduler.notify_if_tasks();
    }
}
