//! What a nursery's owner, guests and tasks share.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sinew_sync::{CancellationToken, Notify};
use sinew_task::{AbortHandle, Builder, Id};
use sinew_time::timeout;
use slab::Slab;

use super::FailurePolicy;
use super::clean_up::{self, CleanUp};
use super::failure::{Cause, Failure, NurseryError, Report, Straggler};
use super::member::{Guard, Member};
use super::outcome::Outcome;
use super::state::{Entry, Left, State};
use crate::spawn;

/// What clean-ups have unless told otherwise.
const GRACE: Duration = Duration::from_secs(5);

/// How long a cancellation waits for what it has aborted. Microseconds are enough for a
/// task at rest; one in a long poll may take for ever.
pub(crate) const ABORT_WAIT: Duration = Duration::from_secs(1);

/// Failures beyond these are counted only, so that a nursery which collects and is
/// never joined stays small.
const FAILURES_KEPT: usize = 1024;

/// See the module.
pub(crate) struct Core {
    name: Box<str>,
    parent: Option<Arc<Core>>,
    token: CancellationToken,
    state: Mutex<State>,
    /// Told when no task is active.
    idle: Notify,
}

impl Core {
    pub(crate) fn new(
        name: impl Into<Box<str>>,
        parent: Option<Arc<Core>>,
        policy: FailurePolicy,
    ) -> Arc<Core> {
        let token = match &parent {
            Some(parent) => parent.token.child_token(),
            None => CancellationToken::new(),
        };
        let core = Arc::new(Core {
            name: name.into(),
            token,
            state: Mutex::new(State {
                policy,
                grace: GRACE,
                closed: false,
                abandoned: false,
                aborting: false,
                active: 0,
                members: Slab::new(),
                spawned: 0,
                children: Vec::new(),
                failures: Vec::new(),
                lost: 0,
                clean_ups: Vec::new(),
            }),
            idle: Notify::new(),
            parent,
        });
        if let Some(parent) = &core.parent {
            if parent.adopt(Arc::downgrade(&core)) {
                core.close();
            }
        }
        core
    }

    /// Enters a child; `true` if this nursery is closed, and the child is to be too.
    fn adopt(&self, child: Weak<Core>) -> bool {
        let mut state = self.state();
        if state.children.len() == state.children.capacity() {
            // Swept whenever it would grow: the work is shared by those that came since.
            state.children.retain(|child| child.strong_count() > 0);
        }
        state.children.push(child);
        state.closed
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    fn children(&self) -> Vec<Arc<Core>> {
        let state = self.state();
        state.children.iter().filter_map(Weak::upgrade).collect()
    }

    #[track_caller]
    pub(super) fn spawn<F>(self: &Arc<Self>, name: Option<Box<str>>, future: F) -> AbortHandle
    where
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        let spawned_at = Location::caller();
        let mut builder = Builder::new().location(spawned_at);
        if let Some(name) = &name {
            builder = builder.name(name.clone());
        }
        let entry = Entry {
            name,
            spawned_at,
            number: 0,
            abort: None,
        };
        let Some(key) = self.enter(entry) else {
            let refused = spawn::spawn_with(builder, async move {
                drop(future);
            });
            // Aborted: dropped without having been polled.
            refused.abort();
            return refused.abort_handle();
        };
        let guard = Guard::new(self.clone(), Some(key.0));
        let task = spawn::spawn_with(builder, Member::new(future, guard));
        let abort = task.abort_handle();
        let aborting = {
            let mut state = self.state();
            // It may have ended, and its place be another's by now.
            if let Some(entry) = state.members.get_mut(key.0).filter(|e| e.number == key.1) {
                entry.abort = Some(abort.clone());
            }
            state.aborting
        };
        if aborting {
            abort.abort();
        }
        abort
    }

