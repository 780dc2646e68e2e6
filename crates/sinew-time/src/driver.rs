//! The driver: a wheel behind a lock, and whoever waits for its next deadline.
//!
//! # Waking the parker
//!
//! At most one thread at a time waits for a `Timers`. Before it waits it
//! *publishes*, under the lock, the deadline until which it will wait
//! ([`Timers::prepare_park`]); afterwards it takes that back
//! ([`Timers::after_park`]). Who adds an earlier deadline meanwhile, under the
//! same lock, sees what is published, lowers it and calls the unparker once the lock
//! is released. Publishing and adding exclude each other, so one of two things
//! holds: the entry was there when the parker chose its deadline, or the parker
//! is unparked; and an unpark that comes before the wait is remembered by
//! contract of [`Unpark`]. No wake-up is lost, and none is spent when nobody waits
//! or the parker will be up in time anyway.
//!
//! A change of the clock (pause, resume, advance) unparks whoever waits, because
//! the deadline on the real clock is another one then.
//!
//! # Invariants
//!
//! 1. No foreign code runs under the lock: wakers are cloned before, and woken
//!    and dropped after.
//! 2. `next` is a hint. It is written under the lock, and decisions that a
//!    lost wake-up could follow from never read it.
//! 3. Lock order: the wheel, then the clock's shift.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use sinew_core::waker::WakeList;
use sinew_core::{Entered, Unpark};

use crate::clock::Clock;
use crate::instant::Instant;
use crate::wheel::{Key, Wheel};

mod ambient;
mod pausing;

pub(crate) use ambient::{entered, entered_elsewhere, process_default};

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
    clock: Clock,
    /// No deadline is earlier than this; a hint for [`Timers::process`].
    next: AtomicU64,
    inner: Mutex<Inner>,
    /// The default of the process, which cannot be shut down.
    permanent: bool,
    may_auto_advance: AtomicBool,
}

struct Inner {
    wheel: Wheel<Waker>,
    /// While somebody waits: until which deadline. `u64::MAX`: until unparked.
    parked_until: Option<u64>,
    unparker: Option<Arc<dyn Unpark>>,
    shut_down: bool,
}

/// What became of a new entry.
pub(crate) enum Register {
    Entry(Key),
    Passed,
    ShutDown,
}

/// What has become of an entry.
pub(crate) enum EntryPoll {
    Waiting,
    Fired,
    ShutDown,
}

impl Timers {
    /// Timers on the real clock, which may be [paused](Timers::pause) later.
    #[must_use]
    pub fn new() -> Arc<Timers> {
        Arc::new(Timers::with(false))
    }

    fn with(permanent: bool) -> Timers {
        Timers {
            clock: Clock::new(),
            next: AtomicU64::new(u64::MAX),
            inner: Mutex::new(Inner {
                wheel: Wheel::new(),
                parked_until: None,
                unparker: None,
                shut_down: false,
            }),
            permanent,
            may_auto_advance: AtomicBool::new(true),
        }
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
        let before = self.lock().unparker.replace(unparker);
        drop(before);
    }

