//! Streams: see [`sinew_stream`], and [`time::stream`](crate::time::stream) for
//! `merge` and what needs a timer.

pub use sinew_stream::*;

#[cfg(feature = "time")]
pub use sinew_time::stream::*;

/// What receives or ticks, as streams.
pub mod wrappers {
    #[cfg(feature = "sync")]
    pub use sinew_sync::stream::{
        BroadcastStream, ReceiverStream, UnboundedReceiverStream, WatchStream, errors,
    };
    #[cfg(feature = "time")]
    pub use sinew_time::stream::IntervalStream;
}
