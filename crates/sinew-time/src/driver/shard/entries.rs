//! What timers do with their entries.
//!
//! While another thread [keeps](super::notes) the wheel, what has become of an entry is
//! known without it. An entry is there until it is removed by its own timer, or fired,
//! before which the time of that is in `fired`, or the wheel leaves its group.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use sinew_core::Unpark;

use super::notes::{Guard, Note};
use super::{AWAKE, EntryPoll, Inner, Refused, Register, Shard};
use crate::clock;
use crate::timer::Start;
use crate::wheel::{Key, Slack};

impl Shard {
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
        let Ok(mut inner) = self.enter() else {
            return Register::Refused(Refused::Kept);
        };
        let Some(group) = &inner.group else {
            drop(inner);
            return Register::Refused(Refused::ShutDown);
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

    /// Asks for an entry of this deadline, and makes it wake `waker` if it still waits.
    pub(crate) fn poll_entry(&'static self, key: Key, deadline: u64, waker: &Waker) -> EntryPoll {
        if let Ok(mut inner) = self.enter() {
            match self.look(&mut inner, key) {
                Ok(stored) if stored.will_wake(waker) => return EntryPoll::Waiting,
                Ok(_) => {}
                Err(ended) => {
                    discard(inner, key);
                    return ended;
                }
            }
        }
        let mut waker = waker.clone();
        match self.enter() {
            Ok(mut inner) => match self.look(&mut inner, key) {
                Ok(stored) => {
                    // The old one is dropped with `waker`, after the lock.
                    std::mem::swap(stored, &mut waker);
                    drop(inner);
                    EntryPoll::Waiting
                }
                Err(ended) => {
                    discard(inner, key);
                    ended
                }
            },
            Err(kept) => {
                let state = self.state_elsewhere(key, deadline);
                if let EntryPoll::Waiting = state {
                    kept.leave(|notes| notes.push(Note::Watch(key, waker)));
                }
                state
            }
        }
    }

    /// What has become of the entry of this deadline, without touching it.
    pub(crate) fn entry_state(&'static self, key: Key, deadline: u64) -> EntryPoll {
        match self.enter() {
            Ok(mut inner) => match self.look(&mut inner, key) {
                Ok(_) => EntryPoll::Waiting,
                Err(ended) => ended,
            },
            Err(_kept) => self.state_elsewhere(key, deadline),
        }
    }

    /// What has become of the entry, while another thread keeps the wheel. It may just be
    /// firing; then its task is woken after this.
    fn state_elsewhere(&self, key: Key, deadline: u64) -> EntryPoll {
        if self.group_id() == 0 || self.is_before(key) {
            EntryPoll::Gone
        } else if self.has_fired(deadline) {
            EntryPoll::Fired
        } else {
            EntryPoll::Waiting
        }
    }

    /// Moves an entry; `false` if it is gone. While another thread keeps the wheel it is
    /// gone soon, and its task is woken then.
    pub(crate) fn reset(&'static self, key: Key, deadline: u64) -> bool {
        let mut inner = match self.enter() {
            Ok(inner) => inner,
            Err(kept) => {
                kept.leave(|notes| notes.push(Note::Recall(key)));
                return false;
            }
        };
        if !inner.wheel.reset_loosely(key, deadline) {
            return false;
        }
        self.added(inner, deadline, deadline);
        true
    }

    /// Removes an entry, if it is still there.
    #[inline]
    pub(crate) fn cancel(&'static self, key: Key) {
        match self.enter() {
            Ok(inner) => discard(inner, key),
            Err(kept) => kept.leave(|notes| notes.push(Note::Cancel(key))),
        }
    }

    /// The waker of an entry that waits, or what has become of it.
    fn look<'a>(&self, inner: &'a mut Inner, key: Key) -> Result<&'a mut Waker, EntryPoll> {
        // Of an owner before: what became of it is not known.
        if self.is_before(key) {
            return Err(EntryPoll::Gone);
        }
        inner.look(key)
    }

    /// Whether the key is of an owner before.
    fn is_before(&self, key: Key) -> bool {
        // ORDERING: Relaxed; written under the lock, which the caller has.
        key.generation() < self.first_generation.load(Ordering::Relaxed)
    }

    /// Sees to it that the deadline just added is not overslept beyond `wake_by`:
    /// by the owner if it waits, else by the watcher of the group.
    #[inline]
    fn added(&'static self, inner: Guard, deadline: u64, wake_by: u64) {
        // Nothing is less than `AWAKE`.
        if deadline < self.next() || wake_by < self.parked.load(Ordering::Relaxed) {
            self.added_first(inner, deadline, wake_by);
        }
    }

    #[cold]
    fn added_first(&'static self, mut inner: Guard, deadline: u64, wake_by: u64) {
        if deadline < self.next() {
            self.next.store(deadline, Ordering::Relaxed);
            if let Some(group) = inner.group.as_ref().filter(|_| !self.is_keepable()) {
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
            None => self.overslept(&inner, deadline),
        };
        drop(inner);
        if let Some(unparker) = unparker {
            unparker.unpark();
        }
    }

    /// The watcher of the group, if it has to be told of a new first deadline.
    fn overslept(&self, inner: &Inner, deadline: u64) -> Option<Arc<dyn Unpark>> {
        // Nobody but its thread fires a wheel that can be kept.
        match &inner.group {
            Some(group) if !self.is_keepable() => group.overslept(deadline),
            _ => None,
        }
    }
}

fn discard(mut inner: Guard, key: Key) {
    let waker = inner.wheel.remove(key);
    drop(inner);
    drop(waker);
}

impl Inner {
    /// The waker of an entry of this owner's that waits, or what has become of it.
    pub(super) fn look(&mut self, key: Key) -> Result<&mut Waker, EntryPoll> {
        let elapsed = self.wheel.elapsed();
        match self.wheel.get_mut(key) {
            // Reset into the past, and not fired since.
            Some((deadline, _)) if deadline <= elapsed => Err(EntryPoll::Fired),
            Some((_, waker)) => Ok(waker),
            None if self.group.is_none() => Err(EntryPoll::Gone),
            None => Err(EntryPoll::Fired),
        }
    }
}
