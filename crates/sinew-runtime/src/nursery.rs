//! `Nursery`: a named tree of tasks that nobody can forget.
//!
//! # State
//!
//! Each nursery is a `Core`: its open tasks, its failures, its clean-ups, and how
//! many tasks are active in it and below. The tasks hold it; the [`Nursery`] is its
//! owner; [`NurseryHandle`]s are guests. A core refers to its parent, and a parent
//! weakly to its children. At the top is the root nursery of a runtime.
//!
//! # Life cycle
//!
//! A nursery is open until it is closed: by its owner, by a cancellation, or when a
//! join found it idle. It is *ending* when its owner has gone or cancels it; when it is
//! idle then, its clean-ups run as one more task, the last one first. What failed and
//! was not asked for by the owner goes up to the parent, as a failure there.
//!
//! # Invariants
//!
//! 1. `active` counts the guards of a core, and its children that are active. A guard
//!    is in the future of a task, behind what the user gave, and is dropped after it.
//! 2. A core's lock is taken under that of a child only, never of a parent. No user
//!    code runs under one: tokens are cancelled, tasks spawned and aborted, wakers
//!    woken and futures dropped with none held.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use sinew_sync::CancellationToken;
use sinew_task::AbortHandle;

pub(crate) use self::core::{ABORT_WAIT, Core};
use crate::context;

pub use self::failure::{Failure, NurseryError, Report, Straggler};
pub use self::outcome::Outcome;
pub use self::restart::{Backoff, RestartPolicy};
pub use self::supervisor::{Strategy, Supervisor, SupervisorError};

mod clean_up;
mod core;
mod current;
mod failure;
mod member;
mod outcome;
mod restart;
mod state;
mod supervisor;

/// What a nursery does when one of its tasks fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailurePolicy {
    /// The first error or panic cancels the nursery: its token is cancelled, and its
    /// tasks and those below are aborted.
    #[default]
    FirstErrorCancels,
    /// The others go on; [`Nursery::join`] gives all failures.
    Collect,
}

/// The nursery that the current task was spawned in; else the root nursery of the
/// current runtime; outside of both a nursery without an owner or a parent.
///
/// ```
/// use sinew_runtime::{Nursery, nursery};
///
/// # sinew_runtime::block_on(async {
/// let outer = Nursery::new("outer");
/// outer.spawn(async {
///     assert_eq!(nursery().name(), "outer");
///     // Belongs to the same nursery.
///     nursery().spawn(async {});
/// });
/// outer.join().await.unwrap();
/// # });
/// ```
#[must_use]
pub fn nursery() -> NurseryHandle {
    let core = current::get()
        .or_else(|| context::current().map(|inner| inner.root().clone()))
        .unwrap_or_else(|| Core::new("root", None, FailurePolicy::Collect));
    NurseryHandle { core }
}

/// The owner of a nursery: a named tree of parallel tasks.
///
/// Its tasks run in parallel and own what they use. None can be forgotten: the owner
/// joins or cancels them, and dropping the owner cancels them. A nursery made by
/// [`new`](Self::new) inside of a runtime is also in the runtime's root nursery, which
/// [`Runtime::shutdown`](crate::Runtime::shutdown) cancels.
///
/// Of *parallel*, *borrowing* and *async* a scope can have two: `scope` borrows and is
/// async, [`block_scope`](crate::block_scope) is parallel and borrows.
///
/// ```
/// use sinew_runtime::Nursery;
///
/// # sinew_runtime::block_on(async {
/// let nursery = Nursery::new("numbers");
/// nursery.spawn(async { Ok::<_, std::num::ParseIntError>(()) });
/// nursery.spawn_named("three", async { "three".parse::<u32>() });
/// let error = nursery.join().await.unwrap_err();
/// assert_eq!(error.first().name(), Some("three"));
/// # });
/// ```
///
/// # Dropping
///
/// Cancels the token and aborts the tasks, here and below, without waiting. When the
/// last has ended the clean-ups run, as a task. Failures that nobody was given go up to
/// the parent nursery.
pub struct Nursery {
    handle: NurseryHandle,
}

/// A guest of a nursery, who can spawn into it. Cheap to clone; keeps nothing running.
#[derive(Clone)]
pub struct NurseryHandle {
    core: Arc<Core>,
}

