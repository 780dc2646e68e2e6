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

/// No entry.
pub(super) const NIL: u32 = u32::MAX;
/// Entries of a page: 10 KiB of wakers. The first page begins smaller and doubles.
const PAGE: usize = 256;

/// Names one entry. A key whose entry is gone names nothing, also when the
/// place is used again (until it was used 2^32 times).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(u64);

// One number, so that a key is moved by one load and one store: two halves that
// are stored apart and loaded together stall the processor.
impl Key {
    const fn new(index: u32, generation: u32) -> Key {
        Key((generation as u64) << 32 | index as u64)
    }

    /// A key that never names an entry, told apart by `mark`.
    pub(crate) const fn unused(mark: u32) -> Key {
        Key::new(NIL, mark)
    }

    #[inline]
    pub(super) fn index(self) -> u32 {
        self.0 as u32
    }

    /// How often the entry's place had been used before.
    #[inline]
    pub(crate) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
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
    /// Whether nobody minds if the entry is a little late.
    tolerant: bool,
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

    /// Adds an entry that is in no list yet.
    ///
    /// # Panics
    ///
    /// With more than 2^32 - 2 entries, which take 160 GiB.
    pub(super) fn insert(&mut self, deadline: u64, value: T) -> Key {
        self.len += 1;
        if self.free != NIL {
            let index = self.free;
            let entry = self.entry_mut(index);
            let next = entry.next;
            entry.deadline = deadline;
            entry.value = Some(value);
            entry.tolerant = false;
            let generation = entry.generation;
            self.free = next;
            return Key::new(index, generation);
        }
        self.push(deadline, value)
    }

    fn push(&mut self, deadline: u64, value: T) -> Key {
        let page = self.growing();
        let index = page * PAGE + self.pages[page].len();
        assert!(
            index < NIL as usize,
            "a timing wheel holds 2^32 - 2 entries"
        );
        let generation = self.fresh;
        self.pages[page].push(Entry {
            deadline,
            value: Some(value),
            prev: NIL,
            next: NIL,
            generation,
            place: 0,
            tolerant: false,
        });
        Key::new(index as u32, generation)
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

    /// Frees the place of an entry that is in no list any more.
    pub(super) fn remove(&mut self, index: u32) -> Option<T> {
        let free = self.free;
        let entry = self.entry_mut(index);
        let value = entry.value.take()?;
        entry.generation = entry.generation.wrapping_add(1);
        entry.next = free;
        self.free = index;
        self.len -= 1;
        Some(value)
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

    pub(super) fn value_mut(&mut self, key: Key) -> Option<&mut T> {
        self.entry_mut(key.index()).value.as_mut()
    }

    pub(super) fn deadline_at(&self, index: u32) -> u64 {
        self.entry(index).deadline
    }

    pub(super) fn set_deadline(&mut self, index: u32, deadline: u64) {
        self.entry_mut(index).deadline = deadline;
    }

    pub(super) fn is_tolerant(&self, index: u32) -> bool {
        self.entry(index).tolerant
    }

    pub(super) fn set_tolerant(&mut self, index: u32, tolerant: bool) {
        self.entry_mut(index).tolerant = tolerant;
    }

    pub(super) fn next(&self, index: u32) -> u32 {
        self.entry(index).next
    }

    pub(super) fn place(&self, index: u32) -> u16 {
        self.entry(index).place
    }

    pub(super) fn push_back(&mut self, list: &mut List, index: u32, place: u16) {
        let tail = list.tail;
        let entry = self.entry_mut(index);
        entry.prev = tail;
        entry.next = NIL;
        entry.place = place;
        if tail == NIL {
            list.head = index;
        } else {
            self.entry_mut(tail).next = index;
        }
        list.tail = index;
    }

    pub(super) fn unlink(&mut self, list: &mut List, index: u32) {
        let entry = self.entry(index);
        let (prev, next) = (entry.prev, entry.next);
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

    fn entry(&self, index: u32) -> &Entry<T> {
        &self.pages[index as usize / PAGE][index as usize % PAGE]
    }

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
