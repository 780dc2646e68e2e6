//! Spawning tasks into cells.

use std::future::Future;
use std::panic::Location;

use crate::Builder;
use crate::join_handle::JoinHandle;
use crate::local_cell::cell;
use crate::local_cell::handle::LocalJoin;
use crate::local_cell::life;
use crate::local_cell::owned::OwnedState;
use crate::local_cell::owner::Owner;
use crate::local_cell::queue::LocalQueue;
use crate::local_cell::state::RemoteState;

impl LocalQueue {
    /// Spawns a task that need not be `Send`.
    ///
    /// After [`close`](Self::close), the future is dropped here and the handle
    /// gives a cancelled error.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's, and on a queue that is movable.
    #[inline]
    #[track_caller]
    pub fn spawn_local<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        assert!(!self.movable, "tasks of a movable queue are `Send`");
        // SAFETY: the owner never changes; all is `'static`.
        unsafe { self.spawn_unchecked(builder, future) }
    }

    /// Spawns a task that is `Send`. See [`spawn_local`](Self::spawn_local).
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // SAFETY: the future and its output are `Send` and `'static`.
        unsafe { self.spawn_unchecked(builder, future) }
    }

    /// Spawns a task that need not be `Send`, if that calls no foreign code and takes no
    /// lock: if this thread is in a [session](Self::session) of the queue, and awake, the
    /// queue is open, and its scheduler has no hooks. Else does what `otherwise`
    /// does, which may see to it that the queue lives until it has returned.
    #[inline]
    #[track_caller]
    pub fn spawn_local_quietly<F>(
        &self,
        future: F,
        otherwise: impl FnOnce(F) -> JoinHandle<F::Output>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match self.as_quiet().filter(|_| !self.movable) {
            // SAFETY: the owner never changes; all is `'static`. It is quiet.
            Some(owner) => unsafe { self.spawn_here(owner, None, Location::caller(), future) },
            None => otherwise(future),
        }
    }

    /// The owner, if spawning is no more than making a cell and queueing it.
    #[inline]
    fn as_quiet(&self) -> Option<Owner<'_>> {
        self.as_current().filter(|owner| owner.owned().quiet.get())
    }

    /// Spawns a task that need not be `'static`.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    ///
    /// # Safety
    ///
    /// - If the future or its output is not `'static`, `close` must be called
    ///   before anything that the future borrows ends. (The handle cannot
    ///   outlive what the output borrows, by its type.)
    /// - If one of them is not `Send`, the queue must not be movable.
    #[inline]
    #[track_caller]
    pub unsafe fn spawn_unchecked<F: Future>(
        &self,
        builder: Builder,
        future: F,
    ) -> JoinHandle<F::Output> {
        let location = builder.location.unwrap_or(Location::caller());
        match self.as_quiet() {
            // SAFETY: the caller's promise goes on. It is quiet.
            Some(owner) => unsafe { self.spawn_here(owner, builder.name, location, future) },
            // SAFETY: the caller's promise goes on.
            None => unsafe { self.spawn_loudly(builder.name, location, future) },
        }
    }

    /// # Safety
    ///
    /// As of [`spawn_unchecked`](Self::spawn_unchecked), [quiet](Self::as_quiet).
    #[inline]
    unsafe fn spawn_here<F: Future>(
        &self,
        owner: Owner<'_>,
        name: Option<Box<str>>,
        location: &'static Location<'static>,
        future: F,
    ) -> JoinHandle<F::Output> {
        let cell = cell::allocate(
            future,
            name,
            location,
            self,
            OwnedState::spawned(false),
            RemoteState::new(),
            Some(&owner.owned().cache),
        );
        owner.link_inside(cell);
        owner.push_awake(cell);
        // SAFETY: the cell is one of `F`, with a reference for the handle.
        JoinHandle::local(unsafe { LocalJoin::new(cell) })
    }

    /// Spawns a task onto a queue that has hooks, or is closed, or asleep, or outside of
    /// its session.
    ///
    /// # Safety
    ///
    /// As of [`spawn_unchecked`](Self::spawn_unchecked).
    #[cold]
    #[track_caller]
    unsafe fn spawn_loudly<F: Future>(
        &self,
        name: Option<Box<str>>,
        location: &'static Location<'static>,
        future: F,
    ) -> JoinHandle<F::Output> {
        let owner = self.owner();
        let hooked = self.attached().hooked;
        let closed = owner.owned().closed.get();
        let (owned, remote) = match closed {
            true => (OwnedState::refused(hooked), RemoteState::new_merged(1)),
            false => (OwnedState::spawned(hooked), RemoteState::new()),
        };
        let cache = (!closed).then_some(&owner.owned().cache);
        let cell = cell::allocate(future, name, location, self, owned, remote, cache);
        // SAFETY: the cell is one of `F`, with a reference for the handle.
        let handle = JoinHandle::local(unsafe { LocalJoin::new(cell) });
        if closed {
            // The cell's: it is merged from the start.
            std::mem::forget(self.scheduler());
        } else {
            // Before the hook, which may cancel all and close the queue.
            owner.link(cell);
            owner.push(cell);
        }
        if hooked {
            life::tell(cell, |hooks, task| hooks.spawned(task));
        }
        if closed {
            life::refuse(cell);
        }
        handle
    }
}
