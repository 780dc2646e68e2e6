//! One wheel behind one lock, which a thread of its own may [keep](notes).
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
//!    deadline of the wheel while the lock is free, and nobody keeps it or its keeper is
//!    not using it.
//! 3. The keys that a shard gives out under one owner are of other generations
//!    than those of the owners before, so an old key names no entry of the new one. What
//!    became of the entry of an old key is not known; its timer asks the clock.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use sinew_core::Unpark;
use sinew_core::lock::KeptLock;
use sinew_core::waker::WakeList;

use super::group::Group;
use crate::clock::Clock;
use crate::wheel::{Key, Wheel};

mod entries;
mod notes;

use notes::Note;

static POOL: Mutex<Vec<&'static Shard>> = Mutex::new(Vec::new());

/// What became of a new entry.
pub(crate) enum Register {
    Entry(Key),
    Passed,
    Refused(Refused),
}

/// Why there is no new entry.
pub(crate) enum Refused {
    /// These timers have been shut down.
    ShutDown,
    /// Another thread keeps these timers.
    Kept,
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
    inner: KeptLock<Inner, Vec<Note>>,
    next: AtomicU64,
    /// All that is due by then has been fired, or is being fired: the time of the
    /// last [`fire`](Shard::fire). Written under the lock.
    fired: AtomicU64,
    /// While somebody waits: until which deadline, or `u64::MAX` for until unparked.
    /// Else [`AWAKE`]. All but that is written under the lock.
    parked: AtomicU64,
    /// The number of the group that it belongs to, 0 if none.
    group: AtomicU64,
    /// Keys of an earlier generation are of an owner before. Written under the lock.
    first_generation: AtomicU32,
    /// Whether one thread keeps it while it is awake. Written under the lock.
    keepable: AtomicBool,
    /// How many entries there were when a thread began to keep it. Written by that.
    kept_len: AtomicUsize,
}

/// Nobody waits for the wheel.
const AWAKE: u64 = 0;

struct Inner {
    wheel: Wheel<Waker>,
    /// `None` while it belongs to nobody, and after a shutdown.
    group: Option<Arc<Group>>,
    unparker: Option<Arc<dyn Unpark>>,
    /// No entry has come since the owner found the wheel empty and trimmed it.
    trimmed: bool,
}

impl Shard {
    /// Takes a shard from the pool, or makes one, and puts it into `group`. One that is
    /// `keepable` is fired by nobody but the thread that keeps it.
    pub(super) fn take(group: &Arc<Group>, keepable: bool) -> &'static Shard {
        let pooled = pool().pop();
        let mut shard = pooled.unwrap_or_else(Shard::leak);
        // Nobody keeps what is in the pool.
        let mut inner = loop {
            match shard.inner.lock() {
                Ok(inner) => break inner,
                Err(_kept) => shard = Shard::leak(),
            }
        };
        let first = inner.wheel.begin_anew(0);
        // ORDERING: Relaxed; only threads that were given the shard look at these.
        shard.first_generation.store(first, Ordering::Relaxed);
        shard.keepable.store(keepable, Ordering::Relaxed);
        shard.fired.store(0, Ordering::Relaxed);
        inner.group = Some(group.clone());
        shard.group.store(group.id, Ordering::Relaxed);
        drop(inner);
        group.add(shard);
        shard
    }

    fn leak() -> &'static Shard {
        Box::leak(Box::new(Shard {
            inner: KeptLock::new(Inner::new(), Vec::new()),
            next: AtomicU64::new(u64::MAX),
            fired: AtomicU64::new(0),
            parked: AtomicU64::new(AWAKE),
            group: AtomicU64::new(0),
            first_generation: AtomicU32::new(0),
            keepable: AtomicBool::new(false),
            kept_len: AtomicUsize::new(0),
        }))
    }

    /// Gives a shard back to the pool.
    pub(super) fn give_back(&'static self, group: &Group) {
        self.shut_down(group);
        // Who keeps timers has a reference to them; it was the last, so nobody does.
        let Ok(mut inner) = self.enter() else { return };
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
        match self.enter() {
            Ok(mut inner) if self.group_id() == group.id => {
                // ORDERING: Relaxed; who reads the old number finds out under the lock.
                self.group.store(0, Ordering::Relaxed);
                let own = inner.group.take();
                drop(inner);
                drop(own);
            }
            Err(kept) if self.group_id() == group.id => {
                // ORDERING: as above.
                self.group.store(0, Ordering::Relaxed);
                kept.leave(|notes| notes.push(Note::ShutDown));
            }
            Ok(_) | Err(_) => return,
        }
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

    /// Whether one thread keeps it while it is awake.
    #[inline]
    pub(super) fn is_keepable(&self) -> bool {
        self.keepable.load(Ordering::Relaxed)
    }

    /// How many entries there are; or, while another thread keeps it, how many there were
    /// when that began.
    pub(super) fn len(&'static self) -> usize {
        match self.enter() {
            Ok(inner) => inner.wheel.len(),
            Err(_kept) => self.kept_len.load(Ordering::Relaxed),
        }
    }

    pub(super) fn is_parked(&self) -> bool {
        self.parked.load(Ordering::Relaxed) != AWAKE
    }

    /// The first deadline; `None` while another thread keeps the wheel.
    pub(super) fn exact_deadline(&'static self) -> Option<Option<u64>> {
        Some(self.enter().ok()?.wheel.exact_deadline())
    }

    /// Returns the one before, unless another thread keeps the wheel.
    pub(super) fn set_unparker(
        &'static self,
        unparker: Option<Arc<dyn Unpark>>,
    ) -> Option<Arc<dyn Unpark>> {
        match self.enter() {
            Ok(mut inner) => std::mem::replace(&mut inner.unparker, unparker),
            Err(kept) => {
                kept.leave(|notes| notes.push(Note::Unparker(unparker)));
                None
            }
        }
    }

    /// The owner is about to wait. Returns until when, and publishes it; or
    /// `u64::MAX` if the clock will not come to it by itself.
    #[inline]
    pub(super) fn park(&'static self, clock: &Clock) -> u64 {
        let Ok((mut inner, woken)) = self.let_go() else {
            // It is not the owner, and has nothing to wait for here.
            return u64::MAX;
        };
        if woken {
            // What was woken may be a task of this very thread.
            self.parked.store(AWAKE + 1, Ordering::Relaxed);
            return 0;
        }
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
    pub(super) fn recall(&'static self) {
        // Who keeps it is awake, and takes the lock before it waits: it sees what has changed.
        let Ok(inner) = self.enter() else { return };
        let unparker = self.parked_until().and(inner.unparker.clone());
        drop(inner);
        if let Some(unparker) = unparker {
            unparker.unpark();
        }
    }

    fn hint(&self, next: u64) {
        if self.next() != next {
            self.next.store(next, Ordering::Relaxed);
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
        // What another thread keeps, that thread fires.
        while let Ok(mut inner) = self.enter() {
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
        }
        taken
    }
}

impl Inner {
    fn new() -> Inner {
        Inner {
            wheel: Wheel::new(),
            group: None,
            unparker: None,
            trimmed: false,
        }
    }
}

fn pool() -> MutexGuard<'static, Vec<&'static Shard>> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}
