//! The sources of a reactor and the keys that the system hands back for them.
//!
//! A key is a slot of the registry and the count of registrations so far. A slot
//! is used again, a key is not: an event that was on its way when its source
//! went finds no source, or another key, and is dropped. The count wraps, after
//! 2^32 registrations (2^12 where pointers have 32 bits); a stale event lives for
//! one turn.
//!
//! The registry also knows which source a descriptor's number belongs to. A
//! descriptor may be closed behind its owner's back and its number given to the
//! next one, which is registered in turn; when the first owner goes, it must not
//! undo the second's registration.

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;

use slab::Slab;

use crate::readiness::Readiness;

const INDEX_BITS: u32 = if usize::BITS >= 64 { 32 } else { 20 };
const INDEX: usize = (1 << INDEX_BITS) - 1;

#[derive(Debug)]
pub(crate) struct Registry {
    sources: Slab<Entry>,
    count: usize,
    /// The slot of the source that a descriptor's number belongs to, plus one; 0
    /// if none. Of a source that is gone it may be left over.
    owners: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    key: usize,
    source: Arc<Readiness>,
}

impl Registry {
    pub(crate) fn new() -> Registry {
        Registry {
            sources: Slab::new(),
            count: 0,
            owners: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }

    /// Adds a source; returns its key.
    ///
    /// # Errors
    ///
    /// All slots are taken.
    pub(crate) fn insert(&mut self, source: Arc<Readiness>) -> io::Result<usize> {
        let vacant = self.sources.vacant_entry();
        // The last index is never used, so no key has all bits set: the backends
        // keep that one for themselves.
        if vacant.key() >= INDEX {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                "the reactor has no room for another source",
            ));
        }
        self.count = self.count.wrapping_add(1);
        let key = (self.count << INDEX_BITS) | vacant.key();
        vacant.insert(Entry { key, source });
        Ok(key)
    }

    pub(crate) fn get(&self, key: usize) -> Option<&Arc<Readiness>> {
        let entry = self.sources.get(key & INDEX)?;
        (entry.key == key).then_some(&entry.source)
    }

    /// Takes a source out. It is to be dropped with no lock held.
    pub(crate) fn remove(&mut self, key: usize) -> Option<Arc<Readiness>> {
        self.get(key)?;
        Some(self.sources.remove(key & INDEX).source)
    }

    /// How many sources were ever added, modulo the range of keys.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Notes that descriptor `number` belongs to the source of `key`.
    pub(crate) fn own(&mut self, number: RawFd, key: usize) {
        let Ok(at) = usize::try_from(number) else {
            return;
        };
        if at >= self.owners.len() {
            self.owners.resize(at + 1, 0);
        }
        self.owners[at] = owner(key);
    }

    /// Takes descriptor `number` from the source of `key`, which was registered
    /// with that number and is just being taken out. Whether it had it.
    pub(crate) fn disown(&mut self, number: RawFd, key: usize) -> bool {
        let entry = usize::try_from(number)
            .ok()
            .and_then(|at| self.owners.get_mut(at));
        match entry {
            // Its own, or of who came later; its slot is given to nobody else yet.
            Some(entry) if *entry == owner(key) => {
                *entry = 0;
                true
            }
            _ => false,
        }
    }

    /// The sources that are there.
    pub(crate) fn sources(&self) -> Vec<Arc<Readiness>> {
        let sources = self.sources.iter();
        sources.map(|(_, entry)| entry.source.clone()).collect()
    }
}

/// How the source of `key` is written down as an owner. Indices are below 2^32 - 1.
fn owner(key: usize) -> u32 {
    (key & INDEX) as u32 + 1
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
