//! Keys of tasks, found by key and by task.
//!
//! The entries are in a slab. `heads` leads from a key's hash to the first entry
//! with it, `next` in an entry to the next one, so each key is stored once and
//! need not be `Clone`.
//!
//! # Invariants
//!
//! 1. Every entry is in the chain that starts at `heads[entry.hash]`, once.
//! 2. `by_task` leads from the id of an entry's task to the entry, and from
//!    nothing else.
//! 3. No two entries have equal keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sinew_task::{AbortHandle, Id};
use slab::Slab;

/// One key with its task.
pub(crate) struct Entry<K> {
    pub(crate) key: K,
    pub(crate) abort: AbortHandle,
    hash: u64,
    next: Option<usize>,
}

/// Spreads one number: hashes and ids are numbers already.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing: the odd number next to 2^64 divided by the golden
        // ratio. The halves change places because tables look at both ends.
        let spread = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = spread.rotate_left(32);
    }
}

type Numbers<N> = HashMap<N, usize, BuildHasherDefault<Spread>>;

pub(crate) struct Index<K> {
    entries: Slab<Entry<K>>,
    heads: Numbers<u64>,
    by_task: Numbers<Id>,
}

impl<K> Index<K> {
    pub(crate) fn with_capacity(capacity: usize) -> Index<K> {
        Index {
            entries: Slab::with_capacity(capacity),
            heads: HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default()),
            by_task: HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn capacity(&self) -> usize {
        let tables = self.heads.capacity().min(self.by_task.capacity());
        tables.min(self.entries.capacity())
    }

    pub(crate) fn entries(&self) -> slab::Iter<'_, Entry<K>> {
        self.entries.iter()
    }

    pub(crate) fn contains_task(&self, task: Id) -> bool {
        self.by_task.contains_key(&task)
    }

    fn find_at(&self, hash: u64, is_key: impl Fn(&K) -> bool) -> Option<usize> {
        let mut at = self.heads.get(&hash).copied();
        while let Some(index) = at {
            let entry = self.entries.get(index)?;
            if is_key(&entry.key) {
                return Some(index);
            }
            at = entry.next;
        }
        None
    }

    pub(crate) fn find(&self, hash: u64, is_key: impl Fn(&K) -> bool) -> Option<&Entry<K>> {
        self.entries.get(self.find_at(hash, is_key)?)
    }

    /// Puts a task in. Gives back the one that the key had, with that key.
    pub(crate) fn insert(
        &mut self,
        hash: u64,
        key: K,
        abort: AbortHandle,
    ) -> Option<(K, AbortHandle)>
    where
        K: Eq,
    {
        let task = abort.id();
        let found = self.find_at(hash, |other| *other == key);
        let entry = found.and_then(|index| Some((index, self.entries.get_mut(index)?)));
        if let Some((index, entry)) = entry {
            let replaced = std::mem::replace(&mut entry.abort, abort);
            let key = std::mem::replace(&mut entry.key, key);
            self.by_task.remove(&replaced.id());
            self.by_task.insert(task, index);
            return Some((key, replaced));
        }
        let next = self.heads.get(&hash).copied();
        let index = self.entries.insert(Entry {
            key,
            abort,
            hash,
            next,
        });
        self.heads.insert(hash, index);
        self.by_task.insert(task, index);
        None
    }

    /// Takes a task out and gives its key.
    pub(crate) fn remove_task(&mut self, task: Id) -> Option<K> {
        let index = self.by_task.remove(&task)?;
        let removed = self.entries.try_remove(index)?;
        // Unlink it from its chain, which is as good as always one entry long.
        let first = self.heads.get(&removed.hash).copied();
        if first == Some(index) {
            match removed.next {
                Some(next) => self.heads.insert(removed.hash, next),
                None => self.heads.remove(&removed.hash),
            };
        } else {
            let mut at = first;
            while let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
                if entry.next == Some(index) {
                    entry.next = removed.next;
                    break;
                }
                at = entry.next;
            }
        }
        Some(removed.key)
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.heads.clear();
        self.by_task.clear();
    }

    pub(crate) fn reserve(&mut self, additional: usize) {
        self.entries.reserve(additional);
        self.heads.reserve(additional);
        self.by_task.reserve(additional);
    }

    pub(crate) fn shrink_to(&mut self, capacity: usize) {
        // A slab can only be shrunk to its last entry.
        self.entries.shrink_to_fit();
        self.entries
            .reserve(capacity.saturating_sub(self.entries.len()));
        self.heads.shrink_to(capacity);
        self.by_task.shrink_to(capacity);
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
