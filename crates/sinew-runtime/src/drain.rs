//! Ending a runtime in good order.

use std::collections::HashSet;
use std::time::Duration;

use sinew_task::TaskInfo;
use sinew_time::{Instant, sleep};

use crate::nursery::{ABORT_WAIT, Report, Straggler};
use crate::{Handle, Runtime};

/// How [`Runtime::shutdown`] lets a runtime's tasks end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// How long they have for it.
    pub grace: Duration,
}

/// How long between two looks at how many tasks are left, at first and at last. Tasks
/// outside of nurseries tell nobody that they end.
const LOOKS: (Duration, Duration) = (Duration::from_micros(500), Duration::from_millis(20));

impl Runtime {
    /// Ends the runtime in good order, and tells what did not stop.
    ///
    /// The token of each [nursery](crate::Nursery) that was made in the runtime is
    /// cancelled. Then all tasks, those of nurseries and others, have `grace` to end.
    /// Tasks of nurseries that do not are aborted, and the nurseries' clean-ups run, for
    /// `grace` or a second at most; then the runtime is ended as by
    /// [`shutdown_timeout`](Self::shutdown_timeout), which drops the others. All that did
    /// not end by itself is in the report, with the place where it was spawned.
    ///
    /// ```
    /// use sinew_runtime::{Drain, Runtime};
    /// use std::time::Duration;
    ///
    /// let runtime = Runtime::new()?;
    /// runtime.spawn(std::future::pending::<()>());
    /// let report = runtime.shutdown(Drain { grace: Duration::from_millis(10) });
    /// assert!(report.stragglers[0].spawned_at.file().ends_with(".rs"));
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// Called in a task of this runtime, it finds that task among those that do not end.
    pub fn shutdown(mut self, drain: Drain) -> Report {
        let handle = self.handle().clone();
        let mut report = self.block_on(end(&handle, drain.grace));
        let known: HashSet<_> = report.stragglers.iter().map(|task| task.id).collect();
        let left = handle.tasks().into_iter();
        let left = left.filter(|task| !known.contains(&task.id));
        report.stragglers.extend(left.map(straggler));
        self.shut_down(Some(ABORT_WAIT));
        let running: HashSet<_> = handle.tasks().into_iter().map(|task| task.id).collect();
        for straggler in &mut report.stragglers {
            straggler.stopped = !running.contains(&straggler.id);
        }
        report
    }
}

/// Cancels the nurseries, and gives all tasks the time to end.
async fn end(handle: &Handle, grace: Duration) -> Report {
    let deadline = Instant::now().checked_add(grace);
    let report = handle
        .inner
        .root()
        .cancel(grace, grace.max(ABORT_WAIT))
        .await;
    let mut pause = LOOKS.0;
    while handle.inner.schedule.task_count() > 0 {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            break;
        }
        sleep(left.map_or(pause, |left| pause.min(left))).await;
        pause = (pause * 2).min(LOOKS.1);
    }
    report
}

fn straggler(task: TaskInfo) -> Straggler {
    Straggler {
        id: task.id,
        name: task.name,
        nursery: None,
        spawned_at: task.spawned_at,
        waits_for: task.waits_for,
        stopped: false,
    }
}
