//! Time for async programs: sleeps, intervals, timeouts, and the timers behind them.
//!
//! | you want to | look at |
//! |---|---|
//! | wait | [`sleep`], [`sleep_until`] |
//! | do something again and again | [`interval`], [`interval_at`] |
//! | limit how long something takes | [`timeout()`], [`timeout_at`], [`FutureExt`] |
//! | keep many values until their time | [`DelayQueue`] |
//! | pace, limit or batch a stream | [`stream`] |
//! | test code that waits, without waiting | [`pause`], [`advance`], [`resume`] |
//! | drive the timers from a runtime of one's own | [`Timers`] |
//! | put a simulation in place of time | [`provider`] |
//!
//! Everything works on any thread, inside or outside a runtime and under any
//! executor. Where no [`Timers`] is entered, a thread named `sinew-time`
//! is started at the first sleep and fires the timers of the process.
//!
//! Deadlines are kept to the nanosecond. A sleep never ends early; how late it
//! ends is up to the operating system, not to a tick.
//!
//! # When not to use this crate
//!
//! An application should depend on `sinew`, which re-exports this crate as
//! `sinew::time` and drives the timers in its runtime. Code that only
//! measures time and never waits needs no more than `std::time`. For times of
//! day and time zones look elsewhere: all that is here is monotonic.
//!
//! # Example
//!
//! ```
//! use sinew_time::{Duration, Instant, interval, timeout};
//!
//! sinew_core::block_on(async {
//!     let mut interval = interval(Duration::from_millis(1));
//!     for _ in 0..3 {
//!         interval.tick().await;
//!     }
//!     let slow = std::future::pending::<()>();
//!     let start = Instant::now();
//!     assert!(timeout(Duration::from_millis(2), slow).await.is_err());
//!     assert!(start.elapsed() >= Duration::from_millis(2));
//! });
//! ```

#![forbid(unsafe_code)]

mod clock;
mod driver;
mod future_ext;
mod instant;
mod interval;
mod pause;
mod sleep;
mod timeout;
mod timer;
mod wheel;

pub mod delay_queue;
pub mod error;
pub mod provider;
pub mod stream;

pub use std::time::Duration;

pub use delay_queue::DelayQueue;
pub use driver::{Keeping, Timers};
pub use future_ext::FutureExt;
pub use instant::Instant;
pub use interval::{Interval, MissedTickBehavior, interval, interval_at};
pub use pause::{advance, pause, resume};
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Timeout, timeout, timeout_at};
