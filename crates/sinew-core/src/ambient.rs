//! How a crate finds its driver: entered on this thread, or a default for the process.
//!
//! # State
//!
//! An [`Ambient`] joins two places. The *slot* is a thread-local that holds the
//! driver entered on this thread, if any. The *default* is one driver for the
//! process, started the first time that somebody asks and nothing is entered.
//!
//! # Life cycle
//!
//! [`Ambient::enter`] puts a driver into the slot and returns an [`Entered`]
//! guard that holds what was there before. Dropping the guard puts that back.
//! Guards are meant to be dropped in the reverse order of their making; another
//! order is harmless to memory (every place owns what it holds) but leaves the
//! thread with whatever the last guard restored.
//!
//! # Invariants
//!
//! 1. The slot owns its driver by a strong count that only `Slot::replace` and
//!    `Slot::get` touch, both on the slot's own thread.
//! 2. The slot has no destructor, so it can be read while thread-locals are
//!    being destroyed. A guard that is never dropped leaks one strong count.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::LocalKey;

/// The thread-local half of an [`Ambient`]: the driver entered on this thread.
///
/// Declare it with `const { Slot::new() }`, so that looking at it is a plain
/// load without a lazy-initialisation check.
pub struct Slot<T: ?Sized>(Cell<Option<ManuallyDrop<Arc<T>>>>);

impl<T: ?Sized + 'static> Slot<T> {
    /// An empty slot.
    #[must_use]
    pub const fn new() -> Self {
        Slot(Cell::new(None))
    }

    /// Makes `driver` the entered one of this thread until the guard is dropped.
    ///
    /// What [`Ambient::enter`] does; but a program that only enters drivers, and
    /// never asks for the default, does not carry the code that starts it.
    pub fn enter(slot: &'static LocalKey<Slot<T>>, driver: Arc<T>) -> Entered<T> {
        Entered {
            slot,
            previous: slot.with(|slot| slot.replace(Some(driver))),
            not_send: PhantomData,
        }
    }

    fn replace(&self, driver: Option<Arc<T>>) -> Option<Arc<T>> {
        self.0
            .replace(driver.map(ManuallyDrop::new))
            .map(ManuallyDrop::into_inner)
    }

    fn get(&self) -> Option<Arc<T>> {
        // `Arc::clone` runs no foreign code, so nobody can look at the slot
        // while it is empty between the two calls.
        let held = self.0.take()?;
        let driver = Arc::clone(&held);
        self.0.set(Some(held));
        Some(driver)
    }

    fn peek<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        struct Back<'a, T: ?Sized>(&'a Slot<T>, Option<ManuallyDrop<Arc<T>>>);
        impl<T: ?Sized> Drop for Back<'_, T> {
            #[inline]
            fn drop(&mut self) {
                self.0.0.set(self.1.take());
            }
        }
        let back = Back(self, self.0.take());
        back.1.as_ref().map(|held| look(held))
    }

    fn is_some(&self) -> bool {
        let held = self.0.take();
        let some = held.is_some();
        self.0.set(held);
        some
    }
}

impl<T: ?Sized + 'static> Default for Slot<T> {
    fn default() -> Self {
        Slot::new()
    }
}

impl<T: ?Sized + 'static> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("entered", &self.is_some())
            .finish()
    }
}

/// Finds the driver of a resource crate: the one entered on this thread, else
/// the default of the process.
///
/// Each resource crate has one static `Ambient` for each kind of driver. A
/// runtime enters its own drivers on its threads; a simulator enters its own;
/// a program with neither gets the default, which is started on first use.
///
/// ```
/// use sinew_core::{Ambient, Slot};
/// use std::sync::Arc;
///
/// struct Clock(u32);
///
/// thread_local!(static SLOT: Slot<Clock> = const { Slot::new() });
/// static CLOCK: Ambient<Clock> = Ambient::new(&SLOT, || Ok(Arc::new(Clock(0))));
///
/// assert_eq!(CLOCK.current().unwrap().0, 0);
/// {
///     let _entered = CLOCK.enter(Arc::new(Clock(7)));
///     assert_eq!(CLOCK.current().unwrap().0, 7);
/// }
/// assert_eq!(CLOCK.current().unwrap().0, 0);
/// ```
pub struct Ambient<T: ?Sized + 'static> {
    slot: &'static LocalKey<Slot<T>>,
    start: Option<fn() -> io::Result<Arc<T>>>,
    default: OnceLock<Arc<T>>,
    starting: Mutex<()>,
}

