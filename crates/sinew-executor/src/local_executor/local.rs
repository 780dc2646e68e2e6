//! What a local executor consists of, as its tasks and its spawners share it.

use std::sync::Arc;
use std::task::Waker;
use std::thread;

use sinew_core::{Park, waker};
use sinew_task::{
    LocalQueue, PollSlot, Runnable, Schedule, TaskHooks, TaskInfo, TaskList, on_thread,
};

/// A thread in `run_until` lets its parker do what it can without waiting every
/// so many tasks, so that sockets and timers are served also while there is
/// always a task.
const EVENT_INTERVAL: usize = 61;

/// Tasks run in one go, before the thread looks at anything else: its main
/// future, what other threads have left, its parker.
pub(super) const BATCH: usize = 31;

/// Most tasks live in `queue`, in cells that belong to the thread. Those that
/// other threads spawn, through the `Schedule`, live in async-task's cells, and
/// `queue` only gives them their turns.
pub(super) struct Local {
    pub(super) queue: LocalQueue,
    /// The tasks in async-task's cells.
    tasks: TaskList,
    poll: PollSlot,
    hooks: Option<Arc<dyn TaskHooks>>,
}

impl Local {
    pub(super) fn new(hooks: Option<Arc<dyn TaskHooks>>) -> Arc<Local> {
        let local = Arc::new(Local {
            queue: LocalQueue::new(),
            tasks: TaskList::new(1),
            poll: PollSlot::new(),
            hooks,
        });
        // SAFETY: the queue is a field of `Local`. `LocalExecutor` closes it
        // when it is dropped, while it holds a reference.
        unsafe { local.queue.attach(&local) };
        local
    }

    /// Runs up to `limit` tasks that are ready. Returns how many there were.
    pub(super) fn run(&self, limit: usize) -> usize {
        self.queue.run(&self.poll, limit)
    }

    /// Runs `f` with this thread marked as the executor's.
    pub(super) fn on_this_thread<R>(self: &Arc<Self>, f: impl FnOnce() -> R) -> R {
        let scheduler: Arc<dyn Schedule> = self.clone();
        self.queue.session(|| on_thread(&scheduler, f))
    }

    pub(super) fn run_until(self: &Arc<Self>, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        let waker = waker::unpark_waker(park.unparker());
        self.on_this_thread(|| {
            let mut since_poll = 0;
            while !done() {
                let turns = self.run(BATCH);
                since_poll += turns;
                if since_poll >= EVENT_INTERVAL {
                    since_poll = 0;
                    park.poll();
                }
                if turns < BATCH {
                    self.park(park, &waker);
                }
            }
        });
    }

    fn park(&self, park: &mut dyn Park, waker: &Waker) {
        if self.queue.fall_asleep(waker) {
            self.queue.outside(|| park.park(None));
            self.queue.wake_up();
        }
    }

    /// Cancels all tasks and drops their futures. Returns when none is left.
    pub(super) fn close(self: &Arc<Self>) {
        self.on_this_thread(|| {
            self.tasks.close_and_cancel();
            self.queue.cancel_all();
            loop {
                while self.run(BATCH) > 0 {}
                if self.task_count() == 0 {
                    break;
                }
                // Another thread is between marking a task as scheduled and
                // pushing it.
                thread::yield_now();
            }
            self.queue.close();
        });
    }
}

impl Schedule for Local {
    fn schedule(&self, task: Runnable) {
        self.queue.push(task);
    }

    fn local_queue(&self) -> Option<&LocalQueue> {
        Some(&self.queue)
    }

    fn tasks(&self) -> Option<&TaskList> {
        Some(&self.tasks)
    }

    fn task_count(&self) -> usize {
        self.queue.len() + self.tasks.len()
    }

    fn snapshot(&self) -> Vec<TaskInfo> {
        let mut infos = self.queue.snapshot();
        infos.extend(self.tasks.snapshot());
        infos
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.hooks.as_deref()
    }
}
