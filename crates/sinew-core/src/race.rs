//! `race!`: several futures in one task, the output of the first.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::join::{Laps, Rotating};
use crate::{coop, rng};

/// Waits on several futures at once and gives the output of the first to end.
///
/// The futures run concurrently in the current task. All must have the same
/// type of output. When one has ended, the others are dropped, before `race!`
/// itself ends. Takes 1 to 64 futures, or values that can be made into futures
/// ([`IntoFuture`](std::future::IntoFuture)). Nothing is allocated.
///
/// The first poll begins with any of the futures and each later one with the next, so
/// that none wins only because of its place: over many rounds each place comes first as
/// often as any other ([`rng::turn`](crate::rng::turn)). With `biased;` in front they are
/// polled in the order written. To keep the losers, or to treat each output in another
/// way, use `select!`.
///
/// Can be used in async functions, closures and blocks only.
///
/// # Cancel safety
///
/// The losers are dropped: what they had done is lost, unless they are given as
/// `&mut future`, or say in their documentation that nothing is lost. The same
/// goes for all of them when the surrounding future is dropped.
///
/// # Examples
///
/// ```
/// use sinew_core::{block_on, race};
/// use std::future::{pending, ready};
///
/// block_on(async {
///     assert_eq!(race!(pending(), ready("the hare")), "the hare");
///     assert_eq!(race!(biased; ready(1), ready(2)), 1);
/// });
/// ```
#[macro_export]
macro_rules! race {
    () => {
        ::core::compile_error!("race! requires at least one future")
    };
    (biased; $($future:expr),+ $(,)?) => {
        $crate::__number_futures!(__race_numbered (InOrder) [] $($future,)+)
    };
    ($($future:expr),+ $(,)?) => {
        $crate::__number_futures!(__race_numbered (Random) [] $($future,)+)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __race_numbered {
    (($order:ident) $(($future:ident $expr:expr))+) => {{
        // A statement of its own, so that temporaries in the expressions live on.
        let ($($future,)+) = ($($expr,)+);
        // Bound before it is given out, so that the losers are dropped first.
        let output = {
            let mut futures = $crate::__macro::pin!(($(
                $crate::__macro::IntoFuture::into_future($future),
            )+));
            let mut order = $crate::__macro::$order::<{ [$(::core::stringify!($future)),+].len() }>::default();
            $crate::__macro::first(move |cx| {
                // SAFETY: only pinned references to the fields are made of this.
                let ($($future,)+) = unsafe { futures.as_mut().get_unchecked_mut() };
                let mut laps = order.laps();
                loop {
                    let mut bit = $crate::__macro::FIRST;
                    $(
                        if laps.has(bit) {
                            // SAFETY: a field of a pinned tuple that nobody moves.
                            let future = unsafe { $crate::__macro::Pin::new_unchecked(&mut *$future) };
                            if let $crate::__macro::Poll::Ready(output) =
                                $crate::__macro::Future::poll(future, cx)
                            {
                                return $crate::__macro::Poll::Ready(output);
                            }
                        }
                        bit = $crate::__macro::after(bit);
                    )+
                    let _ = bit;
                    if !laps.next_lap() {
                        break;
                    }
                }
                $crate::__macro::Poll::Pending
            })
            .await
        };
        output
    }};
}

/// Begins with any of `N` branches at the first poll, and then with another one each
/// time: at each poll any of them is as likely to be the first, for one number that is
/// drawn.
#[derive(Debug)]
pub struct Random<const N: usize>(Rotating<N>);

impl<const N: usize> Default for Random<N> {
    #[inline]
    fn default() -> Self {
        Random(Rotating::from(rng::turn(N as u32)))
    }
}

impl<const N: usize> Random<N> {
    /// The first branch of the next poll.
    #[inline]
    pub fn start(&mut self) -> u32 {
        self.0.start()
    }

    /// The laps of the next poll.
    #[inline]
    pub fn laps(&mut self) -> Laps {
        self.0.laps()
    }
}

/// The future of a `race!` or `select!`: `poll` looks for a branch that is ready.
///
/// With the task's budget used up it does not look at all. The branches that
/// spend the budget could not go on; one that does not would win each time.
#[inline]
pub fn first<T, P>(poll: P) -> First<P>
where
    P: FnMut(&mut Context<'_>) -> Poll<T> + Unpin,
{
    First(poll)
}

/// See [`first`].
#[must_use = "futures do nothing unless polled"]
pub struct First<P>(P);

impl<T, P> Future for First<P>
where
    P: FnMut(&mut Context<'_>) -> Poll<T> + Unpin,
{
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if !coop::has_budget_remaining() {
            // Wakes the task; what it would spend is given back.
            drop(ready!(coop::poll_proceed(cx)));
        }
        (self.0)(cx)
    }
}

impl<P> fmt::Debug for First<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("First").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
