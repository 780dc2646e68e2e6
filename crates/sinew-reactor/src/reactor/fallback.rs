//! The process's default reactor, and the thread that turns it while nobody else
//! is there to.
//!
//! # State
//!
//! [`Drivers`] counts those who have [taken over](Reactor::take_over) the default
//! reactor. The thread `sinew-reactor` turns it while the count is zero and sleeps
//! otherwise; it is started when it is first needed, so a program whose runtime
//! takes over before anybody uses a socket never has it.
//!
//! # Handing over
//!
//! The thread marks its turns, under the lock that guards the count. Who takes
//! over counts first, then notifies the reactor, which ends a turn under way or
//! about to begin, and waits until no turn is marked: from then on the thread does
//! not touch the right to turn, and whoever asks for it gets it. Who lets go counts
//! down and wakes the thread under the same lock.

use std::fmt;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use super::{REACTOR, Reactor};

/// Who turns the default reactor.
#[derive(Debug, Default)]
pub(super) struct Drivers {
    state: Mutex<State>,
    /// Told when the count falls to zero, and when a turn of the thread ends.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Those who have taken over.
    count: usize,
    /// The thread has been started.
    thread: bool,
    /// The thread that is in a turn.
    turning: Option<ThreadId>,
}

impl Drivers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, condition: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self
            .changed
            .wait_while(self.state(), |state| condition(state));
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody has taken over, and marks a turn.
    fn begin(&self) {
        let mut state = self.wait_while(|state| state.count > 0);
        state.turning = Some(thread::current().id());
    }

    fn end(&self) {
        self.state().turning = None;
        self.changed.notify_all();
    }
}

/// The default reactor, with its thread.
pub(super) fn start() -> io::Result<Arc<Reactor>> {
    let reactor = Reactor::new()?;
    start_thread(&reactor)?;
    Ok(reactor)
}

fn start_thread(reactor: &Arc<Reactor>) -> io::Result<()> {
    let turned = reactor.clone();
    let builder = thread::Builder::new().name("sinew-reactor".into());
    sinew_core::thread::start(builder, Box::new(move || keep_turning(&turned)))?;
    reactor.drivers.state().thread = true;
    Ok(())
}

/// Turns the reactor while nobody else does, until it fails, which it does when it
/// is shut down.
fn keep_turning(reactor: &Reactor) {
    loop {
        reactor.drivers.begin();
        // A waker that panics has been reported by the panic hook. It is no
        // reason to leave every other source of the process without a reactor.
        let turned = panic::catch_unwind(AssertUnwindSafe(|| reactor.lock().turn(None)));
        reactor.drivers.end();
        if let Ok(Err(_)) = turned {
            // Nobody will turn it again, so nobody shall wait for it.
            reactor.shutdown();
            return;
        }
    }
}

impl Reactor {
    /// The process's default reactor, for one who turns it from now on: a runtime
    /// that is the process's own. As long as the returned value lives, the default
    /// reactor's thread leaves it alone, and is not started if it was not.
    ///
    /// # Errors
    ///
    /// The default reactor cannot be made: the process is out of descriptors.
    pub fn take_over() -> io::Result<Driving> {
        let reactor = match REACTOR.started_default() {
            Some(started) => started.clone(),
            None => {
                let new = Reactor::new()?;
                match REACTOR.set_default(new.clone()) {
                    Ok(()) => new,
                    // Somebody was faster. The next look finds theirs.
                    Err(_) => return Reactor::take_over(),
                }
            }
        };
        reactor.drivers.state().count += 1;
        reactor.notify();
        // A waker that is run in a turn of the thread cannot wait for its end.
        let me = thread::current().id();
        let turning = |state: &State| state.turning.is_some_and(|thread| thread != me);
        drop(reactor.drivers.wait_while(turning));
        Ok(Driving { reactor })
    }
}

/// Says that the default reactor is turned by its holder. From
/// [`Reactor::take_over`]. Dropped, it leaves the reactor to its own thread again.
pub struct Driving {
    reactor: Arc<Reactor>,
}

impl Driving {
    /// The reactor that is to be turned.
    #[must_use]
    pub fn reactor(&self) -> &Arc<Reactor> {
        &self.reactor
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        let drivers = &self.reactor.drivers;
        let needs_thread = {
            let mut state = drivers.state();
            state.count -= 1;
            state.count == 0 && !state.thread
        };
        drivers.changed.notify_all();
        if needs_thread && start_thread(&self.reactor).is_err() {
            // Nobody will turn it, so nobody shall wait for it.
            self.reactor.shutdown();
        }
    }
}

impl fmt::Debug for Driving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Driving").field(&self.reactor).finish()
    }
}
