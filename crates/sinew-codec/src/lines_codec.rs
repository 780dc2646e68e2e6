use std::error::Error;
use std::{fmt, io, str};

use bytes::{BufMut, BytesMut};
use memchr::memchr;

use crate::delimited::{Found, Search};
use crate::{Decoder, Encoder};

/// Lines of text, ended by `\n` or `\r\n`; it sends them with `\n`.
///
/// Lines from a stranger need a limit, or one without an end fills the memory:
///
/// ```
/// use bytes::BytesMut;
/// use sinew_codec::{Decoder, LinesCodec, LinesCodecError};
///
/// let mut codec = LinesCodec::new_with_max_length(4);
/// let mut buf = BytesMut::from("one\r\nthirteen\ntwo");
/// assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), "one");
/// let error = codec.decode(&mut buf).unwrap_err();
/// assert!(matches!(error, LinesCodecError::MaxLineLengthExceeded));
/// assert_eq!(codec.decode(&mut buf).unwrap(), None);
/// assert_eq!(codec.decode_eof(&mut buf).unwrap().unwrap(), "two");
/// ```
///
/// The bytes before the `\n` are counted, a `\r` among them. A last line without `\n` is a line,
/// unless it is empty or a lone `\r`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinesCodec {
    search: Search,
}

impl LinesCodec {
    /// Lines of any length.
    pub fn new() -> Self {
        Self::new_with_max_length(usize::MAX)
    }

    /// Lines of at most `max_length` bytes. A longer one is an error, after which decoding goes on
    /// with the next line; nothing of it is kept meanwhile.
    pub fn new_with_max_length(max_length: usize) -> Self {
        Self {
            search: Search::new(max_length),
        }
    }

    /// The most bytes that a line may have.
    pub fn max_length(&self) -> usize {
        self.search.max_length()
    }
}

/// The line without its `\r`.
fn text(line: &[u8]) -> Result<String, LinesCodecError> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = str::from_utf8(line).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, "Unable to decode input as UTF8")
    })?;
    Ok(text.to_owned())
}

impl Decoder for LinesCodec {
    type Item = String;
    type Error = LinesCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<String>, LinesCodecError> {
        match self.search.next(src, |bytes| memchr(b'\n', bytes)) {
            Found::Piece(line) => text(&line).map(Some),
            Found::TooLong => Err(LinesCodecError::MaxLineLengthExceeded),
            Found::Nothing => Ok(None),
        }
    }

    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<String>, LinesCodecError> {
        if let Some(line) = self.decode(buf)? {
            return Ok(Some(line));
        }
        // A lone carriage return stays: bytes may come after this end, and they belong to its line.
        if &buf[..] == b"\r" {
            return Ok(None);
        }
        self.search.rest(buf).map(|line| text(&line)).transpose()
    }
}

impl<T: AsRef<str>> Encoder<T> for LinesCodec {
    type Error = LinesCodecError;

    fn encode(&mut self, line: T, dst: &mut BytesMut) -> Result<(), LinesCodecError> {
        let line = line.as_ref();
        dst.reserve(line.len() + 1);
        dst.put_slice(line.as_bytes());
        dst.put_u8(b'\n');
        Ok(())
    }
}

impl Default for LinesCodec {
    fn default() -> Self {
        Self::new()
    }
}

/// How [`LinesCodec`] fails.
#[derive(Debug)]
pub enum LinesCodecError {
    /// A line was longer than allowed.
    MaxLineLengthExceeded,
    /// Reading or writing failed, or with `InvalidData`, a line was not UTF-8.
    Io(io::Error),
}

impl fmt::Display for LinesCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxLineLengthExceeded => f.write_str("max line length exceeded"),
            Self::Io(e) => fmt::Display::fmt(e, f),
        }
    }
}

impl From<io::Error> for LinesCodecError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Error for LinesCodecError {}
