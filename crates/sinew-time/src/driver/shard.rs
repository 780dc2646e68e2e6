//! One wheel behind one lock.
//!
//! # Life cycle
//!
//! A shard is made when no used one is left, and is never freed: it goes back to
//! a pool of the process when its [`Timers`](super::Timers) is dropped, without
//! the memory of its entries (some 4 KiB stay). A timer therefore refers to its shard
//! by `&'static`, which costs no counting, and there are never more shards than there were
//! `Timers` at one time. A timer may outlive the `Timers` in which it had an entry:
//! then its key names nothing, also after the shard has gone to another owner
//! (invariant 3).
//!
//! # Invariants
//!
//! 1. No foreign code runs under the lock: wakers are cloned before, and woken
//!    and dropped after.
//! 2. `next` is written under the lock, and is never later than the first
//!    deadline of the wheel while the lock is free.
//! 3. The keys that a shard gives out under one owner are of other generations
//!    than those of the owners before, so an old key names no entry of the new one. What
//!    became of the entry of an old key is not known; its timer asks the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use sinew_core::Unpark;
use sinew_core::lock::{Guard, Lock};
use sinew_core::waker::WakeList;

use super::group::Group;
use crate::clock::{self, Clock};
use crate::timer::Start;
use crate::wheel::{Key, Slack, Wheel};

static POOL: Mutex<Vec<&'static Shard>> = Mutex::new(Vec::new());

/// What became of a new entry.
pub(crate) enum Register {
    Entry(Key),
    Passed,
    /// These timers have been shut down.
    ShutDown,
}

/// What has become of an entry.
pub(crate) enum EntryPoll {
    Waiting,
    Fired,
    /// It is gone, and whether it had fired is not known.
    Gone,
}

/// Aligned so that workers do not share the lines of their locks.
#[repr(align(128))]
pub(crate) struct Shard {
    inner: Lock<Inner>,
    next: AtomicU64,
    /// All that is due by then has been fired, or is being fired: the time of the
    /// last [`fire`](Shard::fire). Written under the lock.
    fired: AtomicU64,
    /// While somebody waits: until which deadline, or `u64::MAX` for until unparked.
    /// Else [`AWAKE`]. All but that is written under the lock.
    parked: AtomicU64,
    /// The number of the group that it belongs to, 0 if none.
    group: AtomicU64,
}

/// Nobody waits for the wheel.
const AWAKE: u64 = 0;

struct Inner {
    wheel: Wheel<Waker>,
    /// `None` while it belongs to nobody, and after a shutdown.
    group: Option<Arc<Group>>,
    unparker: Option<Arc<dyn Unpark>>,
    /// Keys of an earlier generation are of an owner before.
    first_generation: u32,
    /// No entry has come since the owner found the wheel empty and trimmed it.
    trimmed: bool,
}

