//! Spawning on the local executor of this thread.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use sinew_core::Park;
use sinew_task::{Builder, JoinHandle, Schedule};

use super::local::Local;

thread_local! {
    /// The executor that [`spawn_local`] spawns on.
    static CURRENT: Cell<Option<LocalSpawner>> = const { Cell::new(None) };
}

/// Keeps a [`LocalExecutor`](crate::LocalExecutor) entered on this thread. Made by
/// [`LocalExecutor::enter_guard`](crate::LocalExecutor::enter_guard).
#[must_use = "the executor is left again when the guard is dropped"]
pub struct LocalEntered {
    /// `None` if this thread's locals are being destroyed: nothing was entered.
    previous: Option<Option<LocalSpawner>>,
    not_send: PhantomData<Rc<()>>,
}

// SAFETY: nothing can be reached through a shared reference: the fields are
// private, and `Debug`, the one use of `&self`, reads none of them.
unsafe impl Sync for LocalEntered {}

impl Drop for LocalEntered {
    fn drop(&mut self) {
        if let Some(previous) = self.previous.take() {
            let left = CURRENT.try_with(|current| current.replace(previous));
            drop(left);
        }
    }
}

impl fmt::Debug for LocalEntered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEntered").finish_non_exhaustive()
    }
}

/// Makes `spawner` the one of this thread until the guard is dropped.
pub(super) fn enter(spawner: LocalSpawner) -> LocalEntered {
    LocalEntered {
        previous: CURRENT
            .try_with(|current| current.replace(Some(spawner)))
            .ok(),
        not_send: PhantomData,
    }
}

/// Spawns tasks on the [`LocalExecutor`](crate::LocalExecutor) that is entered on this thread.
///
/// Stays on its thread. After the executor is gone, what it spawns is
/// cancelled at once.
#[derive(Clone)]
pub struct LocalSpawner {
    local: Arc<Local>,
    not_send: PhantomData<Rc<()>>,
}

impl LocalSpawner {
    pub(super) fn of(local: Arc<Local>) -> LocalSpawner {
        LocalSpawner {
            local,
            not_send: PhantomData,
        }
    }

    /// The spawner of the executor entered on this thread, if any.
    #[must_use]
    pub fn current() -> Option<LocalSpawner> {
        let current = CURRENT.try_with(|current| {
            let held = current.take();
            current.set(held.clone());
            held
        });
        current.ok().flatten()
    }

    /// The spawner of the executor entered on this thread.
    ///
    /// # Panics
    ///
    /// Where none is, in the words of [`spawn_local`].
    #[track_caller]
    #[must_use]
    pub fn expect_current() -> LocalSpawner {
        match LocalSpawner::current() {
            Some(spawner) => spawner,
            None => panic!(
                "`spawn_local` called from outside of a `task::LocalSet` or \
                 `runtime::LocalRuntime`: call it inside of one, or use `spawn` for a \
                 future that is `Send`"
            ),
        }
    }

    /// Whether this spawner's executor is the one that tasks know as `scheduler`.
    #[must_use]
    pub fn is_for(&self, scheduler: &Arc<dyn Schedule>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.local), Arc::as_ptr(scheduler))
    }

    /// Whether no task of the executor waits to be run.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.local.queue().is_quiet()
    }

    /// Spawns a task that need not be `Send`.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_with(Builder::new(), future)
    }

    /// Runs tasks of the executor on this thread until `done` says so, parking on
    /// `park` when there are none: for a `block_on` inside of one of its tasks.
    ///
    /// Without effect but for asking `done` and parking if the executor is gone.
    pub fn run_until(&self, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        self.local.run_until(park, done);
    }

    /// Runs `f`, which may block, so that other threads can ask which tasks there are
    /// meanwhile: for a hook of the parker that is given to
    /// [`run_until`](Self::run_until).
    pub fn while_others_look<R>(&self, f: impl FnOnce() -> R) -> R {
        self.local.queue().out_of_session(f)
    }

    /// Cancels all tasks of the executor, and what is spawned from here on. See
    /// [`LocalExecutor::cancel_all`](crate::LocalExecutor::cancel_all).
    ///
    /// # Panics
    ///
    /// In one of its tasks.
    #[track_caller]
    pub fn cancel_all(&self) {
        self.local.cancel_all();
    }

    /// Spawns a task that need not be `Send`, with what `builder` gives it.
    #[track_caller]
    pub fn spawn_with<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.local.queue().spawn_local(builder, future)
    }
}

impl fmt::Debug for LocalSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSpawner").finish_non_exhaustive()
    }
}

/// Spawns a task that need not be `Send` on the local executor that this code
/// runs in.
///
/// # Panics
///
/// Outside of a local context: on a thread where no [`LocalExecutor`](crate::LocalExecutor) is
/// entered.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let entered = CURRENT.try_with(|current| {
        let held = current.take();
        let local = held.as_ref().map(|spawner| Arc::as_ptr(&spawner.local));
        current.set(held);
        local
    });
    if let Ok(Some(local)) = entered {
        // SAFETY: the entered spawner holds a reference, and is not left while
        // we are here: no foreign code runs without a reference of our own.
        let local = unsafe { &*local };
        let location = Location::caller();
        let loudly = |future| spawn_on_current(location, future);
        return local.queue().spawn_local_quietly(future, loudly);
    }
    spawn_on_current(Location::caller(), future)
}

/// Spawns with a reference of its own to the executor that is entered.
#[cold]
#[track_caller]
fn spawn_on_current<F>(location: &'static Location<'static>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawner = LocalSpawner::expect_current();
    spawner.spawn_with(Builder::new().location(location), future)
}
