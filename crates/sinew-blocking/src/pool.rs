//! `Pool`: the handle to the threads.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sinew_core::{Ambient, Entered, Slot, coop};
use sinew_task::JoinHandle;

use crate::threads::{Refused, Threads};
use crate::{Builder, TrySpawnError};

thread_local!(static ENTERED: Slot<Pool> = const { Slot::new() });

static POOL: Ambient<Pool> = Ambient::new(&ENTERED, || Ok(Builder::new().build()));

/// A pool of threads for closures that block.
///
/// Threads are started when they are needed and end when they have had nothing
/// to do for a while. Dropping the last reference to the pool shuts it down
/// without waiting.
pub struct Pool {
    threads: Arc<Threads>,
}

impl Pool {
    pub(crate) fn with(options: Builder) -> Arc<Pool> {
        Arc::new(Pool {
            threads: Threads::new(options),
        })
    }

    /// The pool entered on this thread, else the process's own.
    ///
    /// # Errors
    ///
    /// None at present: a pool starts its threads later. The signature is that
    /// of all such functions.
    pub fn current() -> io::Result<Arc<Pool>> {
        POOL.current()
    }

    /// Makes this the current pool of this thread until the guard is dropped.
    #[must_use = "the pool is left again when the guard is dropped"]
    pub fn enter(self: Arc<Self>) -> Entered<Pool> {
        Slot::enter(&ENTERED, self)
    }

    /// Runs `f` on a thread of the pool.
    ///
    /// If all threads are busy and there are as many as there may be, it waits
    /// in a queue without bound. [`abort`](JoinHandle::abort) keeps a closure
    /// from starting; it does not stop one that runs. A closure that will not be
    /// run, because the pool is shut down or no thread can be started, is
    /// dropped, and the handle gives a cancelled error.
    #[track_caller]
    pub fn spawn<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.spawn_with(sinew_task::Builder::new(), f)
    }

    /// Runs `f` on a thread of the pool, as a task with what `builder` gives it.
    /// See [`spawn`](Self::spawn).
    #[track_caller]
    pub fn spawn_with<F, R>(&self, builder: sinew_task::Builder, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        // Without a budget: the closure is one single poll, and what it blocks on
        // inside may be any number of operations.
        let threads = self.threads.clone();
        builder.spawn_on(threads, coop::unconstrained(async move { f() }))
    }

    /// Runs `f` on a thread of the pool, if a thread is free or
    /// [`queue_capacity`](Builder::queue_capacity) leaves room to wait for one.
    ///
    /// # Errors
    ///
    /// Gives `f` back when there is no room, and when the pool is shut down.
    #[track_caller]
    pub fn try_spawn<F, R>(&self, f: F) -> Result<JoinHandle<R>, TrySpawnError<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        struct Release<'a>(&'a Threads);
        impl Drop for Release<'_> {
            fn drop(&mut self) {
                self.0.release();
            }
        }
        match self.threads.reserve() {
            Ok(()) => {
                let _release = Release(&self.threads);
                Ok(self.spawn(f))
            }
            Err(Refused::Full) => Err(TrySpawnError::Full(f)),
            Err(Refused::ShutDown) => Err(TrySpawnError::ShutDown(f)),
        }
    }

    /// Shuts the pool down: closures that wait because all threads are busy are
    /// cancelled, new ones too. One for which a thread was free, or was to be started,
    /// runs, even if it has not begun. Waits for running ones for at most `timeout`, for ever if
    /// `None`. Whether all threads have ended. Does not wait when called from one
    /// of its own threads.
    pub fn shutdown(&self, timeout: Option<Duration>) -> bool {
        self.threads.shut_down(timeout)
    }

    /// How many threads there are.
    #[must_use]
    pub fn num_threads(&self) -> usize {
        self.threads.counts().threads
    }

    /// How many threads wait for something to do.
    #[must_use]
    pub fn num_idle_threads(&self) -> usize {
        self.threads.counts().idle
    }

    /// How many closures wait for a thread.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.threads.counts().queued
    }

    /// Whether no closure runs or waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let counts = self.threads.counts();
        counts.running == 0 && counts.queued == 0
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.threads.shut_down(Some(Duration::ZERO));
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.threads.counts();
        f.debug_struct("Pool")
            .field("threads", &counts.threads)
            .field("idle", &counts.idle)
            .field("queued", &counts.queued)
            .field("running", &counts.running)
            .finish()
    }
}

fn current() -> Arc<Pool> {
    Pool::current().expect("a pool is made without starting a thread")
}

/// Runs `f` on the current pool: the entered one, else the process's own.
/// See [`Pool::spawn`].
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    current().spawn(f)
}

/// Runs `f` on the current pool, unless it has no room. See [`Pool::try_spawn`].
///
/// # Errors
///
/// Gives `f` back when there is no room, and when the pool is shut down.
#[track_caller]
pub fn try_spawn_blocking<F, R>(f: F) -> Result<JoinHandle<R>, TrySpawnError<F>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    current().try_spawn(f)
}
