//! Wrappers for types of one family of IO traits where another is wanted.
//!
//! The types of sinew need none: with the features `tokio-io` and `hyper` they implement tokio's
//! and hyper's traits themselves. These are for everybody else's.
//!
//! | you have | and need | so |
//! |---|---|---|
//! | tokio's traits | those of `futures-io` | `Compat`, by `TokioAsyncReadCompatExt` or `TokioAsyncWriteCompatExt` |
//! | those of `futures-io` | tokio's | `Compat`, by `FuturesAsyncReadCompatExt` or `FuturesAsyncWriteCompatExt` |
//! | hyper's | those of `futures-io`, or the other way round | `HyperIo` |
//!
//! Import one of the extension traits at a time: two have a method `compat`, and a type of sinew
//! has both.

#[cfg(feature = "hyper")]
mod hyper_io;
#[cfg(feature = "tokio-io")]
mod tokio_io;

#[cfg(feature = "hyper")]
pub use self::hyper_io::HyperIo;
#[cfg(feature = "tokio-io")]
pub use self::tokio_io::{
    Compat, FuturesAsyncReadCompatExt, FuturesAsyncWriteCompatExt, TokioAsyncReadCompatExt,
    TokioAsyncWriteCompatExt,
};
