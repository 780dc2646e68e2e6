//! Asynchronous input and output: the traits, readers and writers, copying, and, with feature
//! `codec`, frames.

pub use sinew_io::*;

#[cfg(feature = "codec")]
pub use sinew_codec as codec;
