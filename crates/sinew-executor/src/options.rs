//! What a scheduler is made with.

use std::fmt;
use std::sync::Arc;

use sinew_task::TaskHooks;

use crate::metrics::Histogram;

/// A runner looks at the injector first every so many tasks, so that tasks
/// woken elsewhere are not starved by a queue that never runs dry. Prime, so
/// that it does not fall into step with a program's own rhythm.
const INJECTOR_INTERVAL: u32 = 61;

/// A runner lets its parker do what it can without waiting every so many tasks,
/// so that sockets and timers are served also while there is always a task.
const EVENT_INTERVAL: u32 = 61;

/// Guests that can have a queue of their own at once. One more than this merely
/// waits for its future, as all do on a runtime without guests.
const GUESTS: usize = 4;

/// What a [`Scheduler`](crate::Scheduler) is made with.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many runners it has queues for.
    pub runners: usize,
    /// How many more queues there are, for guests.
    pub guests: usize,
    /// Whether no more than `runners` runners are to be awake at once, and those
    /// that sleep watch those that are awake. For a runtime whose runners are
    /// threads with a parker that honours deadlines.
    pub bounded: bool,
    /// Whether a task that is woken by the one being polled runs next. Needs
    /// `bounded`: else nobody would come for it, should that poll take long.
    pub lifo_slot: bool,
    /// After how many tasks a runner looks at the shared queue first.
    pub injector_interval: u32,
    /// After how many tasks a worker lets its parker do what it can without
    /// waiting.
    pub event_interval: u32,
    /// The buckets to count the polls' times in, if they are to be measured. That
    /// costs two looks at the clock for each poll.
    pub poll_times: Option<Histogram>,
    /// Whether there is a list of the tasks that are alive. Without one they cannot
    /// be shown, counted or cancelled together.
    pub lists_tasks: bool,
    /// Called at the points of the tasks' lives.
    pub hooks: Option<Arc<dyn TaskHooks>>,
}

impl Options {
    /// For so many runners, which come and go as they like.
    #[must_use]
    pub fn new(runners: usize) -> Options {
        Options {
            runners,
            guests: 0,
            bounded: false,
            lifo_slot: false,
            injector_interval: INJECTOR_INTERVAL,
            event_interval: EVENT_INTERVAL,
            poll_times: None,
            lists_tasks: true,
            hooks: None,
        }
    }

    /// For so many worker threads, and guests.
    #[must_use]
    pub fn threads(workers: usize) -> Options {
        Options {
            guests: GUESTS,
            bounded: true,
            lifo_slot: true,
            ..Options::new(workers)
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("runners", &self.runners)
            .field("guests", &self.guests)
            .field("bounded", &self.bounded)
            .field("lifo_slot", &self.lifo_slot)
            .field("injector_interval", &self.injector_interval)
            .field("event_interval", &self.event_interval)
            .field("poll_times", &self.poll_times)
            .field("lists_tasks", &self.lists_tasks)
            .field("hooks", &self.hooks.is_some())
            .finish()
    }
}
