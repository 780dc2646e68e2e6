//! Asynchronous input and output on the traits of [`futures_io`]: extension methods under tokio's
//! names, buffered readers and writers, copying, splitting, and streams in memory.
//!
//! Nothing here needs a runtime: the crate works on whatever implements the traits, under any
//! executor. The only input and output that it does itself is that of the standard streams, each on
//! a thread of its own.
//!
//! ```
//! use sinew_io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
//!
//! # futures::executor::block_on(async {
//! let (mut client, server) = duplex(1024);
//! client.write_all(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").await?;
//!
//! let mut lines = BufReader::new(server).lines();
//! assert_eq!(lines.next_line().await?.as_deref(), Some("GET / HTTP/1.1"));
//! assert_eq!(lines.next_line().await?.as_deref(), Some("Host: example.org"));
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```
//!
//! # What is in it
//!
//! | | |
//! |-|-|
//! | traits | [`AsyncRead`], [`AsyncBufRead`], [`AsyncWrite`], [`AsyncSeek`] |
//! | methods | [`AsyncReadExt`], [`AsyncBufReadExt`], [`AsyncWriteExt`], [`AsyncSeekExt`] |
//! | buffers | [`BufReader`], [`BufWriter`], [`BufStream`], [`LineWriter`] |
//! | pieces | [`Lines`], [`Split`], [`Take`], [`Chain`] |
//! | copying | [`copy`], [`copy_buf`], [`copy_bidirectional`], and how the system does it: [`splice`] |
//! | halves | [`split`], [`join`] |
//! | in memory | [`duplex`], [`simplex()`], [`Cursor`] |
//! | standard streams | [`stdin`], [`stdout`], [`stderr`] |
//! | trivial | [`empty`], [`repeat`], [`sink`] |
//! | streams and sinks of bytes | [`ReaderStream`], [`StreamReader`], [`SinkWriter`], [`CopyToBytes`], [`IntoSink`] |
//! | looking on | [`InspectReader`], [`InspectWriter`] |
//! | for blocking code | [`SyncIoBridge`] |
//!
//! # Cancelling
//!
//! Every operation's `# Cancel safety` section says what is lost when its future is dropped before
//! it is ready. The operations on several bytes keep their progress in a future that is `Unpin`, so
//! none of them loses anything if it is awaited by reference and kept:
//!
//! ```
//! use futures::future::{Either, select};
//! use sinew_io::{AsyncReadExt, AsyncWriteExt, duplex};
//!
//! # futures::executor::block_on(async {
//! let (mut near, mut far) = duplex(1024);
//! let mut buf = [0; 6];
//! let mut whole = near.read_exact(&mut buf);
//!
//! for part in [b"abc", b"def"] {
//!     // The write wins each time but the last; the read goes on where it was.
//!     let write = far.write_all(part);
//!     match select(&mut whole, write).await {
//!         Either::Left((count, _)) => assert_eq!(count?, 6),
//!         Either::Right((written, _)) => written?,
//!     }
//! }
//! assert_eq!(whole.await?, 6);
//! assert_eq!(&buf, b"abcdef");
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```
//!
//! # Two families of traits
//!
//! The futures crate has extension traits of the same names on the same four traits, tokio has its
//! own four traits and extension traits again of the same names. A type may implement both
//! families. Method calls are ambiguous only where extension traits of two families are in scope:
//! import those of one, either `sinew_io::{AsyncReadExt, …}` or the other crate's.
//!
//! With feature `tokio-io` every type here implements tokio's four traits too, and with feature
//! `hyper` hyper 1's `rt::Read` and `rt::Write`; the module `compat` wraps foreign types.
//!
//! The methods here are tokio's in name, arguments and result where tokio has them:
//! [`read_exact`](AsyncReadExt::read_exact) gives the count, [`lines`](AsyncBufReadExt::lines) has
//! [`next_line`](Lines::next_line), the halves come from the function [`split`]. What follows from
//! the traits themselves differs: reading is into initialized memory, and
//! [`shutdown`](AsyncWriteExt::shutdown) is the trait's `poll_close`.
//!
//! # When not to use this crate
//!
//! - For files and sockets that may block, use `std::io` on a thread, or the crates that own those
//!   resources.
//! - With tokio's traits: the methods here do not apply to them.
//! - For bytes that are all in memory already: `std::io`'s traits are simpler and as fast.
//! - For messages between tasks: a channel keeps their boundaries, [`duplex`] does not.

#![forbid(unsafe_code)]

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod async_buf_read_ext;
mod async_read_ext;
mod async_seek_ext;
mod async_write_ext;
mod buf_reader;
mod buf_stream;
mod buf_writer;
mod claim;
mod copy;
mod copy_to_bytes;
mod cursor;
mod duplex;
mod empty;
mod functions;
mod inspect;
mod join;
mod line_writer;
mod number;
mod read_exact_arc;
mod reader_stream;
mod repeat;
mod simplex_stream;
mod sink;
mod sink_writer;
mod spend;
mod split;
mod stdio;
mod stream_reader;
mod sync_bridge;
mod transfer_bytes;
mod utf8;

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
pub mod compat;
pub mod simplex;
pub mod splice;
pub mod stream;

#[doc(hidden)]
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
pub use crate::adapters::__private;

#[doc(no_inline)]
pub use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
/// The buffer that tokio's [`AsyncRead`](tokio::io::AsyncRead) reads into.
#[cfg(feature = "tokio-io")]
#[doc(no_inline)]
pub use tokio::io::ReadBuf;

#[doc(no_inline)]
pub use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result, SeekFrom};

pub use crate::async_buf_read_ext::{AsyncBufReadExt, FillBuf, Lines, ReadLine, ReadUntil, Split};
pub use crate::async_read_ext::{
    AsyncReadExt, Chain, Read, ReadExact, ReadIntoBuf, ReadNumber, ReadToEnd, ReadToString,
    ReadVectored, Take,
};
pub use crate::async_seek_ext::{AsyncSeekExt, Seek};
pub use crate::async_write_ext::{
    AsyncWriteExt, Close, Flush, IntoSink, Shutdown, Write, WriteAll, WriteAllFromBuf,
    WriteAllVectored, WriteFromBuf, WriteNumber, WriteVectored,
};
pub use crate::buf_reader::BufReader;
pub use crate::buf_stream::BufStream;
pub use crate::buf_writer::BufWriter;
pub use crate::copy::{
    Copy, CopyBidirectional, CopyBuf, copy, copy_bidirectional, copy_bidirectional_with_sizes,
    copy_buf,
};
pub use crate::copy_to_bytes::CopyToBytes;
pub use crate::cursor::Cursor;
pub use crate::duplex::{DuplexStream, duplex};
pub use crate::empty::{Empty, empty};
pub use crate::functions::{read_buf, write_all_vectored};
pub use crate::inspect::{InspectReader, InspectWriter};
pub use crate::join::{Join, join};
pub use crate::line_writer::LineWriter;
pub use crate::number::{BigEndian, ByteOrder, LittleEndian, Number};
pub use crate::read_exact_arc::read_exact_arc;
pub use crate::reader_stream::ReaderStream;
pub use crate::repeat::{Repeat, repeat};
pub use crate::simplex_stream::{SimplexStream, simplex};
pub use crate::sink::{Sink, sink};
pub use crate::sink_writer::SinkWriter;
pub use crate::split::{ReadHalf, WriteHalf, split};
pub use crate::stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
pub use crate::stream_reader::StreamReader;
pub use crate::sync_bridge::SyncIoBridge;
pub use crate::transfer_bytes::{poll_read_buf, poll_write_buf};

/// The size of a buffer when none is given, in bytes: a page or two, as `std` and tokio have it.
const DEFAULT_BUF_SIZE: usize = 8 * 1024;
