//! What the wheels of one runtime share: the clock, and a watch over each other.
//!
//! # The watch
//!
//! A worker fires its own wheel. While it polls one task for long, nobody does,
//! and an idle worker has to step in. Telling the idle ones of every new timer
//! would cost a system call each; so the one that waits as *watcher* (see
//! [`Timers::prepare_park`](super::Timers::prepare_park)) is up by itself
//! [`GRACE`](super::GRACE) after the earliest deadline of all wheels, and fires what its owner
//! has not. Only a new deadline which it would oversleep by twice that ends its wait.
//!
//! Wheels that a thread [keeps](super::Timers::keep) are not watched: nobody else could
//! fire them.
//!
//! The protocol of the two is in [`watch`](super::watch).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinew_core::Unpark;

use super::first::First;
use super::shard::Shard;
use super::watch::Watch;
use crate::clock::Clock;

/// Numbers groups, to tell them apart without touching them.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

pub(super) struct Group {
    pub(super) id: u64,
    pub(super) clock: Clock,
    pub(super) may_auto_advance: AtomicBool,
    members: Mutex<Vec<&'static Shard>>,
    /// There was more than one member at some time, beside those that a thread keeps.
    several: AtomicBool,
    first: First,
    watch: Watch,
    watcher: Mutex<Option<Arc<dyn Unpark>>>,
}

impl Group {
    pub(super) fn new() -> Arc<Group> {
        Arc::new(Group {
            // ORDERING: Relaxed; only that numbers differ matters.
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            clock: Clock::new(),
            may_auto_advance: AtomicBool::new(true),
            members: Mutex::new(Vec::new()),
            several: AtomicBool::new(false),
            first: First::new(),
            watch: Watch::new(),
            watcher: Mutex::new(None),
        })
    }

    fn members(&self) -> MutexGuard<'_, Vec<&'static Shard>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The members as of now.
    pub(super) fn snapshot(&self) -> Vec<&'static Shard> {
        self.members().clone()
    }

    pub(super) fn add(&self, shard: &'static Shard) {
        let mut members = self.members();
        members.push(shard);
        if members
            .iter()
            .filter(|member| !member.is_keepable())
            .count()
            > 1
        {
            self.several.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn remove(&self, shard: &'static Shard) {
        self.members()
            .retain(|member| !std::ptr::eq(*member, shard));
    }

    /// The first, which nobody keeps. `None` once it was shut down.
    pub(super) fn base(&self) -> Option<&'static Shard> {
        let members = self.members();
        members.iter().copied().find(|member| !member.is_keepable())
    }

    pub(super) fn set_watcher(&self, unparker: Arc<dyn Unpark>) {
        let before = self.watcher().replace(unparker);
        drop(before);
    }

    fn watcher(&self) -> MutexGuard<'_, Option<Arc<dyn Unpark>>> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The watcher is about to wait until `until`. Returns until when it should.
    #[inline]
    pub(super) fn begin_watch(&self, until: u64) -> u64 {
        if !self.several.load(Ordering::Relaxed) {
            return until;
        }
        self.watch.begin(until, || self.first_next())
    }

    /// A wheel has a new first deadline, which is in its `next`. To be called before
    /// [`overslept`](Self::overslept).
    pub(super) fn lower(&self, deadline: u64) {
        self.first.lower(deadline);
    }

    /// The first deadline of all wheels, or an earlier time. For the watcher.
    #[inline]
    fn first_next(&self) -> u64 {
        self.first.find(|| self.look_at_all())
    }

    fn look_at_all(&self) -> u64 {
        let members = self.members();
        let next = members.iter().map(|member| member.next()).min();
        next.unwrap_or(u64::MAX)
    }

    #[inline]
    pub(super) fn end_watch(&self) {
        if self.several.load(Ordering::Relaxed) {
            self.watch.end();
        }
    }

    /// A wheel has a new first deadline, which is in its `next`. Returns the
    /// watcher if it would oversleep that.
    pub(super) fn overslept(&self, deadline: u64) -> Option<Arc<dyn Unpark>> {
        let alone = !self.several.load(Ordering::Relaxed);
        if alone || !self.watch.is_overslept(deadline) {
            return None;
        }
        self.watcher().clone()
    }

    /// When something in a wheel counts as late, at the earliest; `u64::MAX` for
    /// a group of one, which is not watched.
    #[inline]
    pub(super) fn first_late(&self) -> u64 {
        if !self.several.load(Ordering::Relaxed) {
            return u64::MAX;
        }
        self.first.get()
    }

    /// Fires what is due by `now - slack` in all wheels but `except`.
    pub(super) fn fire_late(&self, except: &Shard, now: u64, slack: u64) -> usize {
        let Some(late) = now.checked_sub(slack) else {
            return 0;
        };
        if !self.several.load(Ordering::Relaxed) {
            return 0;
        }
        let due = |shard: &&&'static Shard| shard.next() <= late && !std::ptr::eq(**shard, except);
        let mut fired = 0;
        let mut from = 0;
        loop {
            // One at a time: wakers must not run under the lock.
            let members = self.members();
            let found = members.iter().skip(from).position(|shard| due(&shard));
            let Some(at) = found.map(|at| from + at) else {
                return fired;
            };
            let shard = members[at];
            drop(members);
            fired += shard.fire(self, now);
            from = at + 1;
        }
    }

    /// Fires what is due by now in all wheels.
    pub(super) fn fire_all(&self) -> usize {
        let now = self.clock.now_nanos();
        let shards = self.snapshot();
        shards.iter().map(|shard| shard.fire(self, now)).sum()
    }

    /// Unparks all that wait, because until when has changed.
    pub(super) fn recall(&self) {
        for shard in self.snapshot() {
            shard.recall();
        }
    }
}
