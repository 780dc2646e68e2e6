//! The entries of a wheel: a slab in pages, with intrusive doubly linked lists.
//!
//! Pages never move, so growing to a million entries copies nothing. An entry's
//! place in the slab is used again after it is removed; the generation in its
//! [`Key`] tells the old entry from the new.

/// No entry.
pub(super) const NIL: u32 = u32::MAX;
/// Entries of a page: 10 KiB of wakers, which is the least that a wheel in use takes.
const PAGE: usize = 256;

/// Names one entry. A key whose entry is gone names nothing, also when the
/// place is used again (until it was used 2^32 times).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    /// A key that never names an entry, told apart by `mark`.
    pub(crate) const fn unused(mark: u32) -> Key {
        Key {
            index: NIL,
            generation: mark,
        }
    }

    pub(super) fn index(self) -> u32 {
        self.index
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
}

pub(super) struct Slab<T> {
    pages: Vec<Vec<Entry<T>>>,
    free: u32,
    len: usize,
}

impl<T> Slab<T> {
    pub(super) fn new() -> Self {
        Slab {
            pages: Vec::new(),
            free: NIL,
            len: 0,
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
            let generation = entry.generation;
            self.free = next;
            return Key { index, generation };
        }
        if self.pages.last().map_or(PAGE, Vec::len) == PAGE {
            self.pages.push(Vec::with_capacity(PAGE));
        }
        let page = self.pages.len() - 1;
        let index = page * PAGE + self.pages[page].len();
        assert!(
            index < NIL as usize,
            "a timing wheel holds 2^32 - 2 entries"
        );
        self.pages[page].push(Entry {
            deadline,
            value: Some(value),
            prev: NIL,
            next: NIL,
            generation: 0,
            place: 0,
        });
        Key {
            index: index as u32,
            generation: 0,
        }
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
        let page = self.pages.get(key.index as usize / PAGE)?;
        let entry = page.get(key.index as usize % PAGE)?;
        (entry.generation == key.generation && entry.value.is_some()).then_some(entry.deadline)
    }

    pub(super) fn value_mut(&mut self, key: Key) -> Option<&mut T> {
        self.entry_mut(key.index).value.as_mut()
    }

    pub(super) fn deadline_at(&self, index: u32) -> u64 {
        self.entry(index).deadline
    }

    pub(super) fn set_deadline(&mut self, index: u32, deadline: u64) {
        self.entry_mut(index).deadline = deadline;
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
