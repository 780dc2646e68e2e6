//! `JoinMap`: tasks that are known by keys.

use std::borrow::Borrow;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, Hash};
use std::iter::FusedIterator;
use std::marker::PhantomData;

use sinew_task::{AbortHandle, Id, JoinError};

use crate::join_map::index::Index;
use crate::{Handle, JoinSet, LocalSet};

mod index;

/// A collection of tasks with one output type, each known by a key, joined in
/// the order in which they finish.
///
/// There is at most one task for each key: spawning another with the same key
/// aborts the first, whose result is not given any more. Dropping the map aborts
/// all tasks.
///
/// ```
/// use sinew_runtime::JoinMap;
///
/// # sinew_runtime::block_on(async {
/// let mut map = JoinMap::new();
/// map.spawn("one", async { 1 });
/// map.spawn("two", std::future::pending());
/// map.abort("two");
/// while let Some((key, result)) = map.join_next().await {
///     match key {
///         "one" => assert_eq!(result.unwrap(), 1),
///         _ => assert!(result.unwrap_err().is_cancelled()),
///     }
/// }
/// # });
/// ```
pub struct JoinMap<K, V, S = RandomState> {
    tasks: JoinSet<V>,
    index: Index<K>,
    hasher: S,
}

impl<K, V> JoinMap<K, V> {
    /// An empty map.
    #[must_use]
    pub fn new() -> JoinMap<K, V> {
        JoinMap::with_hasher(RandomState::new())
    }

    /// An empty map with room for `capacity` tasks.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> JoinMap<K, V> {
        JoinMap::with_capacity_and_hasher(capacity, RandomState::new())
    }
}

impl<K, V, S> JoinMap<K, V, S> {
    /// An empty map whose keys are hashed by `hasher`.
    #[must_use]
    pub fn with_hasher(hasher: S) -> JoinMap<K, V, S> {
        JoinMap::with_capacity_and_hasher(0, hasher)
    }

    /// An empty map with room for `capacity` tasks, whose keys are hashed by
    /// `hasher`.
    #[must_use]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> JoinMap<K, V, S> {
        JoinMap {
            tasks: JoinSet::new(),
            index: Index::with_capacity(capacity),
            hasher,
        }
    }

    /// How many tasks are in the map.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no task is in the map.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tasks the map can hold without allocating for their keys.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.index.capacity()
    }

    /// The keys, in no particular order.
    pub fn keys(&self) -> JoinMapKeys<'_, K, V> {
        JoinMapKeys {
            keys: self.index.entries(),
            value: PhantomData,
        }
    }

    /// Whether the task of this id is in the map.
    #[must_use]
    pub fn contains_task(&self, task: &Id) -> bool {
        self.index.contains_task(*task)
    }
}

