//! Requests from bytes, in whatever chunks they come.
//!
//! A request is an array of bulk strings (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`) or,
//! from people at a terminal, a line of words. [`Parser`] does no IO and copies
//! nothing: it remembers how far it came in the bytes that the caller keeps, and
//! where in them the arguments are. What a stranger claims costs nothing until
//! he sends it: no length from the wire is allocated ahead.

mod inline;

use std::fmt;
use std::ops::Range;

use memchr::memchr;

use crate::number;

/// What a client may send.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest argument, in bytes.
    pub bulk: usize,
    /// The most arguments of one request.
    pub args: usize,
    /// The longest line, in bytes: a request of words, or the head of an array
    /// or a string.
    pub line: usize,
    /// The largest array of strings as a whole, in bytes.
    pub request: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            bulk: 512 << 20,
            args: 1 << 20,
            line: 64 << 10,
            request: 1 << 30,
        }
    }
}

/// Why bytes are no request. The connection is of no use after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The number of arguments is none, or is above the limit.
    ArrayLength,
    /// The length of an argument is none, or is above the limit.
    BulkLength,
    /// An argument does not begin with `$`, but with this.
    NotBulk(u8),
    /// No line end after an argument or a length.
    NoLineEnd,
    /// The line with the number of arguments does not end.
    ArrayLineTooLong,
    /// The line with the length of an argument does not end.
    BulkLineTooLong,
    /// A request of words does not end.
    InlineTooLong,
    /// A quoted word does not end, or goes on after the quote.
    Quotes,
    /// More bytes than a request may have.
    RequestTooLong,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProtocolError::ArrayLength => "invalid multibulk length",
            ProtocolError::BulkLength => "invalid bulk length",
            ProtocolError::NotBulk(byte) => {
                // A line end would end the reply in its middle.
                let shown = if byte.is_ascii_graphic() { *byte } else { b'?' };
                return write!(f, "expected '$', got '{}'", char::from(shown));
            }
            ProtocolError::NoLineEnd => "expected a line end",
            ProtocolError::ArrayLineTooLong => "too big mbulk count string",
            ProtocolError::BulkLineTooLong => "too big bulk count string",
            ProtocolError::InlineTooLong => "too big inline request",
            ProtocolError::Quotes => "unbalanced quotes in request",
            ProtocolError::RequestTooLong => "too big request",
        })
    }
}

impl std::error::Error for ProtocolError {}

/// The arguments of a request, the command's name first.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    bytes: &'a [u8],
    args: &'a [Range<usize>],
}

impl<'a> Request<'a> {
    /// How many arguments there are, with the name. None for an empty line or
    /// array, which asks for nothing.
    #[must_use]
    pub fn len(&self) -> usize {
        self.args.len()
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.args.is_empty()
    }

    /// Argument `index`.
    ///
    /// # Panics
    ///
    /// When there are not so many.
    #[must_use]
    pub fn arg(&self, index: usize) -> &'a [u8] {
        &self.bytes[self.args[index].clone()]
    }

    /// The arguments from `index` on.
    ///
    /// # Panics
    ///
    /// When there are not so many.
    pub fn args_from(&self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        self.args[index..]
            .iter()
            .map(move |arg| &bytes[arg.clone()])
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.args_from(0).map(String::from_utf8_lossy))
            .finish()
    }
}

/// Where a parser is within a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    /// Before the length of an argument; so many are to come.
    Length(usize),
    /// Before the bytes of an argument of this length; so many are to come, with it.
    Bytes(usize, usize),
    /// After the end.
    End,
}

/// Takes requests off the front of bytes. See the [module](self).
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    place: Place,
    /// How many bytes of the request are behind `place`.
    done: usize,
    args: Vec<Range<usize>>,
    /// Words of a line, without their quotes.
    words: Vec<u8>,
}

/// The ranges that a parser keeps allocated between requests.
const KEPT_ARGS: usize = 1024;

impl Parser {
    /// A parser at the start of a request.
    #[must_use]
    pub fn new(limits: Limits) -> Parser {
        Parser {
            limits,
            place: Place::Start,
            done: 0,
            args: Vec::new(),
            words: Vec::new(),
        }
    }

