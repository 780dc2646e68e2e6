//! The entries of a wheel: a slab in pages, with intrusive doubly linked lists.
//!
//! A full page never moves, so growing to a million entries copies nothing. An
//! entry's place in the slab is used again after it is removed; the generation in
//! its [`Key`] tells the old entry from the new.
//!
//! [`compact`](Slab::compact) gives back the pages that hold no entry, wherever
//! they are, and the end of the last one. Entries do not move, so keys stay good.
//! A place that was given back begins again, when it comes back, with a generation
//! that none of the places given back has had.

use std::num::NonZeroU64;

use super::slack::Slack;

/// No entry.
pub(super) const NIL: u32 = u32::MAX;
/// More entries than this a slab does not hold; the indices are below.
const MOST: u32 = u32::MAX >> 1;
/// Entries of a page: 10 KiB of wakers. The first page begins smaller and doubles.
const PAGE: usize = 256;

/// Names one entry. A key whose entry is gone names nothing, also when the
/// place is used again (until it was used 2^32 times).
///
/// From the high bits on: the generation, the index, and a one, so that no key is zero
/// and what holds one has room for a mark of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(NonZeroU64);

// One number, so that a key is moved by one load and one store: two halves that
// are stored apart and loaded together stall the processor.
impl Key {
    const fn new(index: u32, generation: u32) -> Key {
        let key = (generation as u64) << 32 | (index as u64) << 1 | 1;
        match NonZeroU64::new(key) {
            Some(key) => Key(key),
            None => Key(NonZeroU64::MIN),
        }
    }

    /// A key that never names an entry, told apart by `mark`.
    pub(crate) const fn unused(mark: u32) -> Key {
        Key::new(MOST, mark)
    }

    #[inline]
    pub(super) fn index(self) -> u32 {
        self.0.get() as u32 >> 1
    }

    /// How often the entry's place had been used before.
    #[inline]
    pub(crate) fn generation(self) -> u32 {
        (self.0.get() >> 32) as u32
    }
}

/// The ends of one list.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) head: u32,
    pub(super) tail: u32,
}

impl List {
    pub(super) const EMPTY: List = List {
        head: NIL,
        tail: NIL,
    };
}

/// What was an entry.
pub(super) struct Removed<T> {
    pub(super) value: T,
    pub(super) deadline: u64,
    /// The place of its list, and whether that is empty now.
    pub(super) place: usize,
    pub(super) emptied: bool,
}

struct Entry<T> {
    deadline: u64,
    /// `None` while the place is free.
    value: Option<T>,
    prev: u32,
    /// The next of the list, or of the free places.
    next: u32,
    generation: u32,
    /// Which list the entry is in.
    place: u16,
    /// How late nobody minds the entry to be: see [`Slack`].
    slack: Slack,
}

pub(super) struct Slab<T> {
    /// Each has up to `PAGE` entries; those in `short` and the last may have fewer.
    pages: Vec<Vec<Entry<T>>>,
    /// Pages before the last that were given back.
    short: Vec<u32>,
    free: u32,
    len: usize,
    /// The generation of a place that is new, or back after it was given back.
    fresh: u32,
}

