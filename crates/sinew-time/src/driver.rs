//! The driver: wheels behind locks, and who waits for their next deadlines.
//!
//! A [`Timers`] is one wheel, in its [`Shard`]. A runtime has one for each worker
//! and one more, the *base*, for all other threads; they are a [`Group`] with one
//! clock. A timer's entry is in the wheel of the thread that polled it first, and
//! stays there while the timer is polled, reset or dropped elsewhere in the
//! runtime: each of these takes one lock, which is the worker's own but for the
//! moved ones.
//!
//! # Waking the parker
//!
//! At most one thread at a time waits for a wheel. Before it waits it *publishes*,
//! under the lock, the deadline until which it will wait
//! ([`Timers::prepare_park`]); afterwards it takes that back
//! ([`Timers::after_park`]). Who adds an earlier deadline meanwhile, under the
//! same lock, sees what is published, lowers it and calls the unparker once the lock
//! is released. Publishing and adding exclude each other, so one of two things
//! holds: the entry was there when the parker chose its deadline, or the parker
//! is unparked; and an unpark that comes before the wait is remembered by
//! contract of [`Unpark`]. No wake-up is lost, and none is spent when nobody waits
//! or the parker will be up in time anyway. In particular a worker that adds to
//! its own wheel wakes nobody: it will park itself, with that deadline.
//!
//! A change of the clock (pause, resume, advance) unparks whoever waits, because
//! the deadline on the real clock is another one then.
//!
//! What happens when the owner of a wheel is busy for long is in [`group`]. A thread that
//! runs all of its runtime's tasks [keeps](Timers::keep) its wheel while it is awake, and then
//! takes no lock: `shard::notes` says how others reach what is in it.
//!
//! Lock order: a group's members, a shard, the clock's shift.

use std::fmt;
use std::sync::Arc;

use sinew_core::{Entered, Unpark};

use crate::clock::Clock;
use crate::instant::Instant;

mod ambient;
mod first;
mod group;
mod keeping;
mod pausing;
mod shard;
mod watch;

use group::Group;
use watch::GRACE;

pub use keeping::Keeping;

pub(crate) use ambient::{base_here, default_shard, entered, here};
pub(crate) use shard::{EntryPoll, Refused, Register, Shard};

/// The timers of a runtime, or of the process: they fire when they are driven.
///
/// Sleeps polled on a thread where a `Timers` is [entered](Timers::enter)
/// register there. Whoever owns it must drive it, as a runtime's idle worker does:
///
/// ```
/// use sinew_core::{Park, ThreadPark};
/// use sinew_time::{Duration, Timers, sleep};
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::Context;
///
/// let timers = Timers::new();
/// let mut park = ThreadPark::new();
/// timers.set_unparker(park.unparker());
/// let waker = sinew_core::waker::unpark_waker(park.unparker());
///
/// let _entered = timers.clone().enter();
/// let mut sleep = pin!(sleep(Duration::from_millis(1)));
/// while sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
///     let deadline = timers.prepare_park();
///     park.park(deadline); // a runtime waits on its reactor here
///     timers.after_park();
/// }
/// ```
///
/// Where none is entered, a default for the process is used, which a thread of
/// its own drives. That thread is started at the first sleep.
pub struct Timers {
    shard: &'static Shard,
    group: Arc<Group>,
    /// The first of its group, which watches over the others.
    base: bool,
    /// The default of the process, which cannot be shut down.
    permanent: bool,
}

impl Timers {
    /// Timers on the real clock, which may be [paused](Timers::pause) later.
    #[must_use]
    pub fn new() -> Arc<Timers> {
        Arc::new(Timers::with(false))
    }

    fn with(permanent: bool) -> Timers {
        let group = Group::new();
        Timers {
            shard: Shard::take(&group, false),
            group,
            base: true,
            permanent,
        }
    }

    /// Another wheel on the same clock, for a worker thread of its own: the worker
    /// [enters](Timers::enter) it, waits for it and fires it, and shares no lock
    /// with other workers by its timers.
    ///
    /// To pause, resume or advance one is to do so for all. The timers that this
    /// was first called on are the *base*. Who waits for the base is up at the
    /// latest 10 ms after the first deadline of every wheel, and fires what a busy
    /// worker has left; see [`prepare_park`](Timers::prepare_park).
    ///
    /// When a sibling is dropped, the sleeps in its wheel are woken and move to
    /// the timers of the thread where they are polled next.
    #[must_use]
    pub fn sibling(&self) -> Arc<Timers> {
        self.member(false)
    }

