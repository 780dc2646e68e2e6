//! Frames with their length in front.
//!
//! A frame on the wire is a head, then the payload:
//!
//! ```text
//!  <------------- head ------------->
//! +--------------+--------------+----+------------------+
//! | offset bytes | length field | .. |     payload      |
//! +--------------+--------------+----+------------------+
//!  <----- skipped when decoding ----> <- length + adjustment ->
//! ```
//!
//! [`Builder`] sets each of these: [`length_field_offset`](Builder::length_field_offset) how many
//! bytes stand before the field, [`length_field_length`](Builder::length_field_length) how wide it
//! is, [`length_adjustment`](Builder::length_adjustment) what to add to the field to get the number
//! of bytes that follow, and [`num_skip`](Builder::num_skip) how many bytes of the frame's
//! beginning are no part of the item. With none of them set, the field is four bytes wide,
//! big-endian, and the item is what follows it.
//!
//! What is sent consists of the length field and the payload, whatever the offset.
//!
//! A field that counts itself as well:
//!
//! ```
//! use bytes::BytesMut;
//! use sinew_codec::{Decoder, LengthDelimitedCodec};
//!
//! let mut codec = LengthDelimitedCodec::builder()
//!     .length_field_type::<u16>()
//!     .length_adjustment(-2)
//!     .new_codec();
//! let mut buf = BytesMut::from(&b"\x00\x07hello\x00"[..]);
//! assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), "hello");
//! assert_eq!(codec.decode(&mut buf).unwrap(), None);
//! ```
//!
//! A head that is wanted too, type and length:
//!
//! ```
//! use bytes::BytesMut;
//! use sinew_codec::{Decoder, LengthDelimitedCodec};
//!
//! let mut codec = LengthDelimitedCodec::builder()
//!     .length_field_offset(1)
//!     .length_field_length(3)
//!     .length_adjustment(4)
//!     .num_skip(0)
//!     .new_codec();
//! let mut buf = BytesMut::from(&b"T\x00\x00\x02hi"[..]);
//! assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), &b"T\x00\x00\x02hi"[..]);
//! ```

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, Result};

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::{Decoder, Encoder};

mod builder;

pub use self::builder::Builder;

/// The most room made for a payload before its bytes come: as much as one read takes. A peer that
/// announces megabytes and sends nothing costs no more.
const MOST_RESERVED: usize = 64 * 1024;

/// Frames with their length in front.
///
/// ```
/// use bytes::Bytes;
/// use futures::{SinkExt, StreamExt};
/// use sinew_codec::{Framed, LengthDelimitedCodec};
/// use sinew_io::duplex;
///
/// # futures::executor::block_on(async {
/// let (near, far) = duplex(64);
/// let mut near = Framed::new(near, LengthDelimitedCodec::new());
/// let mut far = LengthDelimitedCodec::builder().new_framed(far);
/// near.send(Bytes::from("hello")).await?;
/// assert_eq!(far.next().await.unwrap()?, "hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
///
/// Decoding fails with `InvalidData` when a length is more than allowed, and with `InvalidInput`
/// when the adjustment takes it below 0 or beyond `usize`; encoding fails with `InvalidInput` in
/// both cases. The error inside the first is a [`LengthDelimitedCodecError`].
#[derive(Clone, Debug)]
pub struct LengthDelimitedCodec {
    builder: Builder,
    /// The payload's length, once the head has been decoded.
    payload: Option<usize>,
}

impl LengthDelimitedCodec {
    /// A field of four bytes, big-endian, and frames of at most 8 MiB.
    pub fn new() -> Self {
        Builder::new().new_codec()
    }

    /// To set what differs from [`new`](Self::new).
    pub fn builder() -> Builder {
        Builder::new()
    }

    fn with(builder: Builder) -> Self {
        Self {
            builder,
            payload: None,
        }
    }

    /// The greatest value of the length field that is accepted, and the longest payload that is
    /// sent, in bytes.
    pub fn max_frame_length(&self) -> usize {
        self.builder.max_frame_len
    }

    /// Sets [`max_frame_length`](Self::max_frame_length), at most to what the length field can
    /// hold. It takes effect with the next head; a frame whose head was decoded stays allowed.
    pub fn set_max_frame_length(&mut self, val: usize) {
        self.builder.max_frame_length(val);
        self.builder.limit_to_field();
    }

    /// Takes the head off `src` and gives the payload's length.
    fn decode_head(&self, src: &mut BytesMut) -> Result<Option<usize>> {
        let head = &self.builder;
        if src.len() < head.head_len() {
            return Ok(None);
        }
        let mut field = &src[head.length_field_offset..];
        let value = if head.big_endian {
            field.get_uint(head.length_field_len)
        } else {
            field.get_uint_le(head.length_field_len)
        };
        let length = match usize::try_from(value) {
            Ok(length) if length <= head.max_frame_len => length,
            _ => return Err(too_big(ErrorKind::InvalidData)),
        };
        let payload = length
            .checked_add_signed(head.length_adjustment)
            .ok_or_else(overflow)?;
        src.advance(head.skipped());
        src.reserve(payload.saturating_sub(src.len()).min(MOST_RESERVED));
        Ok(Some(payload))
    }
}

fn too_big(kind: ErrorKind) -> io::Error {
    io::Error::new(kind, LengthDelimitedCodecError { _priv: () })
}

fn overflow() -> io::Error {
    io::Error::new(
        ErrorKind::InvalidInput,
        "provided length would overflow after adjustment",
    )
}

impl Decoder for LengthDelimitedCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<BytesMut>> {
        if self.payload.is_none() {
            self.payload = self.decode_head(src)?;
        }
        match self.payload {
            Some(length) if length <= src.len() => {
                self.payload = None;
                let frame = src.split_to(length);
                src.reserve(self.builder.head_len().saturating_sub(src.len()));
                Ok(Some(frame))
            }
            _ => Ok(None),
        }
    }
}

impl Encoder<Bytes> for LengthDelimitedCodec {
    type Error = io::Error;

    fn encode(&mut self, data: Bytes, dst: &mut BytesMut) -> Result<()> {
        self.encode(&data[..], dst)
    }
}

impl Encoder<&[u8]> for LengthDelimitedCodec {
    type Error = io::Error;

    fn encode(&mut self, data: &[u8], dst: &mut BytesMut) -> Result<()> {
        let head = &self.builder;
        if data.len() > head.max_frame_len {
            return Err(too_big(ErrorKind::InvalidInput));
        }
        let value = match head.length_adjustment {
            adjustment if adjustment < 0 => data.len().checked_add(adjustment.unsigned_abs()),
            adjustment => data.len().checked_sub(adjustment.unsigned_abs()),
        };
        let value = value.ok_or_else(overflow)? as u64;
        dst.reserve(head.length_field_len + data.len());
        if head.big_endian {
            dst.put_uint(value, head.length_field_len);
        } else {
            dst.put_uint_le(value, head.length_field_len);
        }
        dst.put_slice(data);
        Ok(())
    }
}

impl Default for LengthDelimitedCodec {
    fn default() -> Self {
        Self::new()
    }
}

/// A frame was longer than allowed. It is inside the [`io::Error`] that [`LengthDelimitedCodec`]
/// gives.
pub struct LengthDelimitedCodecError {
    _priv: (),
}

impl fmt::Debug for LengthDelimitedCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LengthDelimitedCodecError").finish()
    }
}

impl fmt::Display for LengthDelimitedCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("frame size too big")
    }
}

impl Error for LengthDelimitedCodecError {}
