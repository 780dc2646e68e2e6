//! `Handle`: a runtime as its users hold it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

use sinew_blocking::Pool;
use sinew_core::Enter;
use sinew_executor::{Histogram, LocalEntered};
use sinew_task::{Builder, JoinHandle, Schedule, TaskInfo};

use crate::block_on;
use crate::context::{self, Context, GuardOrder};
use crate::driver::Driver;
use crate::flavor::Flavor;
use crate::nursery::{Core, FailurePolicy};
use crate::park_hooks::ParkHooks;
use crate::rng_seed::Seeds;
use crate::shutdown::Shutdown;
use crate::threads::Threads;
use crate::unhandled::Unhandled;
use crate::{Id, RuntimeMetrics};

/// Which kind of runtime it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// All tasks run on the thread that calls `block_on`.
    CurrentThread,
    /// Tasks run on worker threads, which steal from each other.
    MultiThread,
    /// All tasks run on the thread that calls `block_on`, and need not be `Send`.
    Local,
}

/// What a runtime consists of.
pub(crate) struct Inner {
    pub(crate) id: Id,
    pub(crate) name: Option<String>,
    pub(crate) flavor: Box<dyn Flavor>,
    pub(crate) schedule: Arc<dyn Schedule>,
    pub(crate) driver: Arc<Driver>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) workers: usize,
    pub(crate) threads: Threads,
    pub(crate) park_hooks: Option<Arc<ParkHooks>>,
    /// The buckets of poll times, if they are counted.
    pub(crate) poll_times: Option<Histogram>,
    pub(crate) shutdown: Shutdown,
    /// Only if random choices are to repeat.
    pub(crate) seeds: Option<Seeds>,
    /// Only if a task's panic ends the runtime.
    pub(crate) unhandled: Option<Unhandled>,
    /// The root of the nurseries, once there is one.
    pub(crate) root: OnceLock<Arc<Core>>,
}

// A runtime may be used after a panic was caught around it: what tasks, hooks and
// closures do by panicking ends in their handles, and its own state is behind locks
// and atomics that no foreign code runs under. Trait objects hide that from the compiler.
impl UnwindSafe for Inner {}
impl RefUnwindSafe for Inner {}

impl Inner {
    /// The nursery above all others of this runtime.
    pub(crate) fn root(&self) -> &Arc<Core> {
        let new = || Core::new("root", None, FailurePolicy::Collect);
        self.root.get_or_init(new)
    }
}

/// A reference to a runtime: spawns on it, from anywhere.
///
/// Cheap to clone. It does not keep the runtime running: after the
/// [`Runtime`](crate::Runtime) is gone, what is spawned is cancelled at once.
#[derive(Clone)]
pub struct Handle {
    pub(crate) inner: Arc<Inner>,
}

impl Handle {
    /// The runtime that this thread is in.
    ///
    /// # Panics
    ///
    /// When this thread is in no runtime. See [`try_current`](Self::try_current).
    #[track_caller]
    #[must_use]
    pub fn current() -> Handle {
        match Handle::try_current() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// The runtime that this thread is in: the one whose `block_on`, task,
    /// blocking closure or [`enter`](Self::enter) guard we are inside of.
    ///
    /// # Errors
    ///
    /// When this thread is in no runtime.
    pub fn try_current() -> Result<Handle, TryCurrentError> {
        match context::current() {
            Some(inner) => Ok(Handle { inner }),
            None => Err(TryCurrentError(())),
        }
    }

    /// Spawns a task.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Builder::new().spawn_on_ref(&self.inner.schedule, future)
    }

    /// Runs a closure on the runtime's blocking pool.
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.inner.pool.spawn(f)
    }

    /// Runs `future` on the current thread until it is done, as a part of this
    /// runtime.
    ///
    /// On a multi-thread runtime the tasks meanwhile run on its workers. On a
    /// current-thread runtime this thread runs them, unless another thread
    /// does already. May be called inside of a task of this runtime: then the
    /// runtime's other tasks go on inside of the call. It cannot finish if it
    /// waits for the very task that it is called from.
    ///
    /// # Panics
    ///
    /// Passes on a panic of the future. Panics if a task does and the runtime is
    /// set to [shut down then](crate::Builder::unhandled_panic).
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on::block_on(&self.inner, future)
    }

    /// Makes this the current runtime of this thread until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard {
            _order: GuardOrder::begin(),
            _context: context::enter(&self.inner),
            _local: None,
            handle: PhantomData,
        }
    }

    /// Which kind of runtime it is.
    #[must_use]
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        self.inner.flavor.kind()
    }

    /// The runtime's id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.inner.id
    }

    /// The name that the runtime was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    /// What it has done and is doing.
    #[must_use]
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::of(&self.inner)
    }

    /// How many threads run its tasks.
    #[must_use]
    pub fn num_workers(&self) -> usize {
        self.inner.workers
    }

    /// The tasks that are alive, each with the place where it was spawned and
    /// what it waits for, in no particular order.
    ///
    /// The runtime goes on meanwhile: what a task waits for may have come when
    /// you read of it.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskInfo> {
        self.inner.schedule.snapshot()
    }
}

/// Code runs where this is the current runtime.
impl Enter for Handle {
    fn run_entered(&self, run: &mut dyn FnMut()) {
        let _entered = self.enter();
        run();
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("flavor", &self.runtime_flavor())
            .field("name", &self.name())
            .field("workers", &self.inner.workers)
            .finish_non_exhaustive()
    }
}

/// Keeps a runtime entered on this thread. Made by [`Handle::enter`].
///
/// # Panics
///
/// Guards are to be dropped in the reverse order of their making. Dropping one
/// before a later one of this thread panics, unless the thread is panicking: which
/// runtime is entered afterwards would not be the one that the code reads as.
#[must_use = "the runtime is left again when the guard is dropped"]
pub struct EnterGuard<'a> {
    _order: GuardOrder,
    _context: Context,
    /// Of a local runtime.
    _local: Option<LocalEntered>,
    handle: PhantomData<&'a Handle>,
}

impl EnterGuard<'_> {
    /// Keeps a local runtime's executor entered too.
    pub(crate) fn with_local(mut self, local: LocalEntered) -> Self {
        self._local = Some(local);
        self
    }
}

impl fmt::Debug for EnterGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = self.handle;
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}

/// This thread is in no runtime.
#[derive(Debug)]
pub struct TryCurrentError(());

impl TryCurrentError {
    /// Whether the reason is that no runtime is entered here. It always is.
    #[must_use]
    pub fn is_missing_context(&self) -> bool {
        true
    }

    /// Whether the reason is that this thread's locals are being destroyed. It
    /// never is: what is entered can be looked up until the thread has gone.
    #[must_use]
    pub fn is_thread_local_destroyed(&self) -> bool {
        false
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "there is no runtime on this thread: call this inside `Runtime::block_on` or a \
             task, or enter a runtime with `Handle::enter` first",
        )
    }
}

impl Error for TryCurrentError {}

impl From<TryCurrentError> for io::Error {
    fn from(error: TryCurrentError) -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, error)
    }
}