impl Nursery {
    /// A nursery in the root nursery of the current runtime, if there is one.
    pub fn new(name: impl Into<Box<str>>) -> Nursery {
        let root = context::current().map(|inner| inner.root().clone());
        Nursery::of(Core::new(name, root, FailurePolicy::default()))
    }

    fn of(core: Arc<Core>) -> Nursery {
        Nursery {
            handle: NurseryHandle { core },
        }
    }

    /// Sets what happens when a task fails.
    #[must_use]
    pub fn with_policy(self, policy: FailurePolicy) -> Nursery {
        self.core.state().policy = policy;
        self
    }

    /// Sets how long the clean-ups may take together. Five seconds if not set.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Nursery {
        self.core.state().grace = grace;
        self
    }

    /// A guest's handle, to spawn from elsewhere.
    #[must_use]
    pub fn handle(&self) -> NurseryHandle {
        self.handle.clone()
    }

    /// Waits until no task is active here or below, closes the nursery, and runs its
    /// clean-ups.
    ///
    /// # Errors
    ///
    /// What failed and has not been given before: errors, and panics with what the
    /// task panicked with.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: tasks and clean-ups go on, and the
    /// failures are given by the next call.
    pub async fn join(&self) -> Result<(), NurseryError> {
        self.core.end().await;
        self.core.take_failures()
    }

    /// Cancels the nursery: closes it, cancels its [token](NurseryHandle::token), waits
    /// for `grace` at most until no task is active, and aborts those that still are.
    /// Then the clean-ups run, which have [a grace of their own](Self::with_grace).
    ///
    /// Those that had to be aborted are in the report. One that is in the middle of a
    /// long poll cannot be; it is waited for for a second, and the report says so.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the nursery is closed and its token cancelled, also if the future
    /// is dropped; what has not been aborted by then goes on, until the nursery is
    /// dropped or cancelled again.
    pub async fn cancel(&self, grace: Duration) -> Report {
        self.core.cancel(grace, Duration::MAX).await
    }
}

impl Deref for Nursery {
    type Target = NurseryHandle;

    fn deref(&self) -> &NurseryHandle {
        &self.handle
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        self.core.abandon();
    }
}

impl NurseryHandle {
    /// The name that the nursery was given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// Spawns a task on the current runtime into the nursery. An `Err` or a panic is a
    /// failure of the nursery.
    ///
    /// A closed nursery drops the future without polling it.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> AbortHandle
    where
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        self.core.spawn(None, future)
    }

    /// As [`spawn`](Self::spawn), with a name that failures and stragglers show.
    #[track_caller]
    pub fn spawn_named<F>(&self, name: impl Into<Box<str>>, future: F) -> AbortHandle
    where
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        self.core.spawn(Some(name.into()), future)
    }

    /// A nursery below this one: it is cancelled with this one, this one's
    /// [`join`](Nursery::join) waits for its tasks, and what fails there and is not
    /// asked for fails here.
    pub fn child(&self, name: impl Into<Box<str>>) -> Nursery {
        let policy = self.core.state().policy;
        Nursery::of(Core::new(name, Some(self.core.clone()), policy))
    }

    /// Keeps further tasks from being spawned. Those that run go on.
    pub fn close(&self) {
        self.core.close();
    }

    /// Whether it takes no tasks any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.core.state().closed
    }

    /// Whether no task is active here or below.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.core.state().active == 0
    }

    /// What is cancelled when the nursery is: for tasks that end by themselves.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        self.core.token()
    }

    /// Has `clean_up` run when the nursery ends and its last task has: after a join, a
    /// cancellation, or the drop of its owner. The last one given runs first. All of
    /// them have [the grace](Nursery::with_grace) together; one that takes longer is dropped, and those behind
    /// it with it.
    ///
    /// A panic of a clean-up is a failure of the nursery. A runtime that ends without
    /// [draining](crate::Runtime::shutdown) runs none.
    pub fn defer<F>(&self, clean_up: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.core.state().clean_ups.push(Box::pin(clean_up));
    }

    /// Spawns a task that runs what `make` gives, again and again as long as that
    /// fails, within what `policy` allows. See [`Supervisor`].
    #[track_caller]
    pub fn supervise<M, F>(&self, policy: RestartPolicy, make: M) -> AbortHandle
    where
        M: FnMut() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        let supervisor = Supervisor::new(Strategy::OneForOne, policy).worker("worker", make);
        self.spawn(supervisor.run())
    }
}

impl fmt::Debug for NurseryHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl fmt::Debug for Nursery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}
