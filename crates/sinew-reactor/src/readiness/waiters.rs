//! Who waits for a source. Everything here happens under the source's lock, and
//! hands wakers out to be woken and dropped after it is released.
//!
//! There are three ways to wait:
//!
//! * *alone*: one slot for each direction. The last one to come has it. For
//!   callers that own the source, so that there is but one of them. The reader's
//!   is in the source itself, which is what an idle connection pays for; the
//!   writer's is where the rest is, since few ever wait for room.
//! * *placed*: an entry that its waiter removes when it goes. For futures.
//! * *shared*: entries known by their waker only. Nobody removes them, so a task
//!   that polls with ever new wakers would pile them up. See `add_shared`.

use std::task::Waker;

use slab::Slab;

use crate::{Interest, Ready};

/// How many shared waiters may pile up before it is asked who still waits.
/// More than a socket usually has, and few enough to look through.
const SHARED: usize = 32;

/// The two directions that have a slot of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

impl Direction {
    pub(crate) const fn interest(self) -> Interest {
        match self {
            Direction::Read => Interest::READABLE,
            Direction::Write => Interest::WRITABLE,
        }
    }

    /// The readiness that ends a wait in this direction.
    pub(crate) const fn mask(self) -> Ready {
        const READ: Ready = Direction::Read.interest().mask();
        const WRITE: Ready = Direction::Write.interest().mask();
        match self {
            Direction::Read => READ,
            Direction::Write => WRITE,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Waiters {
    reader: Option<Waker>,
    /// Absent until somebody waits otherwise than alone for reading.
    others: Option<Box<Others>>,
}

#[derive(Debug)]
struct Others {
    writer: Option<Waker>,
    placed: Slab<Placed>,
    shared: Vec<Shared>,
    /// How long `shared` may get before the next probe.
    limit: usize,
}

#[derive(Debug)]
struct Placed {
    mask: Ready,
    /// Absent once woken, until the waiter polls again.
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Shared {
    mask: Ready,
    waker: Waker,
    /// Whether it was woken to see if it still waits, and has not come back yet.
    probed: bool,
}

impl Waiters {
    pub(super) fn new() -> Waiters {
        Waiters {
            reader: None,
            others: None,
        }
    }

    fn others(&mut self) -> &mut Others {
        self.others.get_or_insert_with(|| {
            Box::new(Others {
                writer: None,
                placed: Slab::new(),
                shared: Vec::new(),
                limit: SHARED,
            })
        })
    }

    /// Puts `waker` into the direction's slot. Returns what it replaces.
    #[inline]
    pub(super) fn set_alone(&mut self, direction: Direction, waker: Waker) -> Option<Waker> {
        let slot = match direction {
            Direction::Read => &mut self.reader,
            Direction::Write => &mut self.others().writer,
        };
        slot.replace(waker)
    }

    /// Puts `waker` at `place`, which is found if there is none yet. Returns
    /// what it replaces.
    pub(super) fn set_placed(
        &mut self,
        place: &mut Option<usize>,
        mask: Ready,
        waker: Waker,
    ) -> Option<Waker> {
        let placed = &mut self.others().placed;
        match *place {
            Some(key) => placed[key].waker.replace(waker),
            None => {
                let waker = Some(waker);
                *place = Some(placed.insert(Placed { mask, waker }));
                None
            }
        }
    }

    pub(super) fn remove_placed(&mut self, place: usize) -> Option<Waker> {
        self.others().placed.remove(place).waker
    }

    /// Adds `waker` for `mask`, or renews it if it is there.
    ///
    /// When the entries have piled up, those that were probed last time and have
    /// not come back are dropped, and the rest is probed: marked, and returned
    /// to be woken. A task that still waits polls again and so renews its entry.
    /// Dropping a probed entry loses nothing, because it has been woken since it
    /// was added. The limit is then twice what is left, so that it follows the
    /// number of tasks that really wait: with that many, probes stop.
    ///
    /// Returns whom to wake, and `waker` if it is not needed.
    pub(super) fn add_shared(&mut self, mask: Ready, waker: Waker) -> (Vec<Waker>, Option<Waker>) {
        let others = self.others();
        let known = others
            .shared
            .iter_mut()
            .find(|known| known.mask == mask && known.waker.will_wake(&waker));
        if let Some(known) = known {
            known.probed = false;
            return (Vec::new(), Some(waker));
        }
        let mut out = Vec::new();
        if others.shared.len() >= others.limit {
            out = others.probe();
        }
        others.shared.push(Shared {
            mask,
            waker,
            probed: false,
        });
        (out, None)
    }

    /// Takes out the wakers of all who wait for any of `ready`.
    #[inline]
    pub(super) fn take(&mut self, ready: Ready, wakers: &mut Vec<Waker>) {
        if ready.intersects(Direction::Read.mask()) {
            if let Some(reader) = self.reader.take() {
                wakers.push(reader);
            }
        }
        if let Some(others) = &mut self.others {
            others.take(ready, wakers);
        }
    }
}

impl Others {
    /// Returns the wakers to be woken: those not probed before, which stay, and
    /// those probed before, which go. The latter need no wake-up, but they have
    /// to be dropped outside of the lock, and waking is one way to do so.
    fn probe(&mut self) -> Vec<Waker> {
        let before = std::mem::take(&mut self.shared);
        let (gone, mut stay): (Vec<_>, Vec<_>) = before.into_iter().partition(|one| one.probed);
        let mut out: Vec<Waker> = gone.into_iter().map(|one| one.waker).collect();
        for one in &mut stay {
            one.probed = true;
            out.push(one.waker.clone());
        }
        self.limit = SHARED.max(stay.len() * 2);
        self.shared = stay;
        out
    }

    fn take(&mut self, ready: Ready, wakers: &mut Vec<Waker>) {
        if ready.intersects(Direction::Write.mask()) {
            wakers.extend(self.writer.take());
        }
        for (_, placed) in &mut self.placed {
            if placed.mask.intersects(ready) {
                wakers.extend(placed.waker.take());
            }
        }
        let mut at = 0;
        while at < self.shared.len() {
            if self.shared[at].mask.intersects(ready) {
                wakers.push(self.shared.swap_remove(at).waker);
            } else {
                at += 1;
            }
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