impl<K, V, S> JoinMap<K, V, S>
where
    K: Hash + Eq,
    V: 'static,
    S: BuildHasher,
{
    /// Spawns a task on the current runtime, as [`spawn`](crate::spawn) does,
    /// in place of the one that `key` had.
    #[track_caller]
    pub fn spawn<F>(&mut self, key: K, task: F)
    where
        F: Future<Output = V> + Send + 'static,
        V: Send,
    {
        let handle = self.tasks.spawn(task);
        self.insert(key, handle);
    }

    /// Spawns a task on the runtime of `handle`, in place of the one that `key`
    /// had.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, key: K, task: F, handle: &Handle)
    where
        F: Future<Output = V> + Send + 'static,
        V: Send,
    {
        let handle = self.tasks.spawn_on(task, handle);
        self.insert(key, handle);
    }

    /// Runs a closure on the current blocking pool, in place of the task that
    /// `key` had. Aborting keeps it from starting; one that runs goes on.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, key: K, f: F)
    where
        F: FnOnce() -> V + Send + 'static,
        V: Send,
    {
        let handle = self.tasks.spawn_blocking(f);
        self.insert(key, handle);
    }

    /// Runs a closure on the blocking pool of the runtime of `handle`, in place
    /// of the task that `key` had.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, key: K, f: F, handle: &Handle)
    where
        F: FnOnce() -> V + Send + 'static,
        V: Send,
    {
        let handle = self.tasks.spawn_blocking_on(f, handle);
        self.insert(key, handle);
    }

    /// Spawns a task that need not be `Send`, as
    /// [`spawn_local`](crate::spawn_local) does, in place of the one that `key`
    /// had.
    ///
    /// # Panics
    ///
    /// Outside of a local context.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, key: K, task: F)
    where
        F: Future<Output = V> + 'static,
    {
        let handle = self.tasks.spawn_local(task);
        self.insert(key, handle);
    }

    /// Spawns a task that need not be `Send` on `local_set`, in place of the one
    /// that `key` had.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, key: K, task: F, local_set: &LocalSet)
    where
        F: Future<Output = V> + 'static,
    {
        let handle = self.tasks.spawn_local_on(task, local_set);
        self.insert(key, handle);
    }

    fn insert(&mut self, key: K, abort: AbortHandle) {
        let hash = self.hasher.hash_one(&key);
        if let Some((old_key, replaced)) = self.index.insert(hash, key, abort) {
            // First, in case the key's destructor panics.
            replaced.abort();
            drop(old_key);
        }
    }

    /// The next task to finish: its key, and its output; `None` once the map is
    /// empty.
    ///
    /// # Errors
    ///
    /// The second half of the item is an error if the task panicked or was
    /// aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a task stays in the map until
    /// its result has been given.
    pub async fn join_next(&mut self) -> Option<(K, Result<V, JoinError>)> {
        loop {
            let result = self.tasks.join_next_with_id().await?;
            // That of a task whose key has another by now is dropped.
            if let Some(joined) = self.keyed(result) {
                return Some(joined);
            }
        }
    }

    /// The key and the output of a task that has finished. `None` if there is
    /// none now.
    pub fn try_join_next(&mut self) -> Option<(K, Result<V, JoinError>)> {
        loop {
            let result = self.tasks.try_join_next_with_id()?;
            if let Some(joined) = self.keyed(result) {
                return Some(joined);
            }
        }
    }

    fn keyed(&mut self, result: Result<(Id, V), JoinError>) -> Option<(K, Result<V, JoinError>)> {
        let (id, result) = match result {
            Ok((id, output)) => (id, Ok(output)),
            Err(error) => (error.id(), Err(error)),
        };
        let key = self.index.remove_task(id)?;
        Some((key, result))
    }

    /// Aborts all tasks and waits until they have ended. The map is empty then.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll, the tasks are aborted and those not joined
    /// yet are still in the map.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Aborts the task of `key`. It stays in the map until it is joined. `false`
    /// if there is none.
    pub fn abort<Q>(&mut self, key: &Q) -> bool
    where
        Q: ?Sized + Hash + Eq,
        K: Borrow<Q>,
    {
        let Some(abort) = self.find(key) else {
            return false;
        };
        abort.abort();
        true
    }

    /// Aborts the tasks whose keys `predicate` picks. They stay in the map until
    /// they are joined.
    pub fn abort_matching(&mut self, mut predicate: impl FnMut(&K) -> bool) {
        for (_, entry) in self.index.entries() {
            if predicate(&entry.key) {
                entry.abort.abort();
            }
        }
    }

    /// Whether there is a task of this key.
    #[must_use]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: ?Sized + Hash + Eq,
        K: Borrow<Q>,
    {
        self.find(key).is_some()
    }

    fn find<Q>(&self, key: &Q) -> Option<&AbortHandle>
    where
        Q: ?Sized + Hash + Eq,
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let entry = self.index.find(hash, |entry| entry.borrow() == key)?;
        Some(&entry.abort)
    }

    /// Makes room for `additional` more tasks.
    ///
    /// # Panics
    ///
    /// When that is more than memory can be addressed.
    pub fn reserve(&mut self, additional: usize) {
        self.index.reserve(additional);
    }

    /// Gives back as much room as can be given back.
    pub fn shrink_to_fit(&mut self) {
        self.index.shrink_to(0);
    }

    /// Gives back room beyond that for `min_capacity` tasks.
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.index.shrink_to(min_capacity);
    }
}

impl<K, V: 'static, S> JoinMap<K, V, S> {
    /// Aborts all tasks. They stay in the map until they are joined.
    pub fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// Takes all tasks out of the map without aborting them.
    pub fn detach_all(&mut self) {
        self.tasks.detach_all();
        self.index.clear();
    }
}

impl<K, V> Default for JoinMap<K, V> {
    fn default() -> Self {
        JoinMap::new()
    }
}

impl<K: fmt::Debug, V, S> fmt::Debug for JoinMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.index.entries();
        f.debug_map()
            .entries(ids.map(|(_, entry)| (&entry.key, entry.abort.id())))
            .finish()
    }
}

/// The keys of a [`JoinMap`]. Made by [`JoinMap::keys`].
pub struct JoinMapKeys<'a, K, V> {
    keys: slab::Iter<'a, index::Entry<K>>,
    value: PhantomData<&'a V>,
}

impl<'a, K, V> Iterator for JoinMapKeys<'a, K, V> {
    type Item = &'a K;

    fn next(&mut self) -> Option<&'a K> {
        self.keys.next().map(|(_, entry)| &entry.key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.keys.size_hint()
    }
}

impl<K, V> ExactSizeIterator for JoinMapKeys<'_, K, V> {}
impl<K, V> FusedIterator for JoinMapKeys<'_, K, V> {}

impl<K, V> Clone for JoinMapKeys<'_, K, V> {
    fn clone(&self) -> Self {
        JoinMapKeys {
            keys: self.keys.clone(),
            value: PhantomData,
        }
    }
}

impl<K: fmt::Debug, V> fmt::Debug for JoinMapKeys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