    /// The request at the front of `input` and its length in bytes, which the
    /// caller drops before the next call; `None` when it is not whole: then the
    /// caller calls again with the same bytes and more.
    ///
    /// # Errors
    ///
    /// The bytes are no request, or exceed a limit, as soon as that is known.
    pub fn parse<'a>(
        &'a mut self,
        input: &'a [u8],
    ) -> Result<Option<(Request<'a>, usize)>, ProtocolError> {
        if self.place == Place::End {
            self.restart();
        }
        let mut inline = false;
        loop {
            let more = match self.place {
                Place::Start => match input.first() {
                    None => false,
                    Some(b'*') => self.array(input)?,
                    Some(_) => {
                        inline = true;
                        self.line_of_words(input)?
                    }
                },
                Place::Length(left) => self.length(input, left)?,
                Place::Bytes(length, left) => self.bytes(input, length, left)?,
                Place::End => break,
            };
            if !more {
                return Ok(None);
            }
        }
        let request = Request {
            bytes: if inline { &self.words } else { input },
            args: &self.args,
        };
        Ok(Some((request, self.done)))
    }

    /// How many bytes are missing at least; 0 if that is not known.
    #[must_use]
    pub fn missing(&self, input: &[u8]) -> usize {
        match self.place {
            Place::Bytes(length, _) => (self.done + length + 2).saturating_sub(input.len()),
            _ => 0,
        }
    }

    fn restart(&mut self) {
        self.place = Place::Start;
        self.done = 0;
        self.args.clear();
        self.args.shrink_to(KEPT_ARGS);
        self.words.clear();
    }

    /// Each of the following goes one place on, or says `false` when bytes are missing.
    fn array(&mut self, input: &[u8]) -> Result<bool, ProtocolError> {
        let Some(line) = self.line(input, ProtocolError::ArrayLineTooLong)? else {
            return Ok(false);
        };
        let count = number::parse(line).ok_or(ProtocolError::ArrayLength)?;
        let count = usize::try_from(count).unwrap_or(0);
        if count > self.limits.args {
            return Err(ProtocolError::ArrayLength);
        }
        self.done += 1 + line.len() + 2;
        self.place = place_before(count);
        Ok(true)
    }

    fn length(&mut self, input: &[u8], left: usize) -> Result<bool, ProtocolError> {
        match input.get(self.done) {
            None => return Ok(false),
            Some(b'$') => {}
            Some(&byte) => return Err(ProtocolError::NotBulk(byte)),
        }
        let Some(line) = self.line(input, ProtocolError::BulkLineTooLong)? else {
            return Ok(false);
        };
        let length = number::parse(line)
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| *length <= self.limits.bulk)
            .ok_or(ProtocolError::BulkLength)?;
        self.done += 1 + line.len() + 2;
        if self.done + length + 2 > self.limits.request {
            return Err(ProtocolError::RequestTooLong);
        }
        self.place = Place::Bytes(length, left);
        Ok(true)
    }

    fn bytes(&mut self, input: &[u8], length: usize, left: usize) -> Result<bool, ProtocolError> {
        let end = self.done + length;
        let Some(line_end) = input.get(end..end + 2) else {
            return Ok(false);
        };
        if line_end != b"\r\n" {
            return Err(ProtocolError::NoLineEnd);
        }
        self.args.push(self.done..end);
        self.done = end + 2;
        self.place = place_before(left - 1);
        Ok(true)
    }

    /// The line at `done` without its first byte and its end.
    fn line<'a>(
        &self,
        input: &'a [u8],
        too_long: ProtocolError,
    ) -> Result<Option<&'a [u8]>, ProtocolError> {
        let rest = &input[self.done + 1..];
        let within = &rest[..rest.len().min(self.limits.line)];
        match memchr(b'\r', within) {
            None if rest.len() >= self.limits.line => Err(too_long),
            None => Ok(None),
            Some(end) => match rest.get(end + 1) {
                None => Ok(None),
                Some(b'\n') => Ok(Some(&rest[..end])),
                Some(_) => Err(ProtocolError::NoLineEnd),
            },
        }
    }

    fn line_of_words(&mut self, input: &[u8]) -> Result<bool, ProtocolError> {
        let within = &input[..input.len().min(self.limits.line)];
        let Some(end) = memchr(b'\n', within) else {
            let too_long = input.len() >= self.limits.line;
            return if too_long {
                Err(ProtocolError::InlineTooLong)
            } else {
                Ok(false)
            };
        };
        let line = input[..end].strip_suffix(b"\r").unwrap_or(&input[..end]);
        inline::split(line, &mut self.words, &mut self.args).ok_or(ProtocolError::Quotes)?;
        self.done = end + 1;
        self.place = Place::End;
        Ok(true)
    }
}

/// Before the first of `left` arguments.
fn place_before(left: usize) -> Place {
    if left == 0 {
        Place::End
    } else {
        Place::Length(left)
    }
}

/// Writes a request as an array of strings.
pub fn encode<A: AsRef<[u8]>>(args: &[A], to: &mut Vec<u8>) {
    to.extend_from_slice(format!("*{}\r\n", args.len()).as_bytes());
    for arg in args.iter().map(AsRef::as_ref) {
        to.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        to.extend_from_slice(arg);
        to.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests;
