//! A hierarchical timing wheel, without a clock of its own.
//!
//! [`Wheel`] takes the time as an argument and gives back what is due. It knows
//! nothing of threads, wakers or clocks; the driver and the tests use the same code.
//!
//! # Layout
//!
//! Time is a `u64` of nanoseconds. There are [`LEVELS`] levels of [`SLOTS`]
//! slots. A slot of level 0 is 2^[`GRAIN`] ns wide, a slot of each further level
//! as wide as the whole level before. What lies beyond the last level waits in
//! one more list, the *far* list. Deadlines keep every nanosecond; the grain only
//! says which entries share a list.
//!
//! # Invariants
//!
//! 1. `elapsed` never decreases. No entry whose deadline is at or before the
//!    last `now` given to a drained [`Wheel::pop_due`] is left in the wheel,
//!    unless it was inserted since.
//! 2. An entry's place follows from `elapsed` and its *position*, which is its
//!    deadline, or `elapsed` at the time of its insertion if that is later. The
//!    level is that of the highest group of bits in which the two differ; the
//!    slot is the position's group. `elapsed` only moves up to the start of the first
//!    occupied slot, or within it at level 0, so the places stay right.
//! 3. It follows that entries of one level are all due before those of the next,
//!    that slots of a level are due in the order of their numbers, and that no
//!    level wraps around.
//! 4. Entries of equal deadline are always in one list, in the order of their
//!    insertion: cascading keeps the order of a list.

mod slab;
mod slack;
mod wake;

use slab::{List, NIL, Slab};

pub(crate) use slab::Key;
pub(crate) use slack::Slack;

/// A slot of level 0 is `2^GRAIN` ns wide, which is 65.5 µs. Wider slots mean
/// fewer moves between levels and more entries to sort when a slot is reached.
const GRAIN: u32 = 16;
/// Levels of slots before the far list: together 2^52 ns, which is 52 days.
const LEVELS: usize = 6;
const SLOT_BITS: u32 = 6;
/// Slots of a level.
const SLOTS: usize = 1 << SLOT_BITS;
/// Bits that the levels cover.
const HORIZON: u32 = GRAIN + SLOT_BITS * LEVELS as u32;
/// The place of the far list.
const FAR: usize = LEVELS * SLOTS;
/// How many entries of a slot above level 0 are looked at to find the exact
/// earliest deadline, before the start of the slot is taken instead.
const LOOK: usize = 32;

/// Entries for which an empty wheel keeps memory, 40 KiB.
const KEPT: usize = 1024;

/// Where the first entries are.
#[derive(Clone, Copy)]
enum First {
    /// A slot of level 0, whose entries can be due.
    Fine(usize),
    /// A slot above, by its place, and when it begins.
    Coarse(usize, u64),
}

/// The wheel. See the module's documentation.
pub(crate) struct Wheel<T> {
    slab: Slab<T>,
    lists: Box<[List; FAR + 1]>,
    /// One bit a slot: the list is not empty.
    occupied: [u64; LEVELS],
    /// One bit a slot of level 0: the list is not in the order of deadlines.
    unsorted: u64,
    elapsed: u64,
    /// No deadline is earlier; `u64::MAX` when empty.
    next: u64,
    /// `next` may be earlier than the first deadline.
    stale: bool,
    /// What [`Wheel::next_wake`] said, while nothing up to then has changed; else
    /// `next`. So what changes after this changes neither.
    wake: u64,
    /// `wake` is what `next_wake` said.
    wake_known: bool,
    scratch: Vec<(u64, u32, u32)>,
}

impl<T> Wheel<T> {
    pub(crate) fn new() -> Self {
        Wheel {
            slab: Slab::new(),
            lists: Box::new([List::EMPTY; FAR + 1]),
            occupied: [0; LEVELS],
            unsorted: 0,
            elapsed: 0,
            next: u64::MAX,
            stale: false,
            wake: u64::MAX,
            wake_known: false,
            scratch: Vec::new(),
        }
    }

