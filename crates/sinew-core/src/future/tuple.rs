//! Tuples of futures: each of its own type, in its place.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::all::{Join, Joined, TakeAll, TakeOk, TryJoin, TryJoined};
use super::first::{Race, RaceOk, Raced, RacedOk, Racing, TakeOneOk};
use super::group::{Count, Group, POLL_ALL, Step};
use crate::join::Branch;

/// The futures of a tuple.
pub struct InTuple<T> {
    branches: T,
}

/// The futures of a tuple that race.
pub struct RacersInTuple<T> {
    futures: T,
}

impl<T> fmt::Debug for RacersInTuple<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RacersInTuple").finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for InTuple<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.branches.fmt(f)
    }
}

macro_rules! tuple {
    ($($future:ident $value:ident $error:ident $index:tt,)+) => {
        impl<$($future: Future),+> Count for InTuple<($(Branch<$future>,)+)> {
            const FEW: bool = [$($index),+].len() <= POLL_ALL;

            #[inline]
            fn count(&self) -> usize {
                [$($index),+].len()
            }
        }

        impl<$($future: Future),+> Group for InTuple<($(Branch<$future>,)+)> {
            #[inline]
            fn poll_at(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Step {
                match index {
                    $(
                        // SAFETY: a field that is pinned with `self`, of which
                        // only pinned references are made.
                        $index => unsafe {
                            self.map_unchecked_mut(|this| &mut this.branches.$index)
                        }
                        .step(cx),
                    )+
                    _ => Step::HadEnded,
                }
            }
        }

        impl<$($future: Future),+> TakeAll for InTuple<($(Branch<$future>,)+)> {
            type All = ($($future::Output,)+);

            #[inline]
            fn take_all(mut self: Pin<&mut Self>) -> Self::All {
                ($(
                    // SAFETY: as in `poll_at`.
                    unsafe { self.as_mut().map_unchecked_mut(|this| &mut this.branches.$index) }
                        .take(),
                )+)
            }
        }

        impl<E, $($value, $future: Future<Output = Result<$value, E>>),+> TakeOk
            for InTuple<($(Branch<$future>,)+)>
        {
            type Values = ($($value,)+);
            type Error = E;

            #[inline]
            fn take_error(self: Pin<&mut Self>, index: usize) -> Option<E> {
                match index {
                    $(
                        // SAFETY: as in `poll_at`.
                        $index => unsafe {
                            self.map_unchecked_mut(|this| &mut this.branches.$index)
                        }
                        .take_error(),
                    )+
                    _ => None,
                }
            }

            #[inline]
            fn take_values(mut self: Pin<&mut Self>) -> Self::Values {
                ($(
                    // SAFETY: as in `poll_at`.
                    unsafe { self.as_mut().map_unchecked_mut(|this| &mut this.branches.$index) }
                        .take_ok(),
                )+)
            }
        }

        impl<$($future),+> Count for RacersInTuple<($($future,)+)> {
            const FEW: bool = [$($index),+].len() <= POLL_ALL;

            #[inline]
            fn count(&self) -> usize {
                [$($index),+].len()
            }
        }

        impl<T, $($future: Future<Output = T>),+> Racing for RacersInTuple<($($future,)+)> {
            type One = T;

            #[inline]
            fn poll_one(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Poll<T> {
                match index {
                    $(
                        // SAFETY: as in `poll_at`.
                        $index => unsafe {
                            self.map_unchecked_mut(|this| &mut this.futures.$index)
                        }
                        .poll(cx),
                    )+
                    _ => Poll::Pending,
                }
            }
        }

        impl<T, $($error, $future: Future<Output = Result<T, $error>>),+> TakeOneOk
            for InTuple<($(Branch<$future>,)+)>
        {
            type Value = T;
            type Errors = ($($error,)+);

            #[inline]
            fn take_value(self: Pin<&mut Self>, index: usize) -> Option<T> {
                match index {
                    $(
                        // SAFETY: as in `poll_at`.
                        $index => unsafe {
                            self.map_unchecked_mut(|this| &mut this.branches.$index)
                        }
                        .take_value(),
                    )+
                    _ => None,
                }
            }

            #[inline]
            fn take_errors(mut self: Pin<&mut Self>) -> Self::Errors {
                ($(
                    // SAFETY: as in `poll_at`.
                    unsafe { self.as_mut().map_unchecked_mut(|this| &mut this.branches.$index) }
                        .take_failed(),
                )+)
            }
        }

        impl<$($future: IntoFuture),+> Join for ($($future,)+) {
            type Output = ($($future::Output,)+);
            type Future = Joined<InTuple<($(Branch<$future::IntoFuture>,)+)>>;

            fn join(self) -> Self::Future {
                let branches = ($(Branch::new(self.$index.into_future()),)+);
                Joined::new(InTuple { branches })
            }
        }

        impl<E, $($value, $future: IntoFuture<Output = Result<$value, E>>),+> TryJoin
            for ($($future,)+)
        {
            type Output = ($($value,)+);
            type Error = E;
            type Future = TryJoined<InTuple<($(Branch<$future::IntoFuture>,)+)>>;

            fn try_join(self) -> Self::Future {
                let branches = ($(Branch::new(self.$index.into_future()),)+);
                TryJoined::new(InTuple { branches })
            }
        }

        impl<T, $($future: IntoFuture<Output = T>),+> Race for ($($future,)+) {
            type Output = T;
            type Future = Raced<RacersInTuple<($($future::IntoFuture,)+)>>;

            #[inline]
            fn race(self) -> Self::Future {
                let futures = ($(self.$index.into_future(),)+);
                Raced::new(RacersInTuple { futures })
            }
        }

        impl<T, $($error, $future: IntoFuture<Output = Result<T, $error>>),+> RaceOk
            for ($($future,)+)
        {
            type Output = T;
            type Error = ($($error,)+);
            type Future = RacedOk<InTuple<($(Branch<$future::IntoFuture>,)+)>>;

            fn race_ok(self) -> Self::Future {
                let branches = ($(Branch::new(self.$index.into_future()),)+);
                RacedOk::new(InTuple { branches })
            }
        }
    };
}

tuple! { F0 V0 E0 0, }
tuple! { F0 V0 E0 0, F1 V1 E1 1, }
tuple! { F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, }
tuple! { F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, }
tuple! { F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, }
tuple! { F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, }
tuple! {
    F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, F6 V6 E6 6,
}
tuple! {
    F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, F6 V6 E6 6,
    F7 V7 E7 7,
}
tuple! {
    F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, F6 V6 E6 6,
    F7 V7 E7 7, F8 V8 E8 8,
}
tuple! {
    F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, F6 V6 E6 6,
    F7 V7 E7 7, F8 V8 E8 8, F9 V9 E9 9,
}
tuple! {
    F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, F6 V6 E6 6,
    F7 V7 E7 7, F8 V8 E8 8, F9 V9 E9 9, F10 V10 E10 10,
}
tuple! {
    F0 V0 E0 0, F1 V1 E1 1, F2 V2 E2 2, F3 V3 E3 3, F4 V4 E4 4, F5 V5 E5 5, F6 V6 E6 6,
    F7 V7 E7 7, F8 V8 E8 8, F9 V9 E9 9, F10 V10 E10 10, F11 V11 E11 11,
}
