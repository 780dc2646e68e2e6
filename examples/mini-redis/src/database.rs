//! Keys, their values, and when they expire.
//!
//! One lock around all: a command touches as many keys as it likes and is atomic,
//! and a connection takes the lock once for all the commands that it has read,
//! not once for each. No lock is held while a task waits.
//!
//! A key expires twice. Whoever looks at it after its deadline finds nothing,
//! whatever the background task does; the background task,
//! [`expire`], takes out those at which nobody looks. It waits on a
//! [`DelayQueue`] which holds each key that has a deadline, once.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use sinew::time::delay_queue::{self, DelayQueue};
use sinew::time::{Duration, Instant};

/// The database. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Database {
    keys: Arc<Mutex<Keys>>,
}

impl Database {
    /// An empty one.
    #[must_use]
    pub fn new() -> Database {
        Database::default()
    }

    /// The keys, to look at and to change; others wait until the guard is dropped.
    pub fn lock(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many keys are taken out under the lock before others have their turn.
const EXPIRED_AT_ONCE: usize = 128;

/// Takes keys out at their deadlines, for ever.
///
/// # Cancel safety
///
/// Dropping the future loses nothing: keys stay in memory until somebody looks
/// at them, or until this is called again.
pub async fn expire(database: &Database) {
    poll_fn(|cx| {
        let mut keys = database.lock();
        for _ in 0..EXPIRED_AT_ONCE {
            if keys.poll_expired(cx).is_pending() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    })
    .await;
}

#[derive(Debug)]
struct Entry {
    value: Bytes,
    expiry: Option<Expiry>,
}

#[derive(Clone, Copy, Debug)]
struct Expiry {
    at: Instant,
    key: delay_queue::Key,
}

impl Entry {
    fn is_over(&self) -> bool {
        // The clock is asked only for keys that have a deadline.
        self.expiry
            .is_some_and(|expiry| expiry.at <= Instant::now())
    }
}

/// What is to become of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// None.
    Never,
    /// Whatever it was.
    Keep,
    /// This. A time that has passed removes the key.
    At(Instant),
}

/// How long a key has to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining {
    /// There is no such key.
    NoKey,
    /// It stays.
    Forever,
    /// So long.
    Time(Duration),
}

/// The locked database.
#[derive(Debug, Default)]
pub struct Keys {
    entries: HashMap<Bytes, Entry>,
    queue: DelayQueue<Bytes>,
    counts: Counts,
}

/// What was done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Commands executed.
    pub commands: u64,
    /// Keys that reached their deadline.
    pub expired: u64,
    /// Reads that found a key.
    pub hits: u64,
    /// Reads that found none.
    pub misses: u64,
}

impl Keys {
    /// The value of a key.
    pub fn get(&mut self, key: &[u8]) -> Option<&Bytes> {
        self.drop_if_over(key);
        let value = self.entries.get(key).map(|entry| &entry.value);
        match value {
            Some(_) => self.counts.hits += 1,
            None => self.counts.misses += 1,
        }
        value
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.entries.get(key).is_some_and(|entry| !entry.is_over())
    }

    /// Gives a key a value, and a deadline.
    pub fn set(&mut self, key: &[u8], value: Bytes, deadline: Deadline) {
        self.drop_if_over(key);
        let old = match self.entries.get_mut(key) {
            Some(entry) => {
                entry.value = value;
                entry.expiry
            }
            None => {
                let entry = Entry {
                    value,
                    expiry: None,
                };
                self.entries.insert(Bytes::copy_from_slice(key), entry);
                None
            }
        };
        if old.is_some() || matches!(deadline, Deadline::At(_)) {
            self.set_deadline(key, deadline);
        }
    }

