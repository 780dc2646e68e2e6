//! The handle of a child.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use sinew_core::leaf::{self, Kind, Wait};

use super::cell::{Output, free};
use super::queue::header;

/// Awaits the output of a child of a [`scope`](crate::scope). Made by
/// [`Scope::spawn`](crate::Scope::spawn).
///
/// There is no error to look at: a child that panics or fails ends the scope, and
/// the one who waits with it. Dropping the handle lets the child go on; the scope
/// still waits for it.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe: the output stays until a poll takes it.
///
/// # Panics
///
/// Polling the handle again after it gave the output.
pub struct ScopedHandle<'scope, T> {
    /// Held by this handle, until it is dropped.
    child: NonNull<Output<T>>,
    taken: bool,
    location: &'static Location<'static>,
    scope: PhantomData<fn(&'scope ()) -> &'scope ()>,
}

// SAFETY: the handle is a reference to a place for a `T`, which it takes out.
unsafe impl<T: Send> Send for ScopedHandle<'_, T> {}
// SAFETY: a shared handle tells only whether there is a value.
unsafe impl<T: Send> Sync for ScopedHandle<'_, T> {}

impl<T> ScopedHandle<'_, T> {
    /// Of a child that has none yet, but counts one.
    #[track_caller]
    pub(super) fn new(child: NonNull<Output<T>>) -> Self {
        ScopedHandle {
            child,
            taken: false,
            location: Location::caller(),
            scope: PhantomData,
        }
    }

    fn output(&self) -> &Output<T> {
        // SAFETY: the handle holds it.
        unsafe { self.child.as_ref() }
    }

    /// Takes the output, if it is there.
    pub(super) fn take(&mut self) -> Option<T> {
        // SAFETY: nobody else uses it now: invariant 4 of `scope`.
        let value = unsafe { (*self.output().value.get()).take() };
        self.taken |= value.is_some();
        value
    }
}

impl<T> Future for ScopedHandle<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if let Some(value) = self.take() {
            return Poll::Ready(value);
        }
        assert!(!self.taken, "a handle was polled after it gave the output");
        // Cloned before the place is looked into: that runs foreign code.
        let waker = cx.waker();
        // SAFETY: nobody else uses it now: invariant 4 of `scope`.
        let known = unsafe { &*self.output().waiter.get() };
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            let waker = waker.clone();
            // SAFETY: as above.
            let old = unsafe { (*self.output().waiter.get()).replace(waker) };
            drop(old);
        }
        leaf::pending(&Wait {
            kind: Kind::Task,
            resource: 0,
            location: self.location,
        })
    }
}

impl<T> Drop for ScopedHandle<'_, T> {
    fn drop(&mut self) {
        /// Lets go of the child, also if what is dropped before panics.
        struct Release<T>(NonNull<Output<T>>);
        impl<T> Drop for Release<T> {
            fn drop(&mut self) {
                let child = self.0.cast();
                // SAFETY: the handle holds it until here.
                if unsafe { header(child) }.state.drop_handle() {
                    // SAFETY: nobody holds it. The scope has let go of it, so its
                    // future is gone, and we have taken what is in its `Output`.
                    unsafe { free(child) };
                }
            }
        }
        let release = Release(self.child);
        // SAFETY: nobody else uses it now: invariant 4 of `scope`.
        let waiter = unsafe { (*self.output().waiter.get()).take() };
        let value = self.take();
        drop(waiter);
        drop(value);
        drop(release);
    }
}

impl<T> fmt::Debug for ScopedHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: nobody else uses it now: invariant 4 of `scope`.
        let finished = unsafe { (*self.output().value.get()).is_some() };
        f.debug_struct("ScopedHandle")
            .field("finished", &finished)
            .finish()
    }
}
