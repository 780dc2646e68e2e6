//! The reactor and the timers of one runtime, turned as one.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sinew_core::Unpark;
use sinew_reactor::{BackendKind, Driving, Reactor, Turn};
use sinew_time::Timers;

use crate::main_future::WokenMains;

/// How long to wait before a reactor that failed is turned again, so that a
/// failure which stays does not become a busy loop.
const RETRY: Duration = Duration::from_millis(10);

/// Runs `f`, which wakes tasks, some by wakers of the user's own. One that panics
/// has been reported by the panic hook, and the others of its batch are woken while
/// unwinding. The thread that drives all sockets and timers must go on. `None` if
/// there was a panic.
#[inline]
fn waking<R>(f: impl FnOnce() -> R) -> Option<R> {
    panic::catch_unwind(AssertUnwindSafe(f)).ok()
}

/// Fires what is due after a park; see [`Timers::after_park`].
#[inline]
pub(crate) fn after_park(timers: &Timers) {
    waking(|| timers.after_park());
}

/// A turn has failed: the descriptors are gone or the reactor is shut down. Waits on it
/// report that themselves; here it must only not spin.
#[cold]
fn failed(timeout: Option<Duration>) -> usize {
    thread::sleep(timeout.map_or(RETRY, |timeout| timeout.min(RETRY)));
    0
}

/// What one thread at a time waits on: sockets and deadlines.
pub(crate) struct Driver {
    pub(crate) reactor: Arc<Reactor>,
    /// Held by the default runtime, which turns the process's default reactor.
    _driving: Option<Driving>,
    /// The base: what threads wait for that are no workers. Each worker has a
    /// wheel of its own beside it.
    pub(crate) timers: Arc<Timers>,
    /// Threads in a `block_on` that are not runners and are polling right now.
    polling_guests: AtomicUsize,
    /// Futures of a `block_on` that their threads have not come to poll yet.
    pub(crate) woken_mains: Arc<WokenMains>,
}

/// Ends the wait of whoever waits for the timers: that is, in the reactor.
struct NotifyReactor(Arc<Reactor>);

impl Unpark for NotifyReactor {
    fn unpark(&self) {
        self.0.notify();
    }
}

/// The earlier of two deadlines, where `None` is never.
pub(crate) fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Driver {
    /// With at most so many events in one turn, and in one that does not wait, if
    /// that is set.
    pub(crate) fn new(
        timers: Arc<Timers>,
        events: Option<usize>,
        busy_events: Option<usize>,
    ) -> io::Result<Arc<Driver>> {
        let reactor = match events {
            Some(events) => Reactor::with_events(BackendKind::default(), events)?,
            None => Reactor::new()?,
        };
        if let Some(events) = busy_events {
            reactor.set_busy_events(events);
        }
        Ok(Driver::over(reactor, None, timers))
    }

    /// Over the process's default reactor, which is then turned here.
    pub(crate) fn of_process(timers: Arc<Timers>) -> io::Result<Arc<Driver>> {
        let driving = Reactor::take_over()?;
        Ok(Driver::over(
            driving.reactor().clone(),
            Some(driving),
            timers,
        ))
    }

    fn over(reactor: Arc<Reactor>, driving: Option<Driving>, timers: Arc<Timers>) -> Arc<Driver> {
        timers.set_unparker(Arc::new(NotifyReactor(reactor.clone())));
        Arc::new(Driver {
            reactor,
            _driving: driving,
            timers,
            polling_guests: AtomicUsize::new(0),
            woken_mains: Arc::default(),
        })
    }

    /// Waits for events and deadlines until `deadline`, or until the reactor is
    /// notified, and wakes the tasks that became ready. `own` are the timers of
    /// this worker alone, if it has any.
    ///
    /// `idle` says whether nothing in the runtime can happen unless time passes;
    /// a paused clock then goes on to the next deadline instead of waiting.
    #[inline]
    pub(crate) fn wait(
        &self,
        turn: &mut Turn<'_>,
        own: Option<&Timers>,
        deadline: Option<Instant>,
        idle: &dyn Fn() -> bool,
    ) {
        // Its own first: what comes into other wheels after that is looked at
        // by the second.
        let own_timer = own.and_then(Timers::prepare_park);
        let timer = earlier(self.timers.prepare_park(), own_timer);
        let until = earlier(timer, deadline);
        let advanced = self.timers.is_paused() && self.advance(turn, idle);
        if !advanced {
            // The wait itself is always real, also beside a paused clock.
            let timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
            self.turn(turn, timeout);
        }
        if let Some(own) = own {
            after_park(own);
        }
        after_park(&self.timers);
    }

    /// Lets a paused clock jump. Readiness that is there already goes first, so
    /// that a timeout around a read that could succeed does not fire.
    fn advance(&self, turn: &mut Turn<'_>, idle: &dyn Fn() -> bool) -> bool {
        // What is idle at the first look may be woken, run and be idle again before the
        // last, by which more may have begun elsewhere. So it is looked at on both sides:
        // whatever was at work in between is found there, or has come to its rest.
        // ORDERING: SeqCst pairs with the counting in `guest_poll`.
        let may = idle()
            && !self.woken_mains.is_any()
            && self.polling_guests.load(Ordering::SeqCst) == 0
            && idle();
        if !may {
            return false;
        }
        self.turn(turn, Some(Duration::ZERO)) > 0 || self.timers.auto_advance()
    }

    #[inline]
    fn turn(&self, turn: &mut Turn<'_>, timeout: Option<Duration>) -> usize {
        let turned = waking(|| turn.turn(timeout));
        match turned {
            None => 1,
            Some(Ok(events)) => events,
            Some(Err(_)) => failed(timeout),
        }
    }

    /// Collects what is ready without waiting.
    pub(crate) fn poll(&self, own: Option<&Timers>) {
        if let Some(mut turn) = self.reactor.try_lock() {
            self.turn(&mut turn, Some(Duration::ZERO));
        }
        if let Some(own) = own {
            waking(|| own.process());
        }
        waking(|| self.timers.process());
    }

    /// Runs `poll`, a poll on a thread which is not a runner, with a paused
    /// clock held still.
    pub(crate) fn guest_poll(&self, poll: &mut dyn FnMut() -> bool) -> bool {
        struct Leave<'a>(&'a Driver);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                // ORDERING: SeqCst, with the load in `advance` and the wait that
                // follows there: either that load sees the count go down, or
                // the notification comes after the driver began to wait.
                let before = self.0.polling_guests.fetch_sub(1, Ordering::SeqCst);
                if before == 1 {
                    self.0.reconsider();
                }
            }
        }
        // ORDERING: SeqCst, as above.
        self.polling_guests.fetch_add(1, Ordering::SeqCst);
        let _leave = Leave(self);
        poll()
    }

    /// Something that held a paused clock still has ended: whoever waits looks
    /// again whether the clock may go on.
    pub(crate) fn reconsider(&self) {
        if self.timers.is_paused() {
            self.reactor.notify();
        }
    }

    /// Ends all waits. Nobody turns this driver any more.
    pub(crate) fn shutdown(&self) {
        self.timers.shutdown();
        self.reactor.shutdown();
    }
}
