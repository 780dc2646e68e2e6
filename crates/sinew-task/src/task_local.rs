//! Values that belong to a task instead of a thread.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

/// Declares task-locals: values that follow a future from thread to thread.
///
/// Each becomes a static [`LocalKey`]. It has a value inside of a
/// [`scope`](LocalKey::scope) and none outside.
///
/// ```
/// sinew_task::task_local! {
///     /// Which request is being served.
///     pub static REQUEST: u32;
///     static USER: String;
/// }
///
/// sinew_core::block_on(REQUEST.scope(7, async {
///     assert_eq!(REQUEST.get(), 7);
///     assert!(USER.try_get().is_err());
/// }));
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    ($(#[$attribute:meta])* $vis:vis static $name:ident: $type:ty; $($rest:tt)*) => {
        $crate::task_local!($(#[$attribute])* $vis static $name: $type);
        $crate::task_local!($($rest)*);
    };
    ($(#[$attribute:meta])* $vis:vis static $name:ident: $type:ty) => {
        $(#[$attribute])*
        $vis static $name: $crate::LocalKey<$type> = {
            ::std::thread_local! {
                static __KEY: ::std::cell::RefCell<::std::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::LocalKey::__new(__KEY)
        };
    };
}

/// The key of a task-local. Made by [`task_local!`](crate::task_local).
///
/// While a future in a [`scope`](Self::scope) of it is being polled or dropped,
/// the value is in a thread-local; between polls it is in the scope's future.
pub struct LocalKey<T: 'static> {
    slot: thread::LocalKey<RefCell<Option<T>>>,
}

/// Why the values could not be swapped.
enum SwapError {
    Borrowed,
    Destroyed,
}

impl SwapError {
    #[cold]
    #[track_caller]
    fn panic(&self) -> ! {
        match self {
            SwapError::Borrowed => panic!(
                "cannot enter a task-local scope while its value is borrowed: \
                 a closure given to `LocalKey::with` entered a scope of the same key"
            ),
            SwapError::Destroyed => panic!(
                "cannot enter a task-local scope while this thread's locals are being destroyed"
            ),
        }
    }
}

impl<T: 'static> LocalKey<T> {
    /// For the macro only.
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(slot: thread::LocalKey<RefCell<Option<T>>>) -> LocalKey<T> {
        LocalKey { slot }
    }

    /// A future that polls `future` with `value` as this key's value.
    ///
    /// A scope inside of a scope hides the outer value while it lasts. The value
    /// is also there while `future` is being dropped.
    ///
    /// # Panics
    ///
    /// The returned future panics when it is polled inside of a closure given to
    /// [`with`](Self::with) of the same key, or while the thread's locals are
    /// being destroyed.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future` and the value.
    pub fn scope<F>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F>
    where
        F: Future,
    {
        TaskLocalFuture {
            key: self,
            value: Some(value),
            future: Some(future),
            pinned: PhantomPinned,
        }
    }

    /// Runs `f` with `value` as this key's value.
    ///
    /// # Panics
    ///
    /// Inside of a closure given to [`with`](Self::with) of the same key, and
    /// while the thread's locals are being destroyed.
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        let mut value = Some(value);
        match self.swapped(&mut value, f) {
            Ok(output) => output,
            Err(error) => error.panic(),
        }
    }

    /// Runs `f` while the key's value and `value` have changed places.
    fn swapped<R>(
        &'static self,
        value: &mut Option<T>,
        f: impl FnOnce() -> R,
    ) -> Result<R, SwapError> {
        struct Back<'a, T: 'static> {
            key: &'static LocalKey<T>,
            value: &'a mut Option<T>,
        }

        impl<T: 'static> Drop for Back<'_, T> {
            fn drop(&mut self) {
                // It went well on the way in, and whatever `f` borrowed it has
                // given back.
                let _ = self.key.swap(self.value);
            }
        }

        self.swap(value)?;
        let _back = Back { key: self, value };
        Ok(f())
    }

    fn swap(&'static self, value: &mut Option<T>) -> Result<(), SwapError> {
        let swapped = self.slot.try_with(|slot| {
            let mut slot = slot.try_borrow_mut().map_err(|_| SwapError::Borrowed)?;
            std::mem::swap(&mut *slot, value);
            Ok(())
        });
        swapped.unwrap_or(Err(SwapError::Destroyed))
    }

    /// Runs `f` on the current value.
    ///
    /// # Panics
    ///
    /// Outside of a scope; [`try_with`](Self::try_with) is an error there.
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(output) => output,
            Err(error) => panic!("{error}"),
        }
    }

    /// Runs `f` on the current value.
    ///
    /// # Errors
    ///
    /// Outside of a scope.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        let output = self.slot.try_with(|slot| slot.borrow().as_ref().map(f));
        output.ok().flatten().ok_or(AccessError(()))
    }
}

impl<T: Clone + 'static> LocalKey<T> {
    /// A copy of the current value.
    ///
    /// # Panics
    ///
    /// Outside of a scope; [`try_get`](Self::try_get) is an error there.
    #[track_caller]
    pub fn get(&'static self) -> T {
        self.with(T::clone)
    }

    /// A copy of the current value.
    ///
    /// # Errors
    ///
    /// Outside of a scope.
    pub fn try_get(&'static self) -> Result<T, AccessError> {
        self.try_with(T::clone)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

pin_project! {
    /// A future with a task-local value. Made by [`LocalKey::scope`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        key: &'static LocalKey<T>,
        value: Option<T>,
        #[pin]
        future: Option<F>,
        // Room for a value that refers to itself some day, as tokio's.
        #[pin]
        pinned: PhantomPinned,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            if this.future.is_some() {
                // The future's destructor sees the value too. Where that cannot
                // be, it is dropped with the other fields.
                let mut this = this.project();
                let future = &mut this.future;
                let _ = this.key.swapped(this.value, || future.set(None));
            }
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    /// Takes the value out, for when the future is done. `None` if it was taken
    /// before. A future that is polled without its value sees the key as unset.
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut future = this.future;
        let polled = this.key.swapped(this.value, || {
            let polled = future.as_mut().as_pin_mut()?.poll(cx);
            if polled.is_ready() {
                // Inside of the scope, as its other destructors.
                future.set(None);
            }
            Some(polled)
        });
        match polled {
            Ok(Some(polled)) => polled,
            Ok(None) => panic!("a TaskLocalFuture was polled after it was done"),
            Err(error) => error.panic(),
        }
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// A task-local has no value here: we are outside of every scope of its key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccessError(());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a task-local has no value outside of `LocalKey::scope`")
    }
}

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessError").finish_non_exhaustive()
    }
}

impl Error for AccessError {}

#[cfg(test)]
mod tests;
