//! What a scheduler shows of itself and of its tasks.

use std::collections::BinaryHeap;
use std::sync::atomic::Ordering;

use sinew_task::{Id, PollSnapshot, TaskInfo};

use crate::Scheduler;
use crate::metrics::{SchedulerMetrics, WorkerMetrics};
use crate::slot::Slot;

impl Scheduler {
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
            // Sorted by a heap: of all ways this takes the least code, in every program.
            let ids: Vec<Id> = infos.iter().map(|info| info.id).collect();
            let listed = BinaryHeap::from(ids).into_sorted_vec();
            new.retain(|info| listed.binary_search(&info.id).is_err());
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
}