    /// A place for a new task, counted as active, and the number that tells it from
    /// those which had the place before; `None` if the nursery is closed.
    fn enter(&self, mut entry: Entry) -> Option<(usize, u64)> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        state.spawned += 1;
        entry.number = state.spawned;
        let key = (state.members.insert(entry), state.spawned);
        self.count_up(&mut state);
        Some(key)
    }

    /// One more is active. A parent counts a child as one, while it is active.
    fn count_up(&self, state: &mut State) {
        if state.active == 0 {
            if let Some(parent) = &self.parent {
                parent.count_up(&mut parent.state());
            }
        }
        state.active += 1;
    }

    /// A guard is gone: one less is active, here and in each above that is idle by that.
    pub(super) fn left(self: &Arc<Self>, key: Option<usize>) {
        let (entry, mut left) = {
            let mut state = self.state();
            let entry = key.and_then(|key| state.members.try_remove(key));
            (entry, state.count_down())
        };
        drop(entry);
        let mut core = self;
        loop {
            if matches!(left, Left::Last) {
                if core.conclude() {
                    // The clean-ups take over what it counted.
                    return;
                }
                left = core.state().count_off();
            }
            if matches!(left, Left::Busy) {
                return;
            }
            core.idle.notify_waiters();
            let Some(parent) = &core.parent else { return };
            core = parent;
            left = core.state().count_down();
        }
    }

    /// The last one that is active ends, and the owner has gone: while it still counts, so
    /// that nobody above is idle before that, gives the failures up and starts the
    /// clean-ups. `false` if there are none.
    fn conclude(self: &Arc<Self>) -> bool {
        self.hand_up();
        let (clean_ups, grace) = self.take_clean_ups();
        let some = !clean_ups.is_empty();
        if some {
            self.run_clean_ups(clean_ups, grace);
        }
        some
    }

    /// A task has failed.
    pub(super) fn fail(&self, key: Option<usize>, cause: Cause) {
        let failure = {
            let state = self.state();
            let entry = key.and_then(|key| state.members.get(key));
            Failure {
                // A task is polled after its handle is set, or is told of by itself.
                id: key.and(sinew_task::try_id()),
                name: entry.and_then(|entry| entry.name.clone()),
                nursery: self.name.clone(),
                spawned_at: entry.map(|entry| entry.spawned_at),
                cause,
            }
        };
        self.note(failure);
    }

    fn note(&self, failure: Failure) {
        let (cancels, lost) = {
            let mut state = self.state();
            let cancels = state.policy == FailurePolicy::FirstErrorCancels;
            if state.failures.len() < FAILURES_KEPT {
                state.failures.push(failure);
                (cancels, None)
            } else {
                state.lost += 1;
                (cancels, Some(failure))
            }
        };
        drop(lost);
        if cancels {
            self.stop();
        }
    }

    /// Waits until no task is active here or below.
    pub(super) async fn idle(&self) {
        loop {
            let mut told = pin!(self.idle.notified());
            told.as_mut().enable();
            if self.state().active == 0 {
                return;
            }
            told.await;
        }
    }

    /// Takes no tasks any more, here and below.
    pub(super) fn close(&self) {
        self.state().closed = true;
        for child in self.children() {
            child.close();
        }
    }

    /// Closes, cancels the token and aborts, here and below.
    fn stop(&self) {
        self.close();
        self.token.cancel();
        self.abort_all();
    }

    /// Aborts the tasks here and below, and those that are being spawned.
    fn abort_all(&self) {
        let aborts: Vec<_> = {
            let mut state = self.state();
            state.aborting = true;
            let entries = state.members.iter();
            entries
                .filter_map(|(_, entry)| entry.abort.clone())
                .collect()
        };
        for abort in aborts {
            abort.abort();
        }
        for child in self.children() {
            child.abort_all();
        }
    }

    /// The tasks here and below.
    fn tasks(&self, tasks: &mut Vec<Straggler>) {
        {
            let state = self.state();
            for (_, entry) in &state.members {
                if let Some(abort) = &entry.abort {
                    tasks.push(self.straggler(entry, abort.id()));
                }
            }
        }
        for child in self.children() {
            child.tasks(tasks);
        }
    }

    fn straggler(&self, entry: &Entry, id: Id) -> Straggler {
        Straggler {
            id,
            name: entry.name.as_deref().map(str::to_owned),
            nursery: Some(self.name.clone().into()),
            spawned_at: entry.spawned_at,
            waits_for: None,
            stopped: false,
        }
    }

    /// See [`Nursery::cancel`](super::Nursery::cancel). Clean-ups have `limit` at most.
    pub(crate) async fn cancel(self: &Arc<Self>, grace: Duration, limit: Duration) -> Report {
        self.close();
        self.token.cancel();
        let mut report = Report::default();
        if timeout(grace, self.idle()).await.is_err() {
            report.stragglers = self.abort_rest().await;
        }
        while let Some(grace) = self.start_clean_ups(limit) {
            // A clean-up that blocks its thread is not waited for for ever.
            let limit = grace.saturating_add(ABORT_WAIT);
            if timeout(limit, self.idle()).await.is_err() {
                break;
            }
        }
        report.failures = mem::take(&mut self.state().failures);
        report
    }

    /// Aborts what is active, waits for that, and tells what it was.
    async fn abort_rest(&self) -> Vec<Straggler> {
        let known = sinew_task::current().map(|scheduler| scheduler.snapshot());
        let known: HashMap<_, _> = known.into_iter().flatten().map(|i| (i.id, i)).collect();
        let mut stragglers = Vec::new();
        self.tasks(&mut stragglers);
        self.abort_all();
        // Whether it came to that is seen from who is left.
        let _ = timeout(ABORT_WAIT, self.idle()).await;
        let mut left = Vec::new();
        self.tasks(&mut left);
        let left: HashSet<_> = left.into_iter().map(|task| task.id).collect();
        for straggler in &mut stragglers {
            let info = known.get(&straggler.id);
            straggler.waits_for = info.and_then(|info| info.waits_for);
            straggler.stopped = !left.contains(&straggler.id);
        }
        stragglers
    }

    /// The owner has gone.
    pub(super) fn abandon(self: &Arc<Self>) {
        self.state().abandoned = true;
        self.stop();
        // What has ended before; the last guard does it otherwise.
        if self.state().active == 0 {
            self.hand_up();
            self.start_clean_ups(Duration::MAX);
        }
    }

    /// Waits until no task is active, closes, and runs the clean-ups.
    pub(super) async fn end(self: &Arc<Self>) {
        self.idle().await;
        self.close();
        while self.start_clean_ups(Duration::MAX).is_some() {
            self.idle().await;
        }
    }

    /// Gives what failed and was not asked for to the parent.
    fn hand_up(&self) {
        let Some(parent) = &self.parent else { return };
        let failures = mem::take(&mut self.state().failures);
        for failure in failures {
            parent.note(failure);
        }
    }

    /// Starts the clean-ups of this nursery and those below; gives the longest time that
    /// any may take, or `None` if there are none.
    fn start_clean_ups(self: &Arc<Self>, limit: Duration) -> Option<Duration> {
        let mut longest = None;
        for child in self.children() {
            longest = longest.max(child.start_clean_ups(limit));
        }
        let grace = self.state().grace.min(limit);
        if self.start_clean_up(grace) {
            longest = longest.max(Some(grace));
        }
        longest
    }

    /// Starts the clean-ups of this nursery; `false` if there are none.
    fn start_clean_up(self: &Arc<Self>, grace: Duration) -> bool {
        let (clean_ups, _) = self.take_clean_ups();
        if clean_ups.is_empty() {
            return false;
        }
        self.count_up(&mut self.state());
        self.run_clean_ups(clean_ups, grace);
        true
    }

    fn take_clean_ups(&self) -> (Vec<CleanUp>, Duration) {
        let mut state = self.state();
        (mem::take(&mut state.clean_ups), state.grace)
    }

    /// Runs clean-ups as a task, which has been counted.
    fn run_clean_ups(self: &Arc<Self>, clean_ups: Vec<CleanUp>, grace: Duration) {
        let guard = Guard::new(self.clone(), None);
        drop(spawn::spawn_named(
            format!("{} clean-up", self.name),
            clean_up::run(clean_ups, grace, guard),
        ));
    }

    pub(super) fn take_failures(&self) -> Result<(), NurseryError> {
        let mut state = self.state();
        let failures = mem::take(&mut state.failures);
        let lost = mem::take(&mut state.lost);
        if failures.is_empty() {
            return Ok(());
        }
        Err(NurseryError { failures, lost })
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Nursery")
            .field("name", &self.name)
            .field("active", &state.active)
            .field("closed", &state.closed)
            .finish_non_exhaustive()
    }
}
