//! The sources of a reactor and the keys that the system hands back for them.
//!
//! # Places
//!
//! What is known of a source is kept in a place of a page. Pages are made when
//! they are needed and never freed: a source refers to its place by `&'static`,
//! without a count and without an allocation of its own, and the pages of a reactor
//! that is gone are the next reactor's. So a process keeps as many places as it had
//! sources at once.
//!
//! A key is the index of a place and its [generation](Readiness::generation). A
//! place is used again, a key is not: an event that was on its way when its source
//! went finds another generation, and is dropped. Generations wrap, after 2^32
//! sources in one place (2^12 where pointers have 32 bits); a stale event lives for
//! one turn.
//!
//! # Owners
//!
//! The registry also knows which source a descriptor's number belongs to. A
//! descriptor may be closed behind its owner's back and its number given to the
//! next one, which is registered in turn; when the first owner goes, it must not
//! undo the second's registration.

use std::array;
use std::io;
use std::os::fd::RawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::readiness::{Readiness, Waiters};

const INDEX_BITS: u32 = if usize::BITS >= 64 { 32 } else { 20 };
const INDEX: usize = (1 << INDEX_BITS) - 1;

/// Places of a page: few enough for a program with a handful of sockets, so many
/// that finding a page for a source costs nothing.
const PAGE: usize = 64;

type Page = [Readiness; PAGE];

/// Pages of reactors that are gone. All of their places are vacant.
static SPARE: Mutex<Vec<&'static Page>> = Mutex::new(Vec::new());

fn spare() -> MutexGuard<'static, Vec<&'static Page>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
pub(crate) struct Registry {
    pages: Vec<&'static Page>,
    /// Places below this have been used; those above it are vacant.
    used: usize,
    /// The vacant ones below it.
    vacant: Vec<u32>,
    count: usize,
    /// The place of the source that a descriptor's number belongs to, plus one; 0
    /// if none. Of a source that is gone it may be left over.
    owners: Vec<u32>,
}

impl Registry {
    pub(crate) fn new() -> Registry {
        Registry {
            pages: Vec::new(),
            used: 0,
            vacant: Vec::new(),
            count: 0,
            owners: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.used - self.vacant.len()
    }

    /// Adds a source; returns its key and its place.
    ///
    /// # Errors
    ///
    /// All places are taken.
    pub(crate) fn insert(&mut self) -> io::Result<(usize, &'static Readiness)> {
        let index = match self.vacant.pop() {
            Some(index) => index as usize,
            None => self.fresh()?,
        };
        let source = self.place(index);
        source.begin();
        self.count = self.count.wrapping_add(1);
        Ok((key(source.generation(), index), source))
    }

    /// A place that this registry has not used yet.
    fn fresh(&mut self) -> io::Result<usize> {
        let index = self.used;
        // The last index is never used, so no key has all bits set: the backends
        // keep that one for themselves.
        if index >= INDEX {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                "the reactor has no room for another source",
            ));
        }
        if index == self.pages.len() * PAGE {
            let page = spare().pop();
            self.pages.push(page.unwrap_or_else(|| {
                let page: Box<Page> = Box::new(array::from_fn(|_| Readiness::new()));
                Box::leak(page)
            }));
        }
        self.used += 1;
        Ok(index)
    }

    fn place(&self, index: usize) -> &'static Readiness {
        &self.pages[index / PAGE][index % PAGE]
    }

    #[inline]
    pub(crate) fn get(&self, wanted: usize) -> Option<&'static Readiness> {
        let index = wanted & INDEX;
        let source = &self.pages.get(index / PAGE)?[index % PAGE];
        (key(source.generation(), index) == wanted).then_some(source)
    }

    /// Takes a source out. Who waits for it is to be dropped with no lock held.
    pub(crate) fn remove(&mut self, key: usize) -> Option<Waiters> {
        let waiters = self.get(key)?.retire();
        self.vacant.push((key & INDEX) as u32);
        Some(waiters)
    }

    /// How many sources were ever added, modulo the range of the count.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Notes that descriptor `number` belongs to the source of `key`.
    pub(crate) fn own(&mut self, number: RawFd, key: usize) {
        let Ok(at) = usize::try_from(number) else {
            return;
        };
        let len = self.owners.len();
        if at >= len {
            if at >= self.owners.capacity() {
                // By an eighth more, not by twice as many: it is an idle
                // connection's memory.
                self.owners.reserve_exact((at + 1 - len).max(len / 8));
            }
            self.owners.resize(at + 1, 0);
        }
        self.owners[at] = owner(key);
    }

    /// Whether descriptor `number` belongs to the source of `key`, which is there.
    pub(crate) fn owns(&self, number: RawFd, key: usize) -> bool {
        let entry = usize::try_from(number)
            .ok()
            .and_then(|at| self.owners.get(at));
        entry.is_some_and(|entry| *entry == owner(key))
    }

    /// Takes descriptor `number` from the source of `key`, which was registered
    /// with that number and is just being taken out. Whether it had it.
    pub(crate) fn disown(&mut self, number: RawFd, key: usize) -> bool {
        let entry = usize::try_from(number)
            .ok()
            .and_then(|at| self.owners.get_mut(at));
        match entry {
            // Its own, or of who came later; its place is given to nobody else yet.
            Some(entry) if *entry == owner(key) => {
                *entry = 0;
                true
            }
            _ => false,
        }
    }

    /// All places that were ever used, those of the sources that are there among
    /// them; nobody waits for the rest.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &'static Readiness> {
        (0..self.used).map(|index| self.place(index))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Each source keeps its reactor, so there are none.
        debug_assert_eq!(self.len(), 0, "a source has outlived its reactor");
        spare().append(&mut self.pages);
    }
}

fn key(generation: u32, index: usize) -> usize {
    // Where pointers have 32 bits, the upper bits of the generation fall off.
    ((generation as usize) << INDEX_BITS) | index
}

/// How the source of `key` is written down as an owner. Indices are below 2^32 - 1.
fn owner(key: usize) -> u32 {
    (key & INDEX) as u32 + 1
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