    /// How many entries there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        self.slab.capacity()
    }

    /// Makes room for `additional` entries beyond those that are there.
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.slab.reserve(additional);
    }

    /// Gives back the memory of the entries, if there are none and there is much.
    pub(crate) fn trim(&mut self) {
        if self.len() == 0 && self.capacity() > KEPT {
            self.compact();
        }
    }

    /// Gives back memory that holds no entry. Keys stay good.
    pub(crate) fn compact(&mut self) {
        self.slab.compact();
        self.scratch = Vec::new();
    }

    /// Makes a wheel without entries as new: its memory is given back and its time
    /// begins at `now`. Returns the generation from which on keys are new.
    pub(crate) fn begin_anew(&mut self, now: u64) -> u32 {
        self.elapsed = now;
        self.next = u64::MAX;
        self.stale = false;
        self.forget_wake();
        self.scratch = Vec::new();
        self.slab.begin_anew()
    }

    /// How many entries are in the wheel.
    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    /// Up to where the time has been taken into account.
    pub(crate) fn elapsed(&self) -> u64 {
        self.elapsed
    }

    /// Adds an entry. A deadline that has passed is due at the next call of
    /// [`pop_due`](Self::pop_due).
    pub(crate) fn insert(&mut self, deadline: u64, value: T) -> Key {
        self.insert_slack(deadline, Slack::NONE, value)
    }

    /// As [`insert`](Self::insert), for an entry that [`next_wake`](Self::next_wake)
    /// may leave for its slack.
    #[inline]
    pub(crate) fn insert_slack(&mut self, deadline: u64, slack: Slack, value: T) -> Key {
        let place = self.place_of(deadline);
        self.occupy(place, deadline);
        self.note_next(deadline);
        let list = &mut self.lists[place];
        self.slab.insert(list, place as u16, deadline, slack, value)
    }

    /// Removes an entry; `None` if it is gone.
    #[inline]
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        self.take(key).map(|(_, value)| value)
    }

    /// Removes an entry. Returns its deadline too.
    #[inline]
    fn take(&mut self, key: Key) -> Option<(u64, T)> {
        let removed = self.slab.remove(&mut self.lists[..], key)?;
        if removed.emptied {
            self.vacate(removed.place);
        }
        self.forget_next(removed.deadline);
        Some((removed.deadline, removed.value))
    }

    /// Moves an entry to another deadline; `false` if it is gone. Among entries
    /// of an equal deadline it is now the last.
    pub(crate) fn reset(&mut self, key: Key, deadline: u64) -> bool {
        let Some(before) = self.slab.deadline(key) else {
            return false;
        };
        self.unlink(key.index());
        self.forget_next(before);
        self.slab.set_deadline(key.index(), deadline);
        self.link(key.index(), deadline);
        self.note_next(deadline);
        true
    }

    /// As [`reset`](Self::reset), but the entry may keep its rank among those of an
    /// equal deadline. An entry that stays in its slot is not moved, which is the
    /// rule for a limit that is set anew again and again.
    #[inline]
    pub(crate) fn reset_loosely(&mut self, key: Key, deadline: u64) -> bool {
        // Not what `place_of` says, which would take as long as all the rest.
        let stays = |place: u16, before: u64| {
            let level = u32::from(place) / SLOTS as u32;
            // Slots of level 0 are kept in order, or known not to be.
            (1..LEVELS as u32).contains(&level)
                && (before ^ deadline) >> (GRAIN + SLOT_BITS * level) == 0
        };
        match self.slab.set_if(key, deadline, stays) {
            Some(before) => {
                self.forget_next(before);
                self.note_next(deadline);
                true
            }
            None => self.reset(key, deadline),
        }
    }

    /// An entry's deadline and value; `None` if it is gone.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<(u64, &mut T)> {
        self.slab.get_mut(key)
    }

    /// The deadline of an entry; `None` if it is gone.
    pub(crate) fn deadline(&self, key: Key) -> Option<u64> {
        self.slab.deadline(key)
    }

    /// The entry that [`pop_due`](Self::pop_due) will return first. Looks at all
    /// entries of the first slot.
    pub(crate) fn first_key(&self) -> Option<Key> {
        let (First::Fine(place) | First::Coarse(place, _)) = self.first()?;
        let mut first = self.lists[place].head;
        let mut index = self.slab.next(first);
        while index != NIL {
            if self.slab.deadline_at(index) < self.slab.deadline_at(first) {
                first = index;
            }
            index = self.slab.next(index);
        }
        Some(self.slab.key_at(first))
    }

    /// Removes and returns one entry whose deadline is at or before `now`: the
    /// earliest, and among equal ones the first inserted. Call it until it is
    /// `None`; a `now` that lies before an earlier one is harmless.
    pub(crate) fn pop_due(&mut self, now: u64) -> Option<(u64, T)> {
        self.pop_due_key(now)
            .map(|(_, deadline, value)| (deadline, value))
    }

    /// As [`pop_due`](Self::pop_due), with the key that the entry had.
    pub(crate) fn pop_due_key(&mut self, now: u64) -> Option<(Key, u64, T)> {
        loop {
            match self.first() {
                Some(First::Fine(slot)) => {
                    self.sort(slot);
                    let index = self.lists[slot].head;
                    let deadline = self.slab.deadline_at(index);
                    if deadline > now {
                        break;
                    }
                    self.elapsed = self.elapsed.max(self.start_of(0, slot));
                    let key = self.slab.key_at(index);
                    let (deadline, value) = self.take(key)?;
                    return Some((key, deadline, value));
                }
                Some(First::Coarse(place, start)) if start <= now => {
                    self.elapsed = if place == FAR {
                        self.far_start(start, now)
                    } else {
                        start
                    };
                    self.cascade(place);
                }
                Some(First::Coarse(..)) | None => break,
            }
        }
        self.elapsed = self.elapsed.max(now);
        None
    }

    /// Removes and returns any entry, for emptying the wheel.
    pub(crate) fn pop_any(&mut self) -> Option<T> {
        let place = match self.first()? {
            First::Fine(place) | First::Coarse(place, _) => place,
        };
        let key = self.slab.key_at(self.lists[place].head);
        self.remove(key)
    }

    /// The earliest deadline. Looks at all entries of the first slot.
    pub(crate) fn exact_deadline(&mut self) -> Option<u64> {
        self.look(usize::MAX)
    }

    fn look(&mut self, at_most: usize) -> Option<u64> {
        let (place, start) = match self.first()? {
            First::Fine(slot) => {
                self.sort(slot);
                return Some(self.slab.deadline_at(self.lists[slot].head));
            }
            First::Coarse(place, start) => (place, start),
        };
        let mut index = self.lists[place].head;
        let mut earliest = u64::MAX;
        for _ in 0..at_most {
            if index == NIL {
                return Some(earliest);
            }
            earliest = earliest.min(self.slab.deadline_at(index));
            index = self.slab.next(index);
        }
        Some(start)
    }

    fn first(&self) -> Option<First> {
        if self.occupied[0] != 0 {
            return Some(First::Fine(self.occupied[0].trailing_zeros() as usize));
        }
        for level in 1..LEVELS {
            if self.occupied[level] != 0 {
                let slot = self.occupied[level].trailing_zeros() as usize;
                let start = self.start_of(level, slot);
                return Some(First::Coarse(level * SLOTS + slot, start));
            }
        }
        if self.lists[FAR].head == NIL {
            return None;
        }
        // An entry of the far list differs from `elapsed` in the bits above the
        // horizon and is later, so there is a next period.
        let start = ((self.elapsed >> HORIZON) + 1) << HORIZON;
        Some(First::Coarse(FAR, start))
    }

    /// When the slot begins, by invariants 2 and 3 in the period of `elapsed`.
    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = GRAIN + SLOT_BITS * level as u32;
        let period = shift + SLOT_BITS;
        (self.elapsed >> period << period) + ((slot as u64) << shift)
    }

    /// The period to which the far list is opened: that of its earliest entry,
    /// so that a jump over many empty periods is one step.
    fn far_start(&self, first_start: u64, now: u64) -> u64 {
        let mut index = self.lists[FAR].head;
        let mut earliest = u64::MAX;
        while index != NIL {
            earliest = earliest.min(self.slab.deadline_at(index));
            index = self.slab.next(index);
        }
        first_start.max(earliest.min(now) >> HORIZON << HORIZON)
    }

    #[inline]
    fn place_of(&self, deadline: u64) -> usize {
        let elapsed = self.elapsed >> GRAIN;
        let position = deadline.max(self.elapsed) >> GRAIN;
        // Bits of the lowest group are set so that equal values are of level 0.
        let differing = (elapsed ^ position) | (SLOTS as u64 - 1);
        let level = (differing.ilog2() / SLOT_BITS) as usize;
        if level >= LEVELS {
            return FAR;
        }
        let slot = (position >> (SLOT_BITS * level as u32)) as usize & (SLOTS - 1);
        level * SLOTS + slot
    }

    /// Puts an entry that is in no list into the one of its place.
    fn link(&mut self, index: u32, deadline: u64) {
        let place = self.place_of(deadline);
        self.occupy(place, deadline);
        self.slab
            .push_back(&mut self.lists[place], index, place as u16);
    }

    /// Notes that an entry is to come to the end of the list of `place`.
    #[inline]
    fn occupy(&mut self, place: usize, deadline: u64) {
        if place != FAR {
            self.occupied[place / SLOTS] |= 1 << (place % SLOTS);
        }
        if place < SLOTS {
            let tail = self.lists[place].tail;
            if tail != NIL && self.slab.deadline_at(tail) > deadline {
                self.unsorted |= 1 << place;
            }
        }
    }

    fn unlink(&mut self, index: u32) {
        let place = usize::from(self.slab.place(index));
        let list = &mut self.lists[place];
        self.slab.unlink(list, index);
        if list.head == NIL {
            self.vacate(place);
        }
    }

    /// Notes that the list of `place` is empty now.
    fn vacate(&mut self, place: usize) {
        if place != FAR {
            self.occupied[place / SLOTS] &= !(1 << (place % SLOTS));
        }
        if place < SLOTS {
            self.unsorted &= !(1 << place);
        }
    }

    /// Gives the entries of a list their places anew, after `elapsed` has moved.
    fn cascade(&mut self, place: usize) {
        let mut index = std::mem::replace(&mut self.lists[place], List::EMPTY).head;
        self.vacate(place);
        // The start of this slot may have been given out as the next deadline.
        self.stale = true;
        self.forget_wake();
        while index != NIL {
            let next = self.slab.next(index);
            self.link(index, self.slab.deadline_at(index));
            index = next;
        }
    }

    /// Puts a list of level 0 into the order of deadlines.
    fn sort(&mut self, slot: usize) {
        if self.unsorted & (1 << slot) == 0 {
            return;
        }
        self.unsorted &= !(1 << slot);
        let mut index = self.lists[slot].head;
        while index != NIL {
            let order = self.scratch.len() as u32;
            self.scratch
                .push((self.slab.deadline_at(index), order, index));
            index = self.slab.next(index);
        }
        // By age where deadlines are equal, for invariant 4.
        self.scratch.sort_unstable();
        let mut list = List::EMPTY;
        for (_, _, index) in self.scratch.drain(..) {
            self.slab.push_back(&mut list, index, slot as u16);
        }
        self.lists[slot] = list;
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
