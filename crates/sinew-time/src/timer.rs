//! The leaf behind every future of this crate: one deadline, one task.

use std::panic::Location;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::clock::{self, Point};
use crate::driver::{self, EntryPoll, Refused, Register, Shard};
use crate::instant::Instant;
use crate::provider::{self, VirtualSleep};
use crate::wheel::{Key, Slack};

/// What is known about the deadline of a timer that is not registered yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// It lay ahead just now, so the first poll need not read the clock. Should
    /// it have passed by then, the driver finds out.
    Ahead(Slack),
    /// It may have passed.
    MaybePassed,
}

impl Start {
    /// For a deadline that is compared with a time just read.
    pub(crate) fn at(deadline: Instant, now: Instant) -> Start {
        Start::after(deadline - now)
    }

    /// For a deadline that was so far ahead just now.
    #[inline]
    pub(crate) fn after(span: Duration) -> Start {
        match clock::nanos(span) {
            0 => Start::MaybePassed,
            nanos => Start::Ahead(Slack::of_span(nanos)),
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
    Real { deadline: Point, link: Link },
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
            Source::real(Point::at(deadline), start)
        };
        Timer { source, location }
    }

    /// For a deadline so long after now, which on the real clock need not be read for it:
    /// see [`clock::after_now`]. `None` if the time is not real.
    #[inline]
    pub(crate) fn after(span: Duration, location: &'static Location<'static>) -> Option<Timer> {
        let source = Source::real(clock::after_now(span)?, Start::after(span));
        Some(Timer { source, location })
    }

    pub(crate) fn deadline(&self) -> Instant {
        match &self.source {
            Source::Real { deadline, .. } => deadline.instant(),
            Source::Virtual(timer) => timer.deadline,
        }
    }

    pub(crate) fn is_elapsed(&self) -> bool {
        match &self.source {
            Source::Real { deadline, link } => link.is_elapsed(*deadline),
            Source::Virtual(timer) => timer.sleep.is_elapsed(),
        }
    }

    /// Sets another deadline; a task that waits is woken at the new one.
    pub(crate) fn reset(&mut self, to: Instant) {
        match &mut self.source {
            Source::Real { deadline, link } => {
                *deadline = Point::at(to);
                link.reset(*deadline);
            }
            Source::Virtual(timer) => timer.reset(to),
        }
    }

    /// Sets another deadline after the end; nobody waits until the next poll.
    pub(crate) fn restart(&mut self, to: Instant, start: Start) {
        match &mut self.source {
            Source::Real { deadline, link } => {
                *deadline = Point::at(to);
                *link = Link::idle(start);
            }
            Source::Virtual(timer) => timer.reset(to),
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let coop = ready!(coop::poll_proceed(cx));
        let (polled, resource) = match &mut self.source {
            Source::Real { deadline, link } => {
                let nanos = deadline.nanos();
                // In milliseconds, which is what a person wants to read.
                (link.poll(nanos, cx), nanos / 1_000_000)
            }
            Source::Virtual(timer) => (timer.sleep.poll(cx), timer.sleep.resource()),
        };
        if polled.is_ready() {
            coop.made_progress();
            return Poll::Ready(());
        }
        leaf::pending(&Wait {
            kind: Kind::Timer,
            resource,
            location: self.location,
        })
    }
}

impl Source {
    #[inline]
    fn real(deadline: Point, start: Start) -> Source {
        let link = Link::idle(start);
        Source::Real { deadline, link }
    }