impl<T> Slab<T> {
    pub(super) fn new() -> Self {
        Slab {
            pages: Vec::new(),
            short: Vec::new(),
            free: NIL,
            len: 0,
            fresh: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry at the end of `list`, which is the one of `place`.
    ///
    /// # Panics
    ///
    /// With more than 2^31 - 1 entries, which take 80 GiB.
    #[inline]
    pub(super) fn insert(
        &mut self,
        list: &mut List,
        place: u16,
        deadline: u64,
        slack: Slack,
        value: T,
    ) -> Key {
        let index = match self.free {
            NIL => self.grow(),
            free => free,
        };
        let prev = list.tail;
        let entry = self.entry_mut(index);
        let next_free = entry.next;
        entry.deadline = deadline;
        entry.value = Some(value);
        entry.prev = prev;
        entry.next = NIL;
        entry.place = place;
        entry.slack = slack;
        let key = Key::new(index, entry.generation);
        self.free = next_free;
        self.len += 1;
        self.append(list, index);
        key
    }

    /// Makes `list` end with an entry that knows the one before it.
    #[inline]
    fn append(&mut self, list: &mut List, index: u32) {
        if list.tail == NIL {
            list.head = index;
        } else {
            self.entry_mut(list.tail).next = index;
        }
        list.tail = index;
    }

    /// A free place where there was none.
    #[cold]
    fn grow(&mut self) -> u32 {
        let page = self.growing();
        let index = page * PAGE + self.pages[page].len();
        assert!(
            index < MOST as usize,
            "a timing wheel holds 2^31 - 1 entries"
        );
        let generation = self.fresh;
        self.pages[page].push(Entry {
            deadline: 0,
            value: None,
            prev: NIL,
            next: NIL,
            generation,
            place: 0,
            slack: Slack::NONE,
        });
        index as u32
    }

    /// A page with room for one more entry.
    fn growing(&mut self) -> usize {
        while let Some(&page) = self.short.last() {
            if self.pages[page as usize].len() < PAGE {
                return page as usize;
            }
            self.short.pop();
        }
        match self.pages.last().map(Vec::len) {
            // Doubles up to the size of a page.
            None => self.pages.push(Vec::new()),
            Some(PAGE) => self.pages.push(Vec::with_capacity(PAGE)),
            Some(_) => {}
        }
        self.pages.len() - 1
    }

    /// How many entries there is memory for.
    pub(super) fn capacity(&self) -> usize {
        self.pages
            .iter()
            .map(|page| page.capacity().min(PAGE))
            .sum()
    }

    /// Makes room for `additional` entries beyond those that are there.
    pub(super) fn reserve(&mut self, additional: usize) {
        let mut missing = (self.len + additional).saturating_sub(self.capacity());
        if let Some(last) = self.pages.last_mut() {
            let grow = missing.min(PAGE.saturating_sub(last.capacity()));
            last.reserve_exact(last.capacity() - last.len() + grow);
            missing -= grow;
        }
        // Pages are filled from the last; what is reserved ahead waits empty.
        while missing > 0 {
            let size = missing.min(PAGE);
            self.pages.push(Vec::with_capacity(size));
            missing -= size;
        }
        self.note_short();
    }

    /// Gives back the memory of all pages without an entry, and of the places
    /// behind the last entry. Keys stay good.
    pub(super) fn compact(&mut self) {
        while let Some(page) = self.pages.last_mut() {
            let used = page.iter().rposition(|entry| entry.value.is_some());
            let keep = used.map_or(0, |last| last + 1);
            for entry in page.drain(keep..) {
                self.fresh = self.fresh.max(entry.generation);
            }
            if keep > 0 {
                page.shrink_to_fit();
                break;
            }
            self.pages.pop();
        }
        for page in &mut self.pages {
            if page.iter().all(|entry| entry.value.is_none()) {
                let last = page.iter().map(|entry| entry.generation).max();
                self.fresh = self.fresh.max(last.unwrap_or(0));
                *page = Vec::new();
            }
        }
        self.pages.shrink_to_fit();
        self.note_short();
        self.free_again();
    }

    /// Gives back all memory of a slab without entries. Returns the generation
    /// from which on keys are new.
    pub(super) fn begin_anew(&mut self) -> u32 {
        debug_assert_eq!(self.len, 0);
        self.compact();
        self.fresh = self.fresh.wrapping_add(1);
        self.fresh
    }

    /// Lists the pages before the last that are not full, the first one last.
    fn note_short(&mut self) {
        self.short.clear();
        let before_last = self.pages.len().saturating_sub(1);
        for (number, page) in self.pages[..before_last].iter().enumerate().rev() {
            if page.len() < PAGE {
                self.short.push(number as u32);
            }
        }
    }

    /// Makes the list of free places anew, so that low ones are used first.
    fn free_again(&mut self) {
        self.free = NIL;
        let mut free = NIL;
        for (number, page) in self.pages.iter_mut().enumerate().rev() {
            for (at, entry) in page.iter_mut().enumerate().rev() {
                if entry.value.is_none() {
                    entry.next = free;
                    free = (number * PAGE + at) as u32;
                }
            }
        }
        self.free = free;
    }

    /// Removes an entry, whose list is among `lists`. `None` if it is gone.
    #[inline]
    pub(super) fn remove(&mut self, lists: &mut [List], key: Key) -> Option<Removed<T>> {
        let free = self.free;
        let entry = self.find_mut(key)?;
        let value = entry.value.take()?;
        let (prev, next, place) = (entry.prev, entry.next, entry.place);
        let deadline = entry.deadline;
        entry.generation = entry.generation.wrapping_add(1);
        entry.next = free;
        self.free = key.index();
        self.len -= 1;
        let list = &mut lists[usize::from(place)];
        self.bridge(list, prev, next);
        Some(Removed {
            value,
            deadline,
            place: usize::from(place),
            emptied: list.head == NIL,
        })
    }

    /// The entry of the key's place, if it is still that of the key.
    #[inline]
    fn find_mut(&mut self, key: Key) -> Option<&mut Entry<T>> {
        let page = self.pages.get_mut(key.index() as usize / PAGE)?;
        let entry = page.get_mut(key.index() as usize % PAGE)?;
        (entry.generation == key.generation()).then_some(entry)
    }

    /// The deadline of the key's entry, if it is still there.
    pub(super) fn deadline(&self, key: Key) -> Option<u64> {
        let page = self.pages.get(key.index() as usize / PAGE)?;
        let entry = page.get(key.index() as usize % PAGE)?;
        (entry.generation == key.generation() && entry.value.is_some()).then_some(entry.deadline)
    }

    /// The key of the entry at `index`, which must be there.
    pub(super) fn key_at(&self, index: u32) -> Key {
        let generation = self.entry(index).generation;
        Key::new(index, generation)
    }

    /// The deadline and the value of the key's entry, if it is still there.
    #[inline]
    pub(super) fn get_mut(&mut self, key: Key) -> Option<(u64, &mut T)> {
        let entry = self.find_mut(key)?;
        Some((entry.deadline, entry.value.as_mut()?))
    }

    pub(super) fn deadline_at(&self, index: u32) -> u64 {
        self.entry(index).deadline
    }

    /// Until when the entry must be woken for.
    pub(super) fn latest_at(&self, index: u32) -> u64 {
        let entry = self.entry(index);
        entry.slack.latest(entry.deadline)
    }

    /// Gives an entry another deadline, to be met exactly.
    pub(super) fn set_deadline(&mut self, index: u32, deadline: u64) {
        let entry = self.entry_mut(index);
        entry.deadline = deadline;
        entry.slack = Slack::NONE;
    }

    /// As [`set_deadline`](Self::set_deadline), if `may` says so of the place of the
    /// entry's list and of its deadline, which is returned. `None` if not, or if it is gone.
    #[inline]
    pub(super) fn set_if(
        &mut self,
        key: Key,
        deadline: u64,
        may: impl FnOnce(u16, u64) -> bool,
    ) -> Option<u64> {
        let entry = self.find_mut(key)?;
        if entry.value.is_none() || !may(entry.place, entry.deadline) {
            return None;
        }
        entry.slack = Slack::NONE;
        Some(std::mem::replace(&mut entry.deadline, deadline))
    }

    pub(super) fn next(&self, index: u32) -> u32 {
        self.entry(index).next
    }

    pub(super) fn place(&self, index: u32) -> u16 {
        self.entry(index).place
    }

    /// Puts an entry that is in no list at the end of one.
    pub(super) fn push_back(&mut self, list: &mut List, index: u32, place: u16) {
        let tail = list.tail;
        let entry = self.entry_mut(index);
        entry.prev = tail;
        entry.next = NIL;
        entry.place = place;
        self.append(list, index);
    }

    pub(super) fn unlink(&mut self, list: &mut List, index: u32) {
        let entry = self.entry(index);
        let (prev, next) = (entry.prev, entry.next);
        self.bridge(list, prev, next);
    }

    /// Makes two neighbours of one that is taken out neighbours of each other.
    #[inline]
    fn bridge(&mut self, list: &mut List, prev: u32, next: u32) {
        if prev == NIL {
            list.head = next;
        } else {
            self.entry_mut(prev).next = next;
        }
        if next == NIL {
            list.tail = prev;
        } else {
            self.entry_mut(next).prev = prev;
        }
    }

    #[inline]
    fn entry(&self, index: u32) -> &Entry<T> {
        &self.pages[index as usize / PAGE][index as usize % PAGE]
    }

    #[inline]
    fn entry_mut(&mut self, index: u32) -> &mut Entry<T> {
        &mut self.pages[index as usize / PAGE][index as usize % PAGE]
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use std::task::Waker;

    use super::Entry;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_entry_with_a_waker_takes_forty_bytes() {
        assert_eq!(size_of::<Entry<Waker>>(), 40);
    }
}
