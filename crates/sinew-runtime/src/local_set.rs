//! `LocalSet`: tasks that need not be `Send`, inside of any runtime.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use sinew_executor::{LocalEntered, LocalExecutor};
use sinew_task::{Builder, JoinHandle, TaskHooks, TaskPanic};

use crate::{Id, Runtime, UnhandledPanic, context};

/// Tasks that a set runs in one poll, before it lets the executor around it have
/// a turn. tokio's number.
const TASKS_PER_POLL: usize = 61;

/// A set of tasks that stay on one thread, and so need not be `Send`, inside of
/// any runtime or none.
///
/// The tasks run while somebody polls the set: a [`run_until`](Self::run_until),
/// or the set itself, which as a future is done when all tasks are. Dropping
/// the set drops its tasks.
///
/// ```
/// use std::rc::Rc;
/// use sinew_runtime::{LocalSet, spawn_local};
///
/// # sinew_runtime::block_on(async {
/// let shared = Rc::new(41);
/// let set = LocalSet::new();
/// let answer = set
///     .run_until(async move {
///         let task = spawn_local(async move { *shared + 1 });
///         task.await.unwrap()
///     })
///     .await;
/// assert_eq!(answer, 42);
/// # });
/// ```
///
/// # Cancel safety
///
/// Awaited as `&mut set`, nothing is lost when the wait is dropped: the tasks stay in
/// the set. Awaited itself, it drops its tasks with it.
pub struct LocalSet {
    /// `None` only while it is being dropped.
    executor: Option<LocalExecutor<'static>>,
    id: Id,
    /// If a task's panic ends the set: the reason, once there was one.
    reason: Option<Arc<EndOnPanic>>,
}

/// What a set's tasks tell of their panics.
#[derive(Default)]
struct EndOnPanic(OnceLock<String>);

impl TaskHooks for EndOnPanic {
    fn panicked(&self, panic: &TaskPanic<'_>) {
        let mut reason = format!(
            "a spawned task panicked and the LocalSet is configured to shutdown on \
             unhandled panic (spawned at {})",
            panic.spawned_at()
        );
        if let Some(message) = panic.message() {
            reason.push_str(": ");
            reason.push_str(message);
        }
        // The first panic is the reason.
        let _ = self.0.set(reason);
    }
}

/// Makes a [`LocalSet`] the one that [`spawn_local`](crate::spawn_local) spawns
/// on, until it is dropped. Made by [`LocalSet::enter`].
#[must_use = "the set is left again when the guard is dropped"]
pub struct LocalEnterGuard {
    _entered: LocalEntered,
}

impl LocalSet {
    /// A set without tasks, for the current thread.
    #[must_use]
    pub fn new() -> LocalSet {
        LocalSet {
            executor: Some(LocalExecutor::new()),
            id: Id::next(),
            reason: None,
        }
    }

    /// What the set does when one of its tasks panics: nothing, if not set, beyond
    /// what the task's handle tells. With
    /// [`ShutdownRuntime`](UnhandledPanic::ShutdownRuntime) all its tasks are
    /// cancelled, and whoever polls the set, or its [`run_until`](Self::run_until),
    /// panics with the reason.
    ///
    /// # Panics
    ///
    /// When the set has tasks already.
    #[track_caller]
    pub fn unhandled_panic(&mut self, behavior: UnhandledPanic) -> &mut LocalSet {
        assert!(
            self.executor().is_empty(),
            "what a LocalSet does on panics is set before it has tasks"
        );
        self.reason = match behavior {
            UnhandledPanic::Ignore => None,
            UnhandledPanic::ShutdownRuntime => Some(Arc::default()),
        };
        let hooks = self.reason.clone().map(|hooks| hooks as _);
        self.executor = Some(LocalExecutor::with_hooks(hooks));
        self
    }

    /// Ends the set if a task has panicked and is to end it.
    #[track_caller]
    fn end_on_panic(&self) {
        let Some(reason) = self.reason.as_ref().and_then(|hooks| hooks.0.get()) else {
            return;
        };
        self.executor().enter(|| self.executor().cancel_all());
        panic!("{reason}");
    }

    /// Runs `f`, which polls tasks of the set, with the set entered.
    fn polling<R>(&self, f: impl FnOnce() -> R) -> R {
        let result = self.executor().enter(|| context::without_block_in_place(f));
        self.end_on_panic();
        result
    }

    fn executor(&self) -> &LocalExecutor<'static> {
        match &self.executor {
            Some(executor) => executor,
            None => unreachable!("the executor is there until the set is dropped"),
        }
    }

    /// Makes this the set that [`spawn_local`](crate::spawn_local) spawns on from
    /// this thread, until the guard is dropped. It does not run the tasks.
    pub fn enter(&self) -> LocalEnterGuard {
        LocalEnterGuard {
            _entered: self.executor().enter_guard(),
        }
    }

    /// Spawns a task onto the set. It starts when the set is polled.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_with(Builder::new(), future)
    }

    #[track_caller]
    pub(crate) fn spawn_with<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.executor().spawn_with(builder, future)
    }

    /// Runs `future` on `runtime` from this thread, and the tasks of the set
    /// meanwhile. Tasks that are not done by then stay in the set.
    ///
    /// # Panics
    ///
    /// Passes on a panic of the future. Panics if a task does and the set is
    /// [to end then](Self::unhandled_panic).
    pub fn block_on<F: Future>(&self, runtime: &Runtime, future: F) -> F::Output {
        runtime.block_on(self.run_until(future))
    }

    /// Runs `future`, and the tasks of the set meanwhile, until `future` is
    /// done. Inside, [`spawn_local`](crate::spawn_local) spawns onto the set.
    ///
    /// # Panics
    ///
    /// When polled, if a task panics and the set is
    /// [to end then](Self::unhandled_panic).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`. The tasks stay in the set.
    pub async fn run_until<F: Future>(&self, future: F) -> F::Output {
        let executor = self.executor();
        let mut run = pin!(executor.run(future));
        poll_fn(|cx| self.polling(|| run.as_mut().poll(cx))).await
    }

    /// The set's id, which no other set and no runtime of this process has.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }
}

/// Done when all tasks are.
impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let executor = self.executor();
        let more = self.polling(|| {
            for _ in 0..TASKS_PER_POLL {
                // Leaves the waker with the executor if there is nothing to run.
                if pin!(executor.tick()).poll(cx).is_pending() {
                    return false;
                }
            }
            true
        });
        if executor.is_empty() {
            return Poll::Ready(());
        }
        if more {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        LocalSet::new()
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        // The tasks go with their set entered: a destructor that spawns onto it
        // is refused instead of finding no set.
        let _entered = self.enter();
        context::without_block_in_place(|| self.executor = None);
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish_non_exhaustive()
    }
}
