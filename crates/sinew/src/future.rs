//! Futures: several as one, held still, given up; from `sinew-core`, and with
//! the feature `stream` what the `futures` crate has for single futures.

#[cfg(feature = "stream")]
#[doc(no_inline)]
pub use futures_util::future::{
    AbortHandle, AbortRegistration, Abortable, Aborted, BoxFuture, Either, Fuse, FusedFuture,
    FutureExt, JoinAll, Lazy, LocalBoxFuture, MaybeDone, OptionFuture, PollImmediate, Select,
    SelectAll, SelectOk, Shared, TryFuture, TryFutureExt, TryJoinAll, TryMaybeDone, TrySelect,
    WeakShared, abortable, err, join, join_all, join3, join4, join5, lazy, maybe_done, ok,
    poll_immediate, select, select_all, select_ok, try_join, try_join_all, try_join3, try_join4,
    try_join5, try_maybe_done, try_select,
};
#[doc(no_inline)]
pub use std::future::{Future, IntoFuture, Pending, PollFn, Ready, pending, poll_fn, ready};

pub use sinew_core::future::{
    Join, Joined, Pausable, PauseHandle, Race, RaceOk, Raced, RacedOk, TryJoin, TryJoined, pausable,
};