    fn member(&self, keepable: bool) -> Arc<Timers> {
        Arc::new(Timers {
            shard: Shard::take(&self.group, keepable),
            group: self.group.clone(),
            base: false,
            permanent: false,
        })
    }

    /// Makes these the timers of the current thread until the guard is dropped.
    #[must_use = "the timers are left again when the guard is dropped"]
    pub fn enter(self: Arc<Self>) -> Entered<Timers> {
        ambient::enter(self)
    }

    /// The timers entered on this thread, else the default ones of the process.
    ///
    /// # Errors
    ///
    /// When the thread that drives the default timers cannot be started.
    pub fn current() -> std::io::Result<Arc<Timers>> {
        ambient::current()
    }

    /// Sets whom to wake when the thread that waits for these timers must come
    /// back before its deadline.
    pub fn set_unparker(&self, unparker: Arc<dyn Unpark>) {
        if self.base {
            self.group.set_watcher(unparker.clone());
        }
        drop(self.shard.set_unparker(Some(unparker)));
    }

    /// The time on the clock of these timers.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.group.clock.now()
    }

    /// How many sleeps wait in this wheel. While another thread [keeps](Timers::keep) it:
    /// how many waited when that woke up.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shard.len()
    }

    /// Whether no sleep waits in this wheel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that the calling thread is about to wait, and until when at most:
    /// `None` means until it is unparked.
    ///
    /// From now on an earlier deadline unparks it. Fires nothing; a deadline that
    /// has passed means not to wait. Call [`after_park`](Timers::after_park)
    /// after the wait. One thread at a time may wait for a `Timers`. Where several
    /// threads park, each waits for its own, and the one that waits on the
    /// reactor for the base as well.
    ///
    /// The result is a time of the real clock. While the clock is paused it is
    /// `None`, unless something is due already; a runtime whose tasks are all
    /// waiting then calls [`auto_advance`](Timers::auto_advance) *between* this
    /// and the wait, so that no sleep can slip in between the two.
    #[inline]
    #[must_use = "wait until this time at most"]
    pub fn prepare_park(&self) -> Option<std::time::Instant> {
        let clock = &self.group.clock;
        let mut until = self.shard.park(clock);
        if self.base {
            until = self.group.begin_watch(until);
        }
        if until == u64::MAX {
            return None;
        }
        clock.real_deadline(until).map(Instant::into_std)
    }

    /// Says that the wait is over, and fires what is due. Returns how many fired.
    #[inline]
    pub fn after_park(&self) -> usize {
        self.shard.unparked();
        if self.base {
            self.group.end_watch();
        }
        self.process()
    }

    /// Fires what is due: wakes the tasks, after the lock is released. Returns
    /// how many. May be called from any thread at any time; a busy worker does so
    /// every now and then. Reads no clock and takes no lock when nothing waits.
    ///
    /// On the base this also fires what other wheels have left for 5 ms.
    #[inline]
    pub fn process(&self) -> usize {
        self.shard.heed();
        let next = match self.base {
            true => self.shard.next().min(self.group.first_late()),
            false => self.shard.next(),
        };
        match next {
            u64::MAX => 0,
            _ => self.fire(),
        }
    }

    /// Fires what is due, where something waits.
    fn fire(&self) -> usize {
        let clock = &self.group.clock;
        let now = clock.now_nanos();
        let mut fired = 0;
        if self.shard.next() <= now {
            fired += self.shard.fire(&self.group, now);
        }
        if self.base {
            // A paused clock goes on by leaps, and whoever made it leap fires all.
            let slack = if clock.is_shifted() { 0 } else { GRACE };
            fired += self.group.fire_late(self.shard, now, slack);
        }
        fired
    }

    /// Ends these timers: all sleeps are woken, and move over to the timers of
    /// the thread where they are polled next, or to the default ones. So
    /// will those that come later. Ending the base ends its siblings. The default
    /// timers of the process cannot be shut down; for them this does nothing.
    pub fn shutdown(&self) {
        if self.permanent {
            return;
        }
        if self.base {
            for shard in self.group.snapshot() {
                shard.shut_down(&self.group);
            }
        } else {
            self.shard.shut_down(&self.group);
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.group.clock
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        self.shard.give_back(&self.group);
    }
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers")
            .field("len", &self.len())
            .field("parked", &self.shard.is_parked())
            .field("shut_down", &(self.shard.group_id() == 0))
            .field("paused", &self.group.clock.is_paused())
            .finish()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
