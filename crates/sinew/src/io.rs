//! Asynchronous input and output: the traits, readers and writers, copying, readiness of
//! descriptors (feature `net`), and, with feature `codec`, frames.

pub use sinew_io::*;

#[cfg(feature = "codec")]
pub use sinew_codec as codec;
#[cfg(feature = "net")]
pub use sinew_reactor::{Async, Interest, Ready, unix};
