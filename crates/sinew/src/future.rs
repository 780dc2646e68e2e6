//! Futures: several as one, held still, given up; from `sinew-core`, and with
//! the feature `stream` what the `futures` crate has for single futures.

#[cfg(feature = "stream")]
#[doc(no_inline)]
pub use futures_util::future::{
    AbortHandle, AbortRegistration, Abortable, Aborted, BoxFuture, Either, Fuse, FusedFuture,
    FutureExt, LocalBoxFuture, OptionFuture, Shared, TryFuture, TryFutureExt, WeakShared,
    abortable, err, join_all, lazy, maybe_done, ok, select, select_all, select_ok, try_join_all,
    try_select,
};
#[doc(no_inline)]
pub use std::future::{Future, IntoFuture, Pending, PollFn, Ready, pending, poll_fn, ready};

pub use sinew_core::future::{
    Join, Joined, Pausable, PauseHandle, Race, RaceOk, Raced, RacedOk, TryJoin, TryJoined, pausable,
};