    #[cold]
    fn new_virtual(deadline: Instant) -> Source {
        match provider::entered() {
            Some(time) => Source::Virtual(Box::new(Virtual {
                deadline,
                sleep: time.sleep(deadline),
            })),
            None => Source::real(Point::at(deadline), Start::MaybePassed),
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
    shard: Option<&'static Shard>,
    /// While `shard` is `None`: one of the constants below, or the slack of a
    /// deadline that lies ahead.
    key: Key,
}

impl Link {
    const MAYBE_PASSED: Key = Key::unused(u32::MAX);
    const ELAPSED: Key = Key::unused(u32::MAX - 1);

    #[inline]
    fn idle(start: Start) -> Link {
        let key = match start {
            Start::Ahead(slack) => Key::unused(slack.to_bits()),
            Start::MaybePassed => Link::MAYBE_PASSED,
        };
        Link { shard: None, key }
    }

    /// What is known while there is no entry and no end.
    #[inline]
    fn start(&self) -> Start {
        match self.key {
            Link::MAYBE_PASSED => Start::MaybePassed,
            ahead => Start::Ahead(Slack::from_bits(ahead.generation())),
        }
    }

    /// Notes the end, or that the entry is gone for another reason. Does not
    /// cancel: there is nothing left to cancel.
    fn detach(&mut self, key: Key) {
        self.shard = None;
        self.key = key;
    }

    fn is_elapsed(&self, deadline: Point) -> bool {
        match self.shard {
            Some(shard) => match shard.entry_state(self.key, deadline.nanos()) {
                EntryPoll::Waiting => false,
                EntryPoll::Fired => true,
                EntryPoll::Gone => clock::has_come(deadline.nanos()),
            },
            None => self.key == Link::ELAPSED,
        }
    }

    fn reset(&mut self, to: Point) {
        if let Some(shard) = self.shard {
            if shard.reset(self.key, to.nanos()) {
                return;
            }
        }
        self.detach(Link::MAYBE_PASSED);
    }

    #[inline]
    fn poll(&mut self, nanos: u64, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(shard) = self.shard {
            return self.poll_again(shard, nanos, cx);
        }
        if self.key == Link::ELAPSED {
            return Poll::Ready(());
        }
        self.register(nanos, cx)
    }

    fn poll_again(&mut self, shard: &'static Shard, nanos: u64, cx: &mut Context<'_>) -> Poll<()> {
        let polled = match driver::here() {
            Some(here) if here.is_home_of(shard) => {
                if shard.has_fired(nanos) {
                    EntryPoll::Fired
                } else {
                    shard.poll_entry(self.key, nanos, cx.waker())
                }
            }
            None => shard.poll_entry(self.key, nanos, cx.waker()),
            // An entry that has fired means the end, wherever it is polled.
            Some(_) => match shard.entry_state(self.key, nanos) {
                EntryPoll::Waiting => {
                    shard.cancel(self.key);
                    EntryPoll::Gone
                }
                ended => ended,
            },
        };
        match polled {
            EntryPoll::Waiting => Poll::Pending,
            EntryPoll::Fired => {
                self.detach(Link::ELAPSED);
                Poll::Ready(())
            }
            EntryPoll::Gone => {
                self.detach(Link::MAYBE_PASSED);
                self.register(nanos, cx)
            }
        }
    }

    #[inline]
    fn register(&mut self, nanos: u64, cx: &mut Context<'_>) -> Poll<()> {
        let Some(here) = driver::here() else {
            return self.register_at_default(nanos, cx);
        };
        match self.register_at(here.shard, nanos, cx) {
            Ok(polled) => polled,
            Err(refused) => self.register_elsewhere(refused, nanos, cx),
        }
    }

    #[inline]
    fn register_at(
        &mut self,
        shard: &'static Shard,
        nanos: u64,
        cx: &mut Context<'_>,
    ) -> Result<Poll<()>, Refused> {
        match shard.register(nanos, self.start(), cx.waker()) {
            Register::Entry(key) => {
                self.shard = Some(shard);
                self.key = key;
                Ok(Poll::Pending)
            }
            Register::Passed => {
                self.detach(Link::ELAPSED);
                Ok(Poll::Ready(()))
            }
            Register::Refused(refused) => Err(refused),
        }
    }

    /// Where the timers that are entered here refuse it.
    #[cold]
    fn register_elsewhere(
        &mut self,
        refused: Refused,
        nanos: u64,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let base = match refused {
            Refused::ShutDown => None,
            Refused::Kept => driver::base_here(),
        };
        match base.map(|shard| self.register_at(shard, nanos, cx)) {
            Some(Ok(polled)) => polled,
            Some(Err(_)) | None => self.register_at_default(nanos, cx),
        }
    }

    #[cold]
    fn register_at_default(&mut self, nanos: u64, cx: &mut Context<'_>) -> Poll<()> {
        let shard = driver::default_shard().ok();
        match shard.map(|shard| self.register_at(shard, nanos, cx)) {
            Some(Ok(polled)) => polled,
            Some(Err(_)) | None => self.without_driver(nanos, cx),
        }
    }

    /// The process has no thread left for its timers. Asks the clock at every
    /// poll instead: costly, but it neither hangs nor panics, and the next poll
    /// tries to start the thread again.
    #[cold]
    fn without_driver(&mut self, nanos: u64, cx: &mut Context<'_>) -> Poll<()> {
        if clock::has_come(nanos) {
            self.detach(Link::ELAPSED);
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Link {
    #[inline]
    fn drop(&mut self) {
        if let Some(shard) = self.shard {
            shard.cancel(self.key);
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use crate::Sleep;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_sleep_takes_thirty_two_bytes() {
        assert_eq!(size_of::<Sleep>(), 32);
    }
}
