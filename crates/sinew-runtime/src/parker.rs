//! How a runner of a runtime parks: in the reactor if it is free, else asleep.
//!
//! # State
//!
//! | state | meaning | who enters it |
//! |---|---|---|
//! | `EMPTY` | the runner is awake and has no token | the runner |
//! | `NOTIFIED` | it has a token: the current or next park ends | anyone, by a swap |
//! | `PARKED` | it sleeps on the condition variable, or is about to | the runner, from `EMPTY` |
//! | `IN_REACTOR` | it waits in the reactor, or is about to | the runner, from `EMPTY` |
//!
//! To unpark is to swap in `NOTIFIED` and then to end the wait that the old
//! state tells of. The runner leaves a park by swapping in `EMPTY`, which takes
//! the token, whatever ended the park.
//!
//! # Invariants
//!
//! 1. Only the runner stores `EMPTY`, `PARKED` or `IN_REACTOR`.
//! 2. A token given while the runner is awake or parked ends its current or next
//!    park: `PARKED` and `IN_REACTOR` are entered only from `EMPTY`, by a
//!    compare-exchange that fails on a token; and who takes the runner out of
//!    one of the two sees which and ends that wait. A reactor remembers being
//!    notified before it waits; the sleeper holds the lock from the exchange
//!    until it waits, and the waker takes the lock in between.
//! 3. A late end of a wait that is over already is a spurious one for the next,
//!    which is allowed.
//!
//! # Orderings
//!
//! All swaps and exchanges are SeqCst. Release and Acquire would do for the
//! token; this is far from any hot path, since a park costs a system call.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use sinew_core::{OutOfLine, Park, Unpark};
use sinew_time::Timers;

use crate::driver::{Driver, after_park, earlier};
use crate::handle::Inner;
use crate::park_hooks::ParkHooks;
use crate::parker::state::{ParkState, Wait};

mod state;

type Idle = Box<dyn Fn() -> bool + Send>;
type Apart = Box<dyn Fn(&dyn Fn()) + Send>;

/// So many parks in a row that a token ended before they began are enough: the
/// driver gets a turn. Else a main future that wakes itself at each poll would keep
/// sockets and timers waiting for ever. As often as a busy scheduler looks by default.
const TOKENS: u32 = 61;

/// What the user wants called around a park.
struct Hooks {
    hooks: Arc<ParkHooks>,
    /// Whether there is a task by now, which the first of them may have spawned.
    has_tasks: Idle,
    /// Runs a hook so that other threads can look at the tasks if it waits for one.
    apart: Apart,
}

/// A runner's parker.
pub(crate) struct Parker {
    parts: OutOfLine<Parts>,
    /// Parks since the last turn of the driver that a token ended at once.
    tokens: u32,
}

struct Parts {
    driver: Arc<Driver>,
    /// The timers of this runner alone, if it has any.
    own: Option<Arc<Timers>>,
    state: Arc<RunnerState>,
    /// Whether nothing in the runtime can happen unless time passes.
    idle: Idle,
    hooks: Option<Hooks>,
}

struct RunnerState {
    park: ParkState,
    driver: Arc<Driver>,
    /// The thread that enters the reactor, by [`this_thread`]. Written before the
    /// state says so.
    thread: AtomicUsize,
}

impl Unpark for RunnerState {
    fn unpark(&self) {
        if self.park.notify() != Wait::Reactor {
            return;
        }
        // The runner itself, which is waking the tasks whose events or deadlines
        // have come, has nothing more to wait for in this park.
        // ORDERING: Relaxed; the exchange that entered the reactor, which `notify`
        // has read from, comes after the store.
        if self.thread.load(Ordering::Relaxed) != this_thread() {
            self.driver.reactor.notify();
        }
    }
}

/// Tells threads that live at the same time apart.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| ptr::from_ref(place).addr())
}