impl<T: ?Sized + 'static> Ambient<T> {
    /// An ambient whose default is started by `start` when it is first needed.
    #[must_use]
    pub const fn new(slot: &'static LocalKey<Slot<T>>, start: fn() -> io::Result<Arc<T>>) -> Self {
        Ambient {
            slot,
            start: Some(start),
            default: OnceLock::new(),
            starting: Mutex::new(()),
        }
    }

    /// An ambient that has no default of its own: something is entered, or
    /// [`set_default`](Self::set_default) was called, or there is nothing.
    #[must_use]
    pub const fn without_default(slot: &'static LocalKey<Slot<T>>) -> Self {
        Ambient {
            slot,
            start: None,
            default: OnceLock::new(),
            starting: Mutex::new(()),
        }
    }

    /// Makes `driver` the current one on this thread until the guard is dropped.
    #[must_use = "the driver is left again when the guard is dropped"]
    pub fn enter(&'static self, driver: Arc<T>) -> Entered<T> {
        Slot::enter(self.slot, driver)
    }

    /// Whether a driver is entered on this thread. One thread-local load; this
    /// is what a leaf future asks when it is made.
    #[inline]
    #[must_use]
    pub fn is_entered(&'static self) -> bool {
        self.slot.with(Slot::is_some)
    }

    /// The driver entered on this thread, without looking at the default.
    #[inline]
    #[must_use]
    pub fn entered(&'static self) -> Option<Arc<T>> {
        self.slot.with(Slot::get)
    }

    /// Looks at the driver entered on this thread, without counting a reference.
    /// `look` must not ask for what is entered: it would find nothing.
    #[inline]
    pub fn peek<R>(&'static self, look: impl FnOnce(&T) -> R) -> Option<R> {
        self.slot.with(|slot| slot.peek(look))
    }

    /// The driver entered on this thread, else the default, which is started
    /// if it does not run yet.
    ///
    /// # Errors
    ///
    /// The error of the default's start, for example when the process is out of
    /// threads or descriptors; the next call tries again. [`io::ErrorKind::NotFound`]
    /// when nothing is entered and this ambient has no default.
    #[inline]
    pub fn current(&'static self) -> io::Result<Arc<T>> {
        match self.entered() {
            Some(driver) => Ok(driver),
            None => self.default_driver().cloned(),
        }
    }

    /// Makes `driver` the default of the process, instead of the one that would
    /// be started.
    ///
    /// # Errors
    ///
    /// Gives the driver back when a default is there already.
    pub fn set_default(&'static self, driver: Arc<T>) -> Result<(), Arc<T>> {
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        self.default.set(driver)
    }

    /// The default of the process, if it is there already.
    #[must_use]
    pub fn started_default(&'static self) -> Option<&'static Arc<T>> {
        self.default.get()
    }

    #[cold]
    fn no_default() -> io::Error {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "no {} is entered on this thread and the process has no default one",
                std::any::type_name::<T>()
            ),
        )
    }

    fn default_driver(&'static self) -> io::Result<&'static Arc<T>> {
        if let Some(driver) = self.default.get() {
            return Ok(driver);
        }
        let start = self.start.ok_or_else(Self::no_default)?;
        // A lock of our own because `OnceLock::get_or_try_init` is not stable.
        // Held while the driver starts, so that only one is ever started.
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(driver) = self.default.get() {
            return Ok(driver);
        }
        let driver = start()?;
        Ok(self.default.get_or_init(|| driver))
    }
}

impl<T: ?Sized> fmt::Debug for Ambient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ambient")
            .field(
                "entered",
                &self.slot.try_with(Slot::is_some).unwrap_or(false),
            )
            .field("default_started", &self.default.get().is_some())
            .finish()
    }
}

/// Keeps a driver entered on this thread; leaves it when dropped.
///
/// Returned by [`Ambient::enter`]. Not `Send`: it belongs to its thread.
#[must_use = "the driver is left again when this guard is dropped"]
pub struct Entered<T: ?Sized + 'static> {
    slot: &'static LocalKey<Slot<T>>,
    previous: Option<Arc<T>>,
    /// `Sync`, and not `Send`.
    not_send: PhantomData<MutexGuard<'static, ()>>,
}

impl<T: ?Sized> Drop for Entered<T> {
    fn drop(&mut self) {
        let previous = self.previous.take();
        // Dropped outside the slot: a driver's destructor may look at it.
        let left = self.slot.with(|slot| slot.replace(previous));
        drop(left);
    }
}

impl<T: ?Sized> fmt::Debug for Entered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
