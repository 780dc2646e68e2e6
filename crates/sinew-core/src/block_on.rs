//! `block_on`: one future, one thread, no runtime.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use parking::Parker;

use crate::{coop, record};

thread_local! {
    /// A parker and its waker, kept for the next call because making them
    /// costs an allocation. Taken out while in use, so a nested call makes its own.
    static CACHED: Cell<Option<(Parker, Waker)>> = const { Cell::new(None) };
}

/// Runs a future on the current thread until it is done.
///
/// The thread sleeps while the future is pending. Nothing else runs meanwhile:
/// there is no executor, no reactor and no timer behind this function. Futures
/// of `sinew-net` and `sinew-time` work in it all the same, because those
/// crates start a driver of their own where none is entered.
///
/// May be nested, and may be called on any thread, also inside another
/// executor; then it blocks that executor's thread.
///
/// # Panics
///
/// Passes on a panic of the future.
///
/// # Examples
///
/// ```
/// let sum = sinew_core::block_on(async { 1 + 2 });
/// assert_eq!(sum, 3);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let (parker, waker) = CACHED
        .try_with(Cell::take)
        .ok()
        .flatten()
        .unwrap_or_else(|| {
            let parker = Parker::new();
            let waker = Waker::from(parker.unparker());
            (parker, waker)
        });
    let mut cx = Context::from_waker(&waker);
    // The task that is being polled on this thread, if any, is not what
    // `future` belongs to.
    let output = record::outside(|| {
        loop {
            match coop::unbudgeted(|| future.as_mut().poll(&mut cx)) {
                Poll::Ready(output) => break output,
                Poll::Pending => parker.park(),
            }
        }
    });
    // Fails only while this thread's locals are being destroyed.
    let _ = CACHED.try_with(|cached| cached.set(Some((parker, waker))));
    output
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