    /// The time on the clock of these timers.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// How many sleeps wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().wheel.len()
    }

    /// Whether no sleep waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that the calling thread is about to wait, and until when at most:
    /// `None` means until it is unparked.
    ///
    /// From now on an earlier deadline unparks it. Fires nothing; a deadline that
    /// has passed means not to wait. Call [`after_park`](Timers::after_park)
    /// after the wait. One thread at a time may wait for a `Timers`; where
    /// several threads park, the one that waits on the reactor does it.
    ///
    /// The result is a time of the real clock. While the clock is paused it is
    /// `None`, unless something is due already; a runtime whose tasks are all
    /// waiting then calls [`auto_advance`](Timers::auto_advance) *between* this
    /// and the wait, so that no sleep can slip in between the two.
    #[must_use = "wait until this time at most"]
    pub fn prepare_park(&self) -> Option<std::time::Instant> {
        let mut inner = self.lock();
        let next = inner.wheel.next_deadline().unwrap_or(u64::MAX);
        self.hint(next);
        let until = self.clock.real_deadline(next);
        inner.parked_until = Some(if until.is_some() { next } else { u64::MAX });
        until.map(Instant::into_std)
    }

    /// Says that the wait is over, and fires what is due. Returns how many fired.
    pub fn after_park(&self) -> usize {
        let mut inner = self.lock();
        inner.parked_until = None;
        if inner.wheel.len() == 0 {
            return 0;
        }
        drop(inner);
        self.fire()
    }

    /// Fires what is due: wakes the tasks, after the lock is released. Returns
    /// how many. May be called from any thread at any time; a busy worker does so
    /// every now and then. Reads no clock and takes no lock when nothing waits.
    pub fn process(&self) -> usize {
        let next = self.next.load(Ordering::Relaxed);
        if next == u64::MAX || self.clock.now_nanos() < next {
            return 0;
        }
        self.fire()
    }

    /// Ends these timers: all sleeps are woken, and move over to the timers of
    /// the thread where they are polled next, or to the default ones. So
    /// will those that come later. The default timers of the process cannot be
    /// shut down; for them this does nothing.
    pub fn shutdown(&self) {
        if self.permanent {
            return;
        }
        self.lock().shut_down = true;
        self.take_batches(&mut Wheel::pop_any);
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Adds an entry that wakes `waker`. With `maybe_passed`, asks the clock
    /// first whether the deadline has passed.
    pub(crate) fn register(
        &self,
        deadline: Instant,
        maybe_passed: bool,
        waker: &Waker,
    ) -> Register {
        let nanos = self.clock.nanos_at(deadline);
        // A clock that was paused may have been advanced since the timer was made.
        if (maybe_passed || self.clock.is_shifted()) && nanos <= self.clock.now_nanos() {
            return Register::Passed;
        }
        let waker = waker.clone();
        let mut inner = self.lock();
        if inner.shut_down {
            drop(inner);
            return Register::ShutDown;
        }
        if nanos <= inner.wheel.elapsed() {
            drop(inner);
            return Register::Passed;
        }
        let key = inner.wheel.insert(nanos, waker);
        self.added(inner, nanos);
        Register::Entry(key)
    }

    /// Asks for an entry, and makes it wake `waker` if it still waits.
    pub(crate) fn poll_entry(&self, key: Key, waker: &Waker) -> EntryPoll {
        let mut inner = self.lock();
        match inner.look(key) {
            Ok(stored) if stored.will_wake(waker) => return EntryPoll::Waiting,
            Ok(_) => {}
            Err(ended) => {
                self.discard(inner, key);
                return ended;
            }
        }
        drop(inner);
        let mut waker = waker.clone();
        let mut inner = self.lock();
        match inner.look(key) {
            Ok(stored) => {
                // The old one is dropped with `waker`, after the lock.
                std::mem::swap(stored, &mut waker);
                drop(inner);
                EntryPoll::Waiting
            }
            Err(ended) => {
                self.discard(inner, key);
                ended
            }
        }
    }

    /// Whether the entry came to its deadline.
    pub(crate) fn is_fired(&self, key: Key) -> bool {
        let inner = self.lock();
        !inner.shut_down && !inner.wheel.contains(key)
    }

    /// Moves an entry; `false` if it is gone.
    pub(crate) fn reset(&self, key: Key, deadline: Instant) -> bool {
        let nanos = self.clock.nanos_at(deadline);
        let mut inner = self.lock();
        if !inner.wheel.reset(key, nanos) {
            return false;
        }
        self.added(inner, nanos);
        true
    }

    /// Removes an entry, if it is still there.
    pub(crate) fn cancel(&self, key: Key) {
        self.discard(self.lock(), key);
    }

    fn discard(&self, mut inner: MutexGuard<'_, Inner>, key: Key) {
        let waker = inner.wheel.remove(key);
        drop(inner);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hint(&self, next: u64) {
        if self.next.load(Ordering::Relaxed) != next {
            self.next.store(next, Ordering::Relaxed);
        }
    }

    /// Gets the parker back if the deadline just added is before its own.
    fn added(&self, mut inner: MutexGuard<'_, Inner>, deadline: u64) {
        if deadline < self.next.load(Ordering::Relaxed) {
            self.next.store(deadline, Ordering::Relaxed);
        }
        match inner.parked_until {
            Some(until) if deadline < until => {
                inner.parked_until = Some(deadline);
                let unparker = inner.unparker.clone();
                drop(inner);
                if let Some(unparker) = unparker {
                    unparker.unpark();
                }
            }
            _ => {}
        }
    }

    fn fire(&self) -> usize {
        let now = self.clock.now_nanos();
        self.take_batches(&mut |wheel| wheel.pop_due(now).map(|(_, waker)| waker))
    }

    /// Takes wakers until there are none, and wakes them with the lock released.
    fn take_batches(&self, take: &mut dyn FnMut(&mut Wheel<Waker>) -> Option<Waker>) -> usize {
        let mut taken = 0;
        let mut batch = WakeList::new();
        let mut inner = self.lock();
        loop {
            while batch.can_push() {
                let Some(waker) = take(&mut inner.wheel) else {
                    let next = inner.wheel.next_deadline().unwrap_or(u64::MAX);
                    self.hint(next);
                    drop(inner);
                    batch.wake_all();
                    return taken;
                };
                batch.push(waker);
                taken += 1;
            }
            drop(inner);
            batch.wake_all();
            inner = self.lock();
        }
    }
}

impl Inner {
    /// The waker of an entry that waits, or what has become of it.
    fn look(&mut self, key: Key) -> Result<&mut Waker, EntryPoll> {
        let elapsed = self.wheel.elapsed();
        match self.wheel.get_mut(key) {
            // Reset into the past, and not fired since.
            Some((deadline, _)) if deadline <= elapsed => Err(EntryPoll::Fired),
            Some((_, waker)) => Ok(waker),
            None if self.shut_down => Err(EntryPoll::ShutDown),
            None => Err(EntryPoll::Fired),
        }
    }
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.lock();
        f.debug_struct("Timers")
            .field("len", &inner.wheel.len())
            .field("parked", &inner.parked_until.is_some())
            .field("shut_down", &inner.shut_down)
            .field("paused", &self.clock.is_paused())
            .finish()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
