//! The leaf behind every future of this crate: one deadline, one task.

use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::clock;
use crate::driver::{self, EntryPoll, Register, Timers};
use crate::instant::Instant;
use crate::provider::{self, VirtualSleep};
use crate::wheel::Key;

/// What is known about the deadline of a timer that is not registered yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// It lay ahead just now, so the first poll need not read the clock. Should
    /// it have passed by then, the driver finds out.
    Ahead,
    /// It may have passed.
    MaybePassed,
}

impl Start {
    /// For a deadline that is compared with a time just read.
    pub(crate) fn at(deadline: Instant, now: Instant) -> Start {
        if deadline > now {
            Start::Ahead
        } else {
            Start::MaybePassed
        }
    }
}

/// A deadline and, once polled, its entry among the timers.
pub(crate) struct Timer {
    source: Source,
    location: &'static Location<'static>,
}

/// Chosen when the timer is made. The virtual arm is boxed so that it does not
/// enlarge the real one, and finds room in its niche.
enum Source {
    Real { deadline: Instant, link: Link },
    Virtual(Box<Virtual>),
}

struct Virtual {
    deadline: Instant,
    sleep: Box<dyn VirtualSleep>,
}

impl Timer {
    #[inline]
    #[track_caller]
    pub(crate) fn new(deadline: Instant, start: Start) -> Timer {
        Timer::new_at(deadline, start, Location::caller())
    }

    #[inline]
    pub(crate) fn new_at(
        deadline: Instant,
        start: Start,
        location: &'static Location<'static>,
    ) -> Timer {
        let source = if provider::is_entered() {
            Source::new_virtual(deadline)
        } else {
            let link = Link::idle(start);
            Source::Real { deadline, link }
        };
        Timer { source, location }
    }

    pub(crate) fn deadline(&self) -> Instant {
        match &self.source {
            Source::Real { deadline, .. } => *deadline,
            Source::Virtual(timer) => timer.deadline,
        }
    }

    pub(crate) fn is_elapsed(&self) -> bool {
        match &self.source {
            Source::Real { link, .. } => link.is_elapsed(),
            Source::Virtual(timer) => timer.sleep.is_elapsed(),
        }
    }

    /// Sets another deadline; a task that waits is woken at the new one.
    pub(crate) fn reset(&mut self, to: Instant) {
        match &mut self.source {
            Source::Real { deadline, link } => {
                *deadline = to;
                link.reset(to);
            }
            Source::Virtual(timer) => timer.reset(to),
        }
    }

    /// Sets another deadline after the end; nobody waits until the next poll.
    pub(crate) fn restart(&mut self, to: Instant, start: Start) {
        match &mut self.source {
            Source::Real { deadline, link } => {
                *deadline = to;
                *link = Link::idle(start);
            }
            Source::Virtual(timer) => timer.reset(to),
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let coop = ready!(coop::poll_proceed(cx));
        let polled = match &mut self.source {
            Source::Real { deadline, link } => link.poll(*deadline, cx),
            Source::Virtual(timer) => timer.sleep.poll(cx),
        };
        if polled.is_ready() {
            coop.made_progress();
            return Poll::Ready(());
        }
        leaf::pending(&Wait {
            kind: Kind::Timer,
            resource: self.resource(),
            location: self.location,
        })
    }

    /// The deadline in milliseconds since the origin of its timers.
    fn resource(&self) -> u64 {
        match &self.source {
            Source::Real { deadline, link } => match &link.timers {
                Some(timers) => timers.clock().nanos_at(*deadline) / 1_000_000,
                None => 0,
            },
            Source::Virtual(timer) => timer.sleep.resource(),
        }
    }
}

impl Source {
    #[cold]
    fn new_virtual(deadline: Instant) -> Source {
        match provider::entered() {
            Some(time) => Source::Virtual(Box::new(Virtual {
                deadline,
                sleep: time.sleep(deadline),
            })),
            None => Source::Real {
                deadline,
                link: Link::idle(Start::MaybePassed),
            },
        }
    }
}

impl Virtual {
    fn reset(&mut self, to: Instant) {
        self.deadline = to;
        self.sleep.reset(to);
    }
}

/// The entry among the timers; removes it when dropped.
struct Link {
    /// Those that have, or had, the entry. `None` before the first poll, and
    /// after the end.
    timers: Option<Arc<Timers>>,
    /// One of the constants below while `timers` is `None`.
    key: Key,
}

impl Link {
    const AHEAD: Key = Key::unused(0);
    const MAYBE_PASSED: Key = Key::unused(1);
    const ELAPSED: Key = Key::unused(2);

    fn idle(start: Start) -> Link {
        let key = match start {
            Start::Ahead => Link::AHEAD,
            Start::MaybePassed => Link::MAYBE_PASSED,
        };
        Link { timers: None, key }
    }

    /// Notes the end, or that the entry is gone for another reason. Does not
    /// cancel: there is nothing left to cancel.
    fn detach(&mut self, key: Key) {
        self.timers = None;
        self.key = key;
    }

    fn is_elapsed(&self) -> bool {
        match &self.timers {
            Some(timers) => timers.is_fired(self.key),
            None => self.key == Link::ELAPSED,
        }
    }

    fn reset(&mut self, to: Instant) {
        if let Some(timers) = &self.timers {
            if timers.reset(self.key, to) {
                return;
            }
        }
        self.detach(Link::MAYBE_PASSED);
    }

    fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let Some(timers) = &self.timers else {
            if self.key == Link::ELAPSED {
                return Poll::Ready(());
            }
            return self.register(deadline, cx);
        };
        if driver::entered_elsewhere(timers) {
            // An entry that has fired means the end, wherever it is polled.
            if timers.is_fired(self.key) {
                self.detach(Link::ELAPSED);
                return Poll::Ready(());
            }
            *self = Link::idle(Start::MaybePassed);
            return self.register(deadline, cx);
        }
        match timers.poll_entry(self.key, cx.waker()) {
            EntryPoll::Waiting => Poll::Pending,
            EntryPoll::Fired => {
                self.detach(Link::ELAPSED);
                Poll::Ready(())
            }
            EntryPoll::ShutDown => {
                self.detach(Link::MAYBE_PASSED);
                self.register(deadline, cx)
            }
        }
    }

    fn register(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let maybe_passed = self.key != Link::AHEAD;
        let mut timers = Timers::current();
        // Entered timers may be shut down; the default ones never are.
        for _ in 0..2 {
            let Ok(found) = timers else { break };
            match found.register(deadline, maybe_passed, cx.waker()) {
                Register::Entry(key) => {
                    *self = Link {
                        timers: Some(found),
                        key,
                    };
                    return Poll::Pending;
                }
                Register::Passed => {
                    self.detach(Link::ELAPSED);
                    return Poll::Ready(());
                }
                Register::ShutDown => timers = driver::process_default(),
            }
        }
        self.without_driver(deadline, cx)
    }

    /// The process has no thread left for its timers. Asks the clock at every
    /// poll instead: costly, but it neither hangs nor panics, and the next poll
    /// tries to start the thread again.
    #[cold]
    fn without_driver(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if clock::now() >= deadline {
            self.detach(Link::ELAPSED);
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(timers) = &self.timers {
            timers.cancel(self.key);
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use crate::Sleep;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_sleep_takes_forty_bytes() {
        assert!(size_of::<Sleep>() <= 40, "{}", size_of::<Sleep>());
    }
}
