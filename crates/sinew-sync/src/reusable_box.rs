//! `ReusableBoxFuture`: one box for one future after the other.

use std::alloc::Layout;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A boxed future whose box is used again for the next one, if that has the same
/// size and alignment.
///
/// For a `poll_` method that has to run an async function each time.
///
/// ```
/// use sinew_sync::ReusableBoxFuture;
///
/// async fn double(n: u32) -> u32 { 2 * n }
///
/// # sinew_core::block_on(async {
/// let mut future = ReusableBoxFuture::new(double(1));
/// assert_eq!((&mut future).await, 2);
/// future.set(double(2)); // no allocation
/// assert_eq!((&mut future).await, 4);
/// # });
/// ```
pub struct ReusableBoxFuture<'a, T> {
    boxed: Boxed<'a, T>,
}

// SAFETY: a shared reference gives no access to the future.
unsafe impl<T> Sync for ReusableBoxFuture<'_, T> {}

/// Puts `future` into `memory` and that into `slot` when it is dropped, also while
/// a panic of the future before unwinds.
struct Install<'b, 'a, T, F: Future<Output = T> + Send + 'a> {
    slot: &'b mut Boxed<'a, T>,
    memory: *mut F,
    future: ManuallyDrop<F>,
}

impl<'a, T, F: Future<Output = T> + Send + 'a> Drop for Install<'_, 'a, T, F> {
    fn drop(&mut self) {
        // SAFETY: neither used nor dropped again.
        let future = unsafe { ManuallyDrop::take(&mut self.future) };
        // SAFETY: the memory is a box's of the layout of `F`, and holds nothing.
        unsafe { ptr::write(self.memory, future) };
        // SAFETY: as above, and now it holds an `F`.
        let boxed = unsafe { Box::from_raw(self.memory) };
        let boxed: Boxed<'a, T> = Box::into_pin(boxed);
        // SAFETY: what is there has been read out by `try_set`, so it is
        // overwritten without being dropped.
        unsafe { ptr::write(self.slot, boxed) };
    }
}

impl<'a, T> ReusableBoxFuture<'a, T> {
    /// Boxes `future`.
    pub fn new<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'a,
    {
        ReusableBoxFuture {
            boxed: Box::pin(future),
        }
    }

    /// Replaces the future. Allocates only if the new one has another layout.
    pub fn set<F>(&mut self, future: F)
    where
        F: Future<Output = T> + Send + 'a,
    {
        if let Err(future) = self.try_set(future) {
            *self = Self::new(future);
        }
    }

    /// Replaces the future if the new one has the same size and alignment.
    ///
    /// # Errors
    ///
    /// Gives the new future back if it has not; the old one stays.
    pub fn try_set<F>(&mut self, future: F) -> Result<(), F>
    where
        F: Future<Output = T> + Send + 'a,
    {
        if Layout::for_value(&*self.boxed) != Layout::new::<F>() {
            return Err(future);
        }
        // SAFETY: `Install` writes another box to the slot, whatever happens, and
        // nothing in between looks at it.
        let boxed = unsafe { ptr::read(&self.boxed) };
        // SAFETY: the pinned future is dropped in place below.
        let boxed = unsafe { Pin::into_inner_unchecked(boxed) };
        let old = Box::into_raw(boxed);
        let install = Install {
            slot: &mut self.boxed,
            memory: old.cast::<F>(),
            future: ManuallyDrop::new(future),
        };
        // SAFETY: it is the future that was in the box, and is not used again.
        unsafe { ptr::drop_in_place(old) };
        drop(install);
        Ok(())
    }

    /// The future.
    pub fn get_pin(&mut self) -> Pin<&mut (dyn Future<Output = T> + Send)> {
        self.boxed.as_mut()
    }

    /// Polls the future.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        self.boxed.as_mut().poll(cx)
    }
}

impl<T> Future for ReusableBoxFuture<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.get_mut().boxed.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for ReusableBoxFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReusableBoxFuture").finish_non_exhaustive()
    }
}