impl Shard {
    /// Takes a shard from the pool, or makes one, and puts it into `group`.
    pub(super) fn take(group: &Arc<Group>) -> &'static Shard {
        let pooled = pool().pop();
        let shard = pooled.unwrap_or_else(|| Box::leak(Box::new(Shard::new())));
        let mut inner = shard.lock();
        inner.first_generation = inner.wheel.begin_anew(0);
        // ORDERING: Relaxed; as for the group below.
        shard.fired.store(0, Ordering::Relaxed);
        inner.group = Some(group.clone());
        // ORDERING: Relaxed; only threads that were given the shard compare it.
        shard.group.store(group.id, Ordering::Relaxed);
        drop(inner);
        group.add(shard);
        shard
    }

    fn new() -> Shard {
        Shard {
            inner: Lock::new(Inner {
                wheel: Wheel::new(),
                group: None,
                unparker: None,
                first_generation: 0,
                trimmed: false,
            }),
            next: AtomicU64::new(u64::MAX),
            fired: AtomicU64::new(0),
            parked: AtomicU64::new(AWAKE),
            group: AtomicU64::new(0),
        }
    }

    /// Gives a shard back to the pool.
    pub(super) fn give_back(&'static self, group: &Group) {
        self.shut_down(group);
        let mut inner = self.lock();
        self.unparked();
        inner.wheel.begin_anew(0);
        let unparker = inner.unparker.take();
        drop(inner);
        drop(unparker);
        pool().push(self);
    }

    /// Leaves `group`, if it is still in it, and wakes all that wait. They move
    /// elsewhere.
    pub(super) fn shut_down(&'static self, group: &Group) {
        let mut inner = self.lock();
        if inner.group.as_ref().is_none_or(|own| own.id != group.id) {
            return;
        }
        let own = inner.group.take();
        // ORDERING: Relaxed; who reads the old number finds out under the lock.
        self.group.store(0, Ordering::Relaxed);
        drop(inner);
        drop(own);
        group.remove(self);
        self.take_batches(&mut |inner| match inner.group {
            None => inner.wheel.pop_any(),
            Some(_) => None,
        });
    }

    /// No deadline is earlier. A hint unless read under the protocol of [`Group`].
    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Whether an entry of this deadline need not be asked for, because it has been
    /// fired. If it is just being fired it wakes its task once more, and nobody
    /// has to remove it.
    ///
    /// `false` does not mean the contrary. Only for those whose group it is.
    #[inline]
    pub(crate) fn has_fired(&self, deadline: u64) -> bool {
        // ORDERING: Relaxed; the time has come whether or not the rest is seen,
        // and a task that was woken sees what was before that.
        deadline <= self.fired.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn group_id(&self) -> u64 {
        self.group.load(Ordering::Relaxed)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().wheel.len()
    }

    pub(super) fn is_parked(&self) -> bool {
        self.parked.load(Ordering::Relaxed) != AWAKE
    }

    pub(super) fn exact_deadline(&self) -> Option<u64> {
        self.lock().wheel.exact_deadline()
    }

    pub(super) fn set_unparker(&self, unparker: Arc<dyn Unpark>) {
        let before = self.lock().unparker.replace(unparker);
        drop(before);
    }

    /// The owner is about to wait. Returns until when, and publishes it; or
    /// `u64::MAX` if the clock will not come to it by itself.
    #[inline]
    pub(super) fn park(&self, clock: &Clock) -> u64 {
        let mut inner = self.lock();
        if inner.trimmed && self.next() == u64::MAX {
            // The most common case: there is nothing in the wheel.
            self.parked.store(u64::MAX, Ordering::Relaxed);
            return u64::MAX;
        }
        self.park_with(&mut inner, clock)
    }

    #[inline(never)]
    fn park_with(&self, inner: &mut Inner, clock: &Clock) -> u64 {
        inner.wheel.trim();
        inner.trimmed = inner.wheel.len() == 0;
        let next = inner.wheel.next_deadline().unwrap_or(u64::MAX);
        self.hint(next);
        let until = if clock.is_shifted() {
            // What is due to the nanosecond must be found.
            next
        } else {
            inner.wheel.next_wake().unwrap_or(u64::MAX)
        };
        let reachable = clock.real_deadline(until).is_some();
        let parked = if reachable { until } else { u64::MAX };
        self.parked.store(parked.max(AWAKE + 1), Ordering::Relaxed);
        until
    }

    /// The owner is up.
    #[inline]
    pub(super) fn unparked(&self) {
        // Who adds an entry at this moment may unpark the owner once too often.
        self.parked.store(AWAKE, Ordering::Relaxed);
    }

    /// Until when the owner waits, if it does.
    #[inline]
    fn parked_until(&self) -> Option<u64> {
        let until = self.parked.load(Ordering::Relaxed);
        (until != AWAKE).then_some(until)
    }

    /// Unparks the owner if it waits.
    pub(super) fn recall(&self) {
        let inner = self.lock();
        let unparker = self.parked_until().and(inner.unparker.clone());
        drop(inner);
        if let Some(unparker) = unparker {
            unparker.unpark();
        }
    }

    /// Adds an entry that wakes `waker`. If the deadline may have passed, asks the
    /// clock first.
    pub(crate) fn register(&'static self, deadline: u64, start: Start, waker: &Waker) -> Register {
        let (maybe_passed, slack) = match start {
            Start::MaybePassed => (true, Slack::NONE),
            Start::Ahead(slack) => (false, slack),
        };
        let unreal = clock::any_unreal();
        if maybe_passed && !unreal && deadline <= clock::nanos_at(clock::real()) {
            return Register::Passed;
        }
        let waker = waker.clone();
        let mut inner = self.lock();
        let Some(group) = &inner.group else {
            drop(inner);
            return Register::ShutDown;
        };
        // A clock that was paused may have been advanced since the timer was made.
        let passed = deadline <= inner.wheel.elapsed()
            || (unreal
                && (maybe_passed || group.clock.is_shifted())
                && deadline <= group.clock.now_nanos());
        if passed {
            drop(inner);
            return Register::Passed;
        }
        let key = inner.wheel.insert_slack(deadline, slack, waker);
        self.added(inner, deadline, slack.latest(deadline));
        Register::Entry(key)
    }

    /// Asks for an entry, and makes it wake `waker` if it still waits.
    pub(crate) fn poll_entry(&'static self, key: Key, waker: &Waker) -> EntryPoll {
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

    /// What has become of the entry, without touching it.
    pub(crate) fn entry_state(&self, key: Key) -> EntryPoll {
        match self.lock().look(key) {
            Ok(_) => EntryPoll::Waiting,
            Err(ended) => ended,
        }
    }

    /// Moves an entry; `false` if it is gone.
    pub(crate) fn reset(&'static self, key: Key, deadline: u64) -> bool {
        let mut inner = self.lock();
        if !inner.wheel.reset_loosely(key, deadline) {
            return false;
        }
        self.added(inner, deadline, deadline);
        true
    }

    /// Removes an entry, if it is still there.
    #[inline]
    pub(crate) fn cancel(&'static self, key: Key) {
        self.discard(self.lock(), key);
    }

    fn discard(&'static self, mut inner: Guard<'_, Inner>, key: Key) {
        let waker = inner.wheel.remove(key);
        drop(inner);
        drop(waker);
    }

    #[inline]
    fn lock(&self) -> Guard<'_, Inner> {
        self.inner.lock()
    }

    fn hint(&self, next: u64) {
        if self.next() != next {
            self.next.store(next, Ordering::Relaxed);
        }
    }

    /// Sees to it that the deadline just added is not overslept beyond `wake_by`:
    /// by the owner if it waits, else by the watcher of the group.
    #[inline]
    fn added(&'static self, inner: Guard<'_, Inner>, deadline: u64, wake_by: u64) {
        // Nothing is less than `AWAKE`.
        if deadline < self.next() || wake_by < self.parked.load(Ordering::Relaxed) {
            self.added_first(inner, deadline, wake_by);
        }
    }

    #[cold]
    fn added_first(&'static self, mut inner: Guard<'_, Inner>, deadline: u64, wake_by: u64) {
        if deadline < self.next() {
            self.next.store(deadline, Ordering::Relaxed);
            if let Some(group) = &inner.group {
                group.lower(deadline);
            }
        }
        inner.trimmed = false;
        let unparker = match self.parked_until() {
            Some(until) if wake_by < until => {
                // Not if the owner is up by now.
                let _ = self.parked.compare_exchange(
                    until,
                    wake_by.max(AWAKE + 1),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                );
                inner.unparker.clone()
            }
            Some(_) => None,
            None => inner
                .group
                .as_ref()
                .and_then(|group| group.overslept(deadline)),
        };
        drop(inner);
        if let Some(unparker) = unparker {
            unparker.unpark();
        }
    }

    /// Fires what is due by `now`, a time of the clock of `group`. Returns how many.
    pub(super) fn fire(&'static self, group: &Group, now: u64) -> usize {
        self.take_batches(&mut |inner| {
            // The shard may have gone to another group, with another clock.
            let group_of_it = inner.group.as_deref()?;
            if group_of_it.id != group.id {
                return None;
            }
            if self.fired.load(Ordering::Relaxed) < now {
                self.fired.store(now, Ordering::Relaxed);
            }
            inner.wheel.pop_due(now).map(|(_, waker)| waker)
        })
    }

    /// Takes wakers until there are none, and wakes them with the lock released.
    fn take_batches(&'static self, take: &mut dyn FnMut(&mut Inner) -> Option<Waker>) -> usize {
        let mut taken = 0;
        let mut batch = WakeList::new();
        let mut inner = self.lock();
        loop {
            while batch.can_push() {
                let Some(waker) = take(&mut inner) else {
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
            None if self.group.is_none() || key.generation() < self.first_generation => {
                Err(EntryPoll::Gone)
            }
            None => Err(EntryPoll::Fired),
        }
    }
}

fn pool() -> MutexGuard<'static, Vec<&'static Shard>> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}
