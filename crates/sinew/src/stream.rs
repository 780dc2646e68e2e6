//! Streams: see [`sinew_stream`], and [`time::stream`](crate::time::stream) for
//! `merge`, `map_while` and what needs a timer.

pub use sinew_stream::*;

#[cfg(feature = "time")]
pub use sinew_time::{error::Elapsed, stream::*};

pub mod wrappers;

/// The streams that combinators return, for who has to name one.
pub mod adapters {
    pub use sinew_stream::{
        Chain, Filter, FilterMap, Fuse, Map, Peekable, Skip, SkipWhile, Take, TakeWhile, Then,
    };
    #[cfg(feature = "time")]
    pub use sinew_time::stream::{
        ChunksTimeout, MapWhile, Merge, Throttle, Timeout, TimeoutRepeating,
    };
}