    /// Changes a value in place, or makes one; the deadline stays. How long the
    /// value is then.
    ///
    /// # Errors
    ///
    /// Those of `change`, which gives the old value back: then nothing has changed.
    pub fn update<E>(
        &mut self,
        key: &[u8],
        change: impl FnOnce(Option<Bytes>) -> Result<Bytes, (Option<Bytes>, E)>,
    ) -> Result<usize, E> {
        self.drop_if_over(key);
        let Some(entry) = self.entries.get_mut(key) else {
            let value = change(None).map_err(|(_, error)| error)?;
            let length = value.len();
            let entry = Entry {
                value,
                expiry: None,
            };
            self.entries.insert(Bytes::copy_from_slice(key), entry);
            return Ok(length);
        };
        // The value is taken out, so that whoever is its only owner may grow it.
        match change(Some(std::mem::take(&mut entry.value))) {
            Ok(value) => {
                entry.value = value;
                Ok(entry.value.len())
            }
            Err((old, error)) => {
                entry.value = old.unwrap_or_default();
                Err(error)
            }
        }
    }

    /// Takes a key out. Whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        self.drop_if_over(key);
        self.take_out(key)
    }

    /// Sets a deadline. Whether there is such a key.
    pub fn set_deadline(&mut self, key: &[u8], deadline: Deadline) -> bool {
        self.drop_if_over(key);
        let Some(entry) = self.entries.get_mut(key) else {
            return false;
        };
        match (deadline, entry.expiry) {
            (Deadline::Keep, _) | (Deadline::Never, None) => {}
            (Deadline::Never, Some(old)) => {
                self.queue.try_remove(&old.key);
                entry.expiry = None;
            }
            (Deadline::At(at), _) if at <= Instant::now() => {
                self.take_out(key);
            }
            (Deadline::At(at), Some(old)) => {
                self.queue.reset_at(&old.key, at);
                entry.expiry = Some(Expiry { at, ..old });
            }
            (Deadline::At(at), None) => {
                let key = self.queue.insert_at(Bytes::copy_from_slice(key), at);
                entry.expiry = Some(Expiry { at, key });
            }
        }
        true
    }

    /// How long a key has to live.
    pub fn remaining(&mut self, key: &[u8]) -> Remaining {
        self.drop_if_over(key);
        match self.entries.get(key) {
            None => Remaining::NoKey,
            Some(Entry { expiry: None, .. }) => Remaining::Forever,
            Some(Entry {
                expiry: Some(expiry),
                ..
            }) => Remaining::Time(expiry.at.saturating_duration_since(Instant::now())),
        }
    }

    /// How many keys there are, with those past their deadline that nobody has
    /// taken out yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many of them have a deadline.
    #[must_use]
    pub fn with_deadline(&self) -> usize {
        self.queue.len()
    }

    /// The keys for which `wanted` holds.
    pub fn keys(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<Bytes> {
        let here = self
            .entries
            .iter()
            .filter(|(key, entry)| wanted(key) && !entry.is_over());
        here.map(|(key, _)| key.clone()).collect()
    }

    /// Takes all keys out.
    pub fn clear(&mut self) {
        self.entries = HashMap::new();
        self.queue.clear();
    }

    /// What was done since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// One more command was executed.
    pub fn count_command(&mut self) {
        self.counts.commands += 1;
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.queue.poll_expired(cx) {
            Poll::Ready(Some(expired)) => {
                self.entries.remove(expired.get_ref());
                self.counts.expired += 1;
                Poll::Ready(())
            }
            // An empty queue wakes us at the next insertion.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn drop_if_over(&mut self, key: &[u8]) {
        if self.entries.get(key).is_some_and(Entry::is_over) && self.take_out(key) {
            self.counts.expired += 1;
        }
    }

    fn take_out(&mut self, key: &[u8]) -> bool {
        let Some(entry) = self.entries.remove(key) else {
            return false;
        };
        if let Some(expiry) = entry.expiry {
            self.queue.try_remove(&expiry.key);
        }
        true
    }
}

#[cfg(test)]
mod tests;
