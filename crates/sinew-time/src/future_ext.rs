//! Time limits in method form.

use std::future::Future;
use std::time::Duration;

use crate::instant::Instant;
use crate::timeout::{self, Timeout};

/// Time limits as methods of every future.
///
/// ```
/// use sinew_time::{Duration, FutureExt};
///
/// # sinew_core::block_on(async {
/// let never = std::future::pending::<()>();
/// assert!(never.timeout(Duration::from_millis(1)).await.is_err());
/// # });
/// ```
pub trait FutureExt: Future {
    /// Gives this future at most `duration`; see [`timeout`](crate::timeout()).
    #[track_caller]
    fn timeout(self, duration: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        timeout::timeout(duration, self)
    }

    /// Gives this future until `deadline`; see [`timeout_at`](crate::timeout_at).
    #[track_caller]
    fn timeout_at(self, deadline: Instant) -> Timeout<Self>
    where
        Self: Sized,
    {
        timeout::timeout_at(deadline, self)
    }
}

impl<F: Future + ?Sized> FutureExt for F {}
