//! `SetOnce`: a value that is set once, and waited for.

use std::cell::UnsafeCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;

use crate::latch::{Latch, Place};
use crate::primitives::const_fn;

/// A value that is set at most once, by anybody, and that tasks can wait for.
///
/// ```
/// use sinew_sync::SetOnce;
///
/// static ADDRESS: SetOnce<String> = SetOnce::const_new();
///
/// std::thread::scope(|s| {
///     s.spawn(|| assert_eq!(sinew_core::block_on(ADDRESS.wait()), "localhost"));
///     ADDRESS.set("localhost".to_owned()).unwrap();
/// });
/// assert!(ADDRESS.set("elsewhere".to_owned()).is_err());
/// ```
///
/// If the value is to be computed by the first who needs it, see
/// [`OnceCell`](crate::OnceCell).
pub struct SetOnce<T> {
    /// Open exactly when there is a value.
    latch: Latch,
    /// Written once, before the latch opens; only read afterwards.
    value: UnsafeCell<Option<T>>,
}

// SAFETY: a shared `SetOnce` gives out `&T`, and any thread may be the one whose
// `T` it becomes.
unsafe impl<T: Send + Sync> Sync for SetOnce<T> {}
// SAFETY: sending it sends the value.
unsafe impl<T: Send> Send for SetOnce<T> {}

impl<T> SetOnce<T> {
    const_fn! {
        /// Without a value.
        #[must_use]
        pub const fn new() -> SetOnce<T> {
            SetOnce {
                latch: Latch::new(false),
                value: UnsafeCell::new(None),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        #[must_use]
        pub const fn const_new() -> SetOnce<T> {
            SetOnce::new()
        }
    }

    /// With this value, if it is one.
    #[must_use]
    pub fn new_with(value: Option<T>) -> SetOnce<T> {
        SetOnce {
            latch: Latch::new(value.is_some()),
            value: UnsafeCell::new(value),
        }
    }

    const_fn! {
        /// With this value.
        #[must_use]
        pub const fn const_new_with(value: T) -> SetOnce<T> {
            SetOnce {
                latch: Latch::new(true),
                value: UnsafeCell::new(Some(value)),
            }
        }
    }

    /// Whether there is a value.
    #[must_use]
    pub fn initialized(&self) -> bool {
        self.latch.is_open()
    }

    /// The value, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        if !self.latch.is_open() {
            return None;
        }
        // SAFETY: after the latch has opened the value is only read.
        unsafe { &*self.value.get() }.as_ref()
    }

    /// Sets the value and wakes all who wait for it.
    ///
    /// # Errors
    ///
    /// Gives the value back when there is one already.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        let mut value = Some(value);
        self.latch.open_with(|| {
            // SAFETY: the latch runs this once in its life, while it is closed, so
            // nobody reads.
            let place = unsafe { &mut *self.value.get() };
            *place = value.take();
        });
        match value {
            None => Ok(()),
            Some(value) => Err(SetOnceError(value)),
        }
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Waits until there is a value.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        Wait {
            cell: self,
            place: Place::new(),
        }
    }
}

pin_project! {
    struct Wait<'a, T> {
        cell: &'a SetOnce<T>,
        #[pin]
        place: Place,
    }

    impl<T> PinnedDrop for Wait<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(&this.cell.latch);
        }
    }
}

impl<'a, T> Future for Wait<'a, T> {
    type Output = &'a T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a T> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.project();
        let cell = *this.cell;
        // SAFETY: we borrow the cell, and leave when dropped.
        ready!(unsafe { this.place.poll(&cell.latch, Kind::Once, cx) });
        proceed.made_progress();
        Poll::Ready(cell.get().expect("the latch opens once there is a value"))
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> SetOnce<T> {
        SetOnce::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce")
            .field("value", &self.get())
            .finish()
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    fn clone(&self) -> SetOnce<T> {
        SetOnce::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &SetOnce<T>) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> SetOnce<T> {
        SetOnce::new_with(Some(value))
    }
}

/// The [`SetOnce`] has a value already. Gives back the one that came too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetOnceError<T>(pub T);

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has been set already")
    }
}

impl<T: fmt::Debug> Error for SetOnceError<T> {}

#[cfg(test)]
mod tests;
