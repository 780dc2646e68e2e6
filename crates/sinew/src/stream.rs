//! Streams: see [`sinew_stream`], and [`time::stream`](crate::time::stream) for
//! what needs a timer.

pub use sinew_stream::*;

#[cfg(feature = "time")]
pub use sinew_time::stream::*;
