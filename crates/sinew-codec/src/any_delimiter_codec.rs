use std::error::Error;
use std::{fmt, io};

use bytes::{BufMut, Bytes, BytesMut};
use memchr::{memchr, memchr2, memchr3};

use crate::delimited::{Found, Search};
use crate::{Decoder, Encoder};

/// Pieces between delimiters of one byte each, several of which may be in use; it sends each piece
/// with one sequence of bytes behind it.
///
/// ```
/// use bytes::BytesMut;
/// use sinew_codec::{AnyDelimiterCodec, Decoder, Encoder};
///
/// let mut codec = AnyDelimiterCodec::new(b",;".to_vec(), b"; ".to_vec());
/// let mut buf = BytesMut::from("a,b;c");
/// assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), "a");
/// assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), "b");
/// assert_eq!(codec.decode(&mut buf).unwrap(), None);
/// assert_eq!(codec.decode_eof(&mut buf).unwrap().unwrap(), "c");
/// codec.encode("d", &mut buf).unwrap();
/// assert_eq!(buf, "d; ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyDelimiterCodec {
    search: Search,
    seek_delimiters: Vec<u8>,
    sequence_writer: Vec<u8>,
}

impl AnyDelimiterCodec {
    /// Pieces of any length between any of `seek_delimiters`, sent with `sequence_writer` behind
    /// each.
    pub fn new(seek_delimiters: Vec<u8>, sequence_writer: Vec<u8>) -> Self {
        Self::new_with_max_length(seek_delimiters, sequence_writer, usize::MAX)
    }

    /// As [`new`](Self::new), for pieces of at most `max_length` bytes. A longer one is an error,
    /// after which decoding goes on with the next piece; nothing of it is kept meanwhile.
    pub fn new_with_max_length(
        seek_delimiters: Vec<u8>,
        sequence_writer: Vec<u8>,
        max_length: usize,
    ) -> Self {
        Self {
            search: Search::new(max_length),
            seek_delimiters,
            sequence_writer,
        }
    }

    /// The most bytes that a piece may have.
    pub fn max_length(&self) -> usize {
        self.search.max_length()
    }
}

/// The first of the delimiters in `bytes`.
fn find(delimiters: &[u8], bytes: &[u8]) -> Option<usize> {
    match *delimiters {
        [a] => memchr(a, bytes),
        [a, b] => memchr2(a, b, bytes),
        [a, b, c] => memchr3(a, b, c, bytes),
        _ => bytes.iter().position(|byte| delimiters.contains(byte)),
    }
}

impl Decoder for AnyDelimiterCodec {
    type Item = Bytes;
    type Error = AnyDelimiterCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, AnyDelimiterCodecError> {
        match self.search.next(src, |b| find(&self.seek_delimiters, b)) {
            Found::Piece(piece) => Ok(Some(piece.freeze())),
            Found::TooLong => Err(AnyDelimiterCodecError::MaxChunkLengthExceeded),
            Found::Nothing => Ok(None),
        }
    }

    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, AnyDelimiterCodecError> {
        if let Some(piece) = self.decode(buf)? {
            return Ok(Some(piece));
        }
        Ok(self.search.rest(buf).map(BytesMut::freeze))
    }
}

impl<T: AsRef<str>> Encoder<T> for AnyDelimiterCodec {
    type Error = AnyDelimiterCodecError;

    fn encode(&mut self, chunk: T, dst: &mut BytesMut) -> Result<(), AnyDelimiterCodecError> {
        let chunk = chunk.as_ref();
        dst.reserve(chunk.len() + self.sequence_writer.len());
        dst.put_slice(chunk.as_bytes());
        dst.put_slice(&self.sequence_writer);
        Ok(())
    }
}

/// Pieces between `,`, `;`, `\n` and `\r`, sent with `,`.
impl Default for AnyDelimiterCodec {
    fn default() -> Self {
        Self::new(b",;\n\r".to_vec(), b",".to_vec())
    }
}

/// How [`AnyDelimiterCodec`] fails.
#[derive(Debug)]
pub enum AnyDelimiterCodecError {
    /// A piece was longer than allowed.
    MaxChunkLengthExceeded,
    /// Reading or writing failed.
    Io(io::Error),
}

impl fmt::Display for AnyDelimiterCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxChunkLengthExceeded => f.write_str("max chunk length exceeded"),
            Self::Io(e) => fmt::Display::fmt(e, f),
        }
    }
}

impl From<io::Error> for AnyDelimiterCodecError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Error for AnyDelimiterCodecError {}
