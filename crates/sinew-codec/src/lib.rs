//! Frames over byte streams: a codec says where a message begins and ends, and a reader and writer
//! becomes a stream and sink of messages.
//!
//! | you want to | look at |
//! |---|---|
//! | send and receive messages over one connection | [`Framed`] |
//! | only receive, or only send | [`FramedRead`], [`FramedWrite`] |
//! | lines | [`LinesCodec`] |
//! | pieces between other delimiters | [`AnyDelimiterCodec`] |
//! | messages with their length in front | [`LengthDelimitedCodec`], [`length_delimited::Builder`] |
//! | bytes as they come | [`BytesCodec`] |
//! | a protocol of your own | [`Decoder`], [`Encoder`] |
//!
//! ```
//! use futures::{SinkExt, StreamExt};
//! use sinew_codec::{Framed, LinesCodec};
//! use sinew_io::duplex;
//!
//! # futures::executor::block_on(async {
//! let (near, far) = duplex(1024);
//! let mut near = Framed::new(near, LinesCodec::new_with_max_length(80));
//! let mut far = Framed::new(far, LinesCodec::new_with_max_length(80));
//!
//! near.send("hello").await?;
//! near.send("world").await?;
//! drop(near);
//! assert_eq!(far.next().await.unwrap()?, "hello");
//! assert_eq!(far.next().await.unwrap()?, "world");
//! assert!(far.next().await.is_none());
//! # Ok::<_, sinew_codec::LinesCodecError>(())
//! # }).unwrap();
//! ```
//!
//! The items and their behaviour are those of tokio-util's `codec`, over the IO traits of
//! `futures-io`. Beyond it, reads and writes that are `Interrupted` are tried again, and a length
//! that a peer announces makes nobody allocate before its bytes come.
//!
//! # Cancelling
//!
//! A stream's `next` loses nothing when it is dropped: what was read of a frame stays in the
//! buffer. A sink's `send` first waits for room, then encodes the item into the buffer, then
//! flushes. Dropped in the first part, the item is gone; in the last, it is sent by the next flush.
//! To know which it was, use `feed` and `flush`: `feed` has done nothing until it is ready, `flush`
//! can be repeated.
//!
//! # When not to use this crate
//!
//! - For a length and a few bytes, `read_u32` and `read_exact` of `sinew-io` are as short and need
//!   no buffer.
//! - For lines of a peer that is trusted, `lines()` of `sinew-io` does.
//! - For HTTP and other protocols whose frames depend on what both sides have said, use the crate
//!   that knows the protocol.

#![forbid(unsafe_code)]

mod any_delimiter_codec;
mod bytes_codec;
mod decoder;
mod delimited;
mod encoder;
mod framed;
mod framed_read;
mod framed_write;
mod lines_codec;
mod read_frames;
mod write_frames;

pub mod length_delimited;

pub use self::any_delimiter_codec::{AnyDelimiterCodec, AnyDelimiterCodecError};
pub use self::bytes_codec::BytesCodec;
pub use self::decoder::Decoder;
pub use self::encoder::Encoder;
pub use self::framed::{Framed, FramedParts};
pub use self::framed_read::FramedRead;
pub use self::framed_write::FramedWrite;
pub use self::length_delimited::{LengthDelimitedCodec, LengthDelimitedCodecError};
pub use self::lines_codec::{LinesCodec, LinesCodecError};

/// The capacity of a buffer, and the fill from which a sink flushes, when none is given, in bytes.
const CAPACITY: usize = 8 * 1024;
