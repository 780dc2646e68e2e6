//! The threads and the queue between them.
//!
//! Everything is in one `State` behind one lock, with a condition variable for
//! idle threads: a closure that blocks costs far more than the lock, so there
//! are no atomics here, and no model of them.
//!
//! # Invariants
//!
//! 1. `idle` counts the threads that wait and have not been called; `called`
//!    those that have been called and have not gone on yet. A call moves one
//!    from the first to the second, so no call is meant for a thread that has
//!    given up waiting.
//!    A thread that gives up waiting is no longer counted in `threads` either,
//!    from the same moment, so that a task which comes then gets a new one.
//! 2. A queued task has a thread that will come for it: one that was called or
//!    started for it, or one of `max_threads` that are all busy.
//! 3. No task is run or dropped with the lock held.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sinew_task::{Runnable, Schedule, TaskHooks};

use crate::Builder;

thread_local! {
    /// The address of the pool that this thread belongs to; 0 for none.
    static MEMBER_OF: Cell<usize> = const { Cell::new(0) };
}

#[derive(Default)]
struct State {
    queue: VecDeque<Runnable>,
    threads: usize,
    idle: usize,
    called: usize,
    running: usize,
    /// Threads that are no longer counted in `threads` and still run the code
    /// around their loop.
    ending: usize,
    shut_down: bool,
    /// Places in the queue, or threads, that are promised to closures on their
    /// way here.
    reserved: usize,
}

pub(crate) struct Threads {
    options: Builder,
    state: Mutex<State>,
    /// Idle threads wait here.
    call: Condvar,
    /// Whoever waits for all threads to end.
    ended: Condvar,
    /// This value's own `Arc`, for new threads.
    this: std::sync::Weak<Threads>,
}

/// How many threads and closures there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) threads: usize,
    pub(crate) idle: usize,
    pub(crate) queued: usize,
    pub(crate) running: usize,
}

/// Why no place was promised.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    Full,
    ShutDown,
}

/// What an idle thread does next.
enum Next {
    Look,
    End,
}

impl Threads {
    pub(crate) fn new(options: Builder) -> Arc<Threads> {
        Arc::new_cyclic(|this| Threads {
            options,
            state: Mutex::default(),
            call: Condvar::new(),
            ended: Condvar::new(),
            this: this.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn counts(&self) -> Counts {
        let state = self.lock();
        Counts {
            threads: state.threads,
            idle: state.idle,
            queued: state.queue.len(),
            running: state.running,
        }
    }

    /// Promises a place to a closure, which [`release`](Self::release) ends.
    pub(crate) fn reserve(&self) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.shut_down {
            return Err(Refused::ShutDown);
        }
        // Each thread, there already or not, takes one; the others wait.
        let room = self
            .options
            .max_threads
            .saturating_add(self.options.queue_capacity);
        if state.queue.len() + state.running + state.reserved >= room {
            return Err(Refused::Full);
        }
        state.reserved += 1;
        Ok(())
    }

    pub(crate) fn release(&self) {
        self.lock().reserved -= 1;
    }

    fn start_thread(&self) -> io::Result<()> {
        let Some(this) = self.this.upgrade() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let mut builder = thread::Builder::new().name((self.options.name)());
        if let Some(bytes) = self.options.stack_size {
            builder = builder.stack_size(bytes);
        }
        let body = move || {
            // Also when the code around the loop panics.
            let mut ended = Ended {
                threads: this.clone(),
                left: false,
            };
            MEMBER_OF.set(this.address());
            (this.options.around)(&mut || {
                if !ended.left {
                    this.work();
                    ended.left = true;
                }
            });
        };
        sinew_core::thread::start(builder, Box::new(body))?;
        Ok(())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Runs what is queued until there has been nothing for too long, and counts
    /// the thread among those that end.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            while let Some(task) = state.queue.pop_front() {
                state.running += 1;
                drop(state);
                task.run();
                state = self.lock();
                state.running -= 1;
                if state.running == 0 && state.queue.is_empty() {
                    drop(state);
                    (self.options.on_idle)();
                    state = self.lock();
                }
            }
            let next;
            (state, next) = self.wait(state);
            if matches!(next, Next::End) {
                return;
            }
        }
    }

    fn wait<'a>(&self, mut state: MutexGuard<'a, State>) -> (MutexGuard<'a, State>, Next) {
        if state.shut_down {
            state.threads -= 1;
            state.ending += 1;
            return (state, Next::End);
        }
        state.idle += 1;
        let deadline = Instant::now().checked_add(self.options.keep_alive);
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            state = match left {
                Some(left) => {
                    let waited = self.call.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.call.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
            if state.called > 0 {
                state.called -= 1;
                return (state, Next::Look);
            }
            let expired = deadline.is_some_and(|deadline| Instant::now() >= deadline);
            if state.shut_down || expired {
                state.idle -= 1;
                state.threads -= 1;
                state.ending += 1;
                return (state, Next::End);
            }
        }
    }

    /// Ends the threads. Closures that have not started are dropped, but for those to
    /// which a thread is on its way: when they start is up to the system, and whoever
    /// spawned them before is not to depend on that. Waits for the others until the
    /// deadline; `None` waits for ever. `true` if all ended.
    pub(crate) fn shut_down(&self, timeout: Option<Duration>) -> bool {
        let unserved = {
            let mut state = self.lock();
            state.shut_down = true;
            let coming = state.threads - state.idle - state.running;
            let served = coming.min(state.queue.len());
            state.queue.split_off(served)
        };
        self.call.notify_all();
        drop(unserved);
        if MEMBER_OF.get() == self.address() {
            // One of the threads to be waited for is this one.
            return false;
        }
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.lock();
        while state.threads + state.ending > 0 {
            state = match deadline {
                None => {
                    let waited = self.ended.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    let waited = self.ended.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }

    /// A thread could not be started. If there is no other that would come for
    /// what is queued, it is cancelled rather than left waiting for ever.
    #[cold]
    fn not_started(&self, error: &io::Error) {
        let stranded = {
            let mut state = self.lock();
            state.threads -= 1;
            if state.threads > 0 {
                return;
            }
            std::mem::take(&mut state.queue)
        };
        eprintln!(
            "sinew: no thread could be started for blocking closures, so {} of them were \
             cancelled: {error}",
            stranded.len()
        );
        drop(stranded);
    }
}

impl Schedule for Threads {
    fn schedule(&self, task: Runnable) {
        let mut state = self.lock();
        if state.shut_down {
            drop(state);
            drop(task);
            return;
        }
        state.queue.push_back(task);
        if state.idle > 0 {
            state.idle -= 1;
            state.called += 1;
            drop(state);
            self.call.notify_one();
        } else if state.threads < self.options.max_threads {
            state.threads += 1;
            drop(state);
            if let Err(error) = self.start_thread() {
                self.not_started(&error);
            }
        }
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.options.hooks.as_deref()
    }
}

/// Counts a thread out when dropped.
struct Ended {
    threads: Arc<Threads>,
    /// Whether `work` has returned, which has counted it among those that end.
    left: bool,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let mut state = self.threads.lock();
        if self.left {
            state.ending -= 1;
            drop(state);
            self.threads.ended.notify_all();
            return;
        }
        // The code around the loop panicked, or never called it. If no other
        // thread will come for what is queued, it is cancelled.
        state.threads -= 1;
        let stranded = if state.threads == 0 {
            std::mem::take(&mut state.queue)
        } else {
            VecDeque::new()
        };
        drop(state);
        self.threads.ended.notify_all();
        drop(stranded);
    }
}
