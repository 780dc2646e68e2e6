//! What most files that do IO want in scope: the traits, and the methods on them.
//!
//! ```
//! use sinew::prelude::*;
//!
//! # sinew::block_on(async {
//! let mut reader: &[u8] = b"hello";
//! let mut text = String::new();
//! reader.read_to_string(&mut text).await?;
//! assert_eq!(text, "hello");
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

pub use sinew_io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite,
    AsyncWriteExt,
};
