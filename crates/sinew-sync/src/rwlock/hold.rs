//! A lock that is held, without the data: what all guards are made of.

use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ptr;
use std::sync::Arc;

use crate::RwLock;
use crate::acquire::InTurn;
use crate::rwlock::raw::RawRwLock;
use crate::rwlock::state::Mode;

/// How a lock is held, as a type.
pub(super) trait HeldAs {
    const MODE: Mode;
}

pub(super) struct Reading;
pub(super) struct Writing;
pub(super) struct Upgradable;

impl HeldAs for Reading {
    const MODE: Mode = Mode::Read;
}

impl HeldAs for Writing {
    const MODE: Mode = Mode::Write;
}

impl HeldAs for Upgradable {
    const MODE: Mode = Mode::Upgradable;
}

/// The lock, held; let go when dropped.
pub(super) struct Hold<'a, M: HeldAs>(&'a RawRwLock, PhantomData<M>);

impl<'a, M: HeldAs> Hold<'a, M> {
    /// The caller holds the lock in this mode and gives it away.
    #[inline]
    pub(super) fn new(lock: &'a RawRwLock) -> Self {
        Hold(lock, PhantomData)
    }

    /// The lock, still held, for the caller to let go of.
    #[inline]
    pub(super) fn into_lock(self) -> &'a RawRwLock {
        let lock = self.0;
        mem::forget(self);
        lock
    }
}

impl<'a> Hold<'a, Writing> {
    pub(super) fn downgrade(self) -> Hold<'a, Reading> {
        let lock = self.into_lock();
        lock.downgrade();
        Hold::new(lock)
    }
}

impl<'a> Hold<'a, Upgradable> {
    pub(super) fn downgrade(self) -> Hold<'a, Reading> {
        let lock = self.into_lock();
        lock.forgo_upgrade();
        Hold::new(lock)
    }
}

impl<M: HeldAs> Drop for Hold<'_, M> {
    #[inline]
    fn drop(&mut self) {
        self.0.release(M::MODE);
    }
}

/// The lock, held, and a count of it; let go when dropped.
pub(super) struct OwnedHold<T: ?Sized, M: HeldAs>(Arc<RwLock<T>>, PhantomData<M>);

impl<T: ?Sized, M: HeldAs> OwnedHold<T, M> {
    /// The caller holds the lock in this mode and gives it away.
    #[inline]
    pub(super) fn new(lock: Arc<RwLock<T>>) -> Self {
        OwnedHold(lock, PhantomData)
    }

    #[inline]
    pub(super) fn lock(&self) -> &Arc<RwLock<T>> {
        &self.0
    }

    /// The lock, still held, for the caller to let go of.
    pub(super) fn into_lock(self) -> Arc<RwLock<T>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither used nor dropped again.
        unsafe { ptr::read(&this.0) }
    }
}

impl<T: ?Sized> OwnedHold<T, Writing> {
    pub(super) fn downgrade(self) -> OwnedHold<T, Reading> {
        let lock = self.into_lock();
        lock.raw.downgrade();
        OwnedHold::new(lock)
    }
}

impl<T: ?Sized, M: HeldAs> Drop for OwnedHold<T, M> {
    #[inline]
    fn drop(&mut self) {
        self.0.raw.release(M::MODE);
    }
}
