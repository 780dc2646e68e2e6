//! `try_join!`: several futures in one task, until the first error.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::join::Branch;

/// Waits on several futures at once until all are done or one fails.
///
/// Like [`join!`](crate::join!), for futures whose output is a `Result`. If all
/// end with `Ok`, the outcome is `Ok` of the tuple of their values; with the
/// first `Err`, the outcome is that error, and the other futures are dropped
/// before `try_join!` ends. All must have the same type of error. With no
/// futures, the outcome is `Ok(())`.
///
/// `biased;` in front makes it poll the futures in the order written at each
/// poll, instead of beginning with another one each time.
///
/// Can be used in async functions, closures and blocks only.
///
/// # Cancel safety
///
/// When the surrounding future is dropped, all the futures are dropped, and the
/// outputs of those that have ended already are lost. The same goes for the
/// values of the others when one fails.
///
/// # Examples
///
/// ```
/// use sinew_core::{block_on, try_join};
///
/// async fn number(text: &str) -> Result<i32, std::num::ParseIntError> { text.parse() }
///
/// block_on(async {
///     assert_eq!(try_join!(number("1"), number("2")), Ok((1, 2)));
///     assert!(try_join!(number("1"), number("two")).is_err());
/// });
/// ```
#[macro_export]
macro_rules! try_join {
    (biased; $($future:expr),* $(,)?) => {
        $crate::__number_futures!(__try_join_numbered (InOrder) [] $($future,)*)
    };
    ($($future:expr),* $(,)?) => {
        $crate::__number_futures!(__try_join_numbered (Rotating) [] $($future,)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __try_join_numbered {
    (($order:ident)) => {
        async { $crate::__macro::Result::Ok(()) }.await
    };
    (($order:ident) $(($future:ident $expr:expr))+) => {{
        // A statement of its own, so that temporaries in the expressions live on.
        let ($($future,)+) = ($($expr,)+);
        // Bound before it is given out, so that the futures are dropped first.
        #[allow(unreachable_code, reason = "a value or an error may be `!`")]
        let outcome = {
            let mut branches = $crate::__macro::pin!(($(
                $crate::__macro::Branch::new($crate::__macro::IntoFuture::into_future($future)),
            )+));
            let mut order = $crate::__macro::$order::<{ [$(::core::stringify!($future)),+].len() }>::default();
            $crate::__macro::poll_fn(move |cx| {
                // SAFETY: only pinned references to the fields are made of this.
                let ($($future,)+) = unsafe { branches.as_mut().get_unchecked_mut() };
                let mut pending = false;
                let mut laps = order.laps();
                loop {
                    let mut bit = $crate::__macro::FIRST;
                    $(
                        if laps.has(bit) {
                            // SAFETY: a field of a pinned tuple that nobody moves.
                            let branch = unsafe { $crate::__macro::Pin::new_unchecked(&mut *$future) };
                            match branch.try_poll(cx) {
                                $crate::__macro::Poll::Pending => pending = true,
                                $crate::__macro::Poll::Ready($crate::__macro::Result::Ok(())) => {}
                                $crate::__macro::Poll::Ready($crate::__macro::Result::Err(error)) => {
                                    return $crate::__macro::Poll::Ready(
                                        $crate::__macro::Result::Err(error),
                                    );
                                }
                            }
                        }
                        bit = $crate::__macro::after(bit);
                    )+
                    let _ = bit;
                    if !laps.next_lap() {
                        break;
                    }
                }
                if pending {
                    return $crate::__macro::Poll::Pending;
                }
                $crate::__macro::Poll::Ready($crate::__macro::Result::Ok(($(
                    // SAFETY: as above.
                    unsafe { $crate::__macro::Pin::new_unchecked($future) }.take_ok(),
                )+)))
            })
            .await
        };
        outcome
    }};
}

impl<T, E, F: Future<Output = Result<T, E>>> Branch<F> {
    /// Polls the future, unless it has ended. Keeps an `Ok`, gives an `Err` out.
    #[inline]
    pub fn try_poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        ready!(self.as_mut().poll(cx));
        if self.as_mut().is_done_and(Result::is_err) {
            return Poll::Ready(self.take().map(drop));
        }
        Poll::Ready(Ok(()))
    }

    /// The error of a future that has ended, if it has failed.
    #[inline]
    pub(crate) fn take_error(mut self: Pin<&mut Self>) -> Option<E> {
        let failed = self.as_mut().is_done_and(Result::is_err);
        failed.then(|| self.take().err()).flatten()
    }

    /// The value of a future that has ended, if it has one.
    #[inline]
    pub(crate) fn take_value(mut self: Pin<&mut Self>) -> Option<T> {
        let succeeded = self.as_mut().is_done_and(Result::is_ok);
        succeeded.then(|| self.take().ok()).flatten()
    }

    /// The error of a future that has ended with `Err`.
    #[inline]
    pub(crate) fn take_failed(self: Pin<&mut Self>) -> E {
        match self.take() {
            Err(error) => error,
            Ok(_) => unreachable!("a value ends the race at once"),
        }
    }

    /// The value of a future that has ended with `Ok`.
    ///
    /// # Panics
    ///
    /// If it has not, or the value was taken before.
    #[inline]
    pub fn take_ok(self: Pin<&mut Self>) -> T {
        match self.take() {
            Ok(value) => value,
            Err(_) => unreachable!("an error ends the macro's future at once"),
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