impl Parker {
    pub(crate) fn new(driver: Arc<Driver>, idle: Idle) -> Parker {
        let state = Arc::new(RunnerState {
            park: ParkState::new(),
            driver: driver.clone(),
            thread: AtomicUsize::new(0),
        });
        let parts = Parts {
            driver,
            own: None,
            state,
            idle,
            hooks: None,
        };
        Parker {
            parts: OutOfLine::new(parts),
            tokens: 0,
        }
    }

    /// With the runtime's hooks, if it has any. `has_tasks` says whether one of
    /// them has made a task that nobody is told of while this runner parks. `apart` calls
    /// a hook so that other threads can look at the tasks if it waits for one.
    pub(crate) fn with_hooks(
        mut self,
        inner: &Inner,
        has_tasks: impl Fn() -> bool + Send + 'static,
        apart: impl Fn(&dyn Fn()) + Send + 'static,
    ) -> Parker {
        self.parts.hooks = inner.park_hooks.clone().map(|hooks| Hooks {
            hooks,
            has_tasks: Box::new(has_tasks),
            apart: Box::new(apart),
        });
        self
    }

    /// Gives the runner timers of its own, which its thread is to enter. It waits
    /// for them wherever it parks, so that it can add to them without waking the
    /// one in the reactor.
    pub(crate) fn with_own_timers(self) -> Parker {
        let own = self.parts.driver.timers.sibling();
        own.set_unparker(self.parts.state.clone());
        self.with_timers(own)
    }

    /// Gives the runner timers of its own, which its thread is to keep.
    pub(crate) fn with_timers(mut self, own: Arc<Timers>) -> Parker {
        self.parts.own = Some(own);
        self
    }

    /// The timers of this runner alone, if it has any.
    pub(crate) fn own_timers(&self) -> Option<&Arc<Timers>> {
        self.parts.own.as_ref()
    }

    /// Sleeps, until a timer of its own is due at the latest.
    fn sleep(&self, deadline: Option<Instant>) {
        let Some(own) = &self.parts.own else {
            self.parts.state.park.sleep(deadline);
            return;
        };
        let timer = own.prepare_park();
        self.parts.state.park.sleep(earlier(timer, deadline));
        after_park(own);
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        let Some(mut turn) = self.parts.driver.reactor.try_lock() else {
            if self.parts.driver.timers.is_paused() && (self.parts.idle)() {
                // The last to fall asleep. Whoever waits in the reactor found
                // this runner awake and did not let a paused clock go on.
                self.parts.driver.reactor.notify();
            }
            self.sleep(deadline);
            return;
        };
        // ORDERING: Relaxed; see `unpark`.
        self.parts
            .state
            .thread
            .store(this_thread(), Ordering::Relaxed);
        if self.parts.state.park.enter_reactor() {
            self.tokens = 0;
            self.parts.driver.wait(
                &mut turn,
                self.parts.own.as_deref(),
                deadline,
                &self.parts.idle,
            );
        } else {
            drop(turn);
            self.tokens += 1;
            if self.tokens >= TOKENS {
                self.poll();
            }
        }
        self.parts.state.park.leave();
    }
}

impl Park for Parker {
    fn park(&mut self, deadline: Option<Instant>) {
        let Some(hooks) = &self.parts.hooks else {
            return self.wait(deadline);
        };
        (hooks.apart)(&|| hooks.hooks.park());
        // Also where the hook itself ends each wait: the driver gets its turn.
        self.parts.driver.poll(self.parts.own.as_deref());
        if (hooks.has_tasks)() {
            self.parts.state.park.leave();
        } else {
            self.wait(deadline);
        }
        if let Some(hooks) = &self.parts.hooks {
            (hooks.apart)(&|| hooks.hooks.unpark());
        }
    }

    fn park_aside(&mut self, deadline: Option<Instant>) {
        if self.parts.driver.timers.is_paused() {
            // Who of all is the last to fall asleep matters then.
            return self.park(deadline);
        }
        self.sleep(deadline);
    }

    fn poll(&mut self) {
        self.tokens = 0;
        self.parts.driver.poll(self.parts.own.as_deref());
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.parts.state.clone()
    }
}
