//! The traits of tokio and hyper on every type of this crate, without a wrapper.
//!
//! The macros are for the other crates of sinew too, which have types of their own. Each takes the
//! generics in brackets, then the type with its `where` clause, if any, and builds on the type's `futures-io` traits. None is a
//! part of the public interface.

#[cfg(feature = "hyper")]
mod hyper_io;
mod lists;
#[cfg(feature = "tokio-io")]
mod tokio_io;

/// What the macros expand to. Not a part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use std::io::{IoSlice, Result, SeekFrom};
    pub use std::pin::Pin;
    pub use std::task::{Context, Poll, ready};

    pub use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

    #[cfg(feature = "hyper")]
    pub use super::hyper_io::poll_read_cursor;
    #[cfg(feature = "tokio-io")]
    pub use super::tokio_io::poll_read_tokio;
    #[cfg(feature = "hyper")]
    pub use hyper;
    #[cfg(feature = "tokio-io")]
    pub use tokio;
}
