//! Replies from bytes, as a client reads them.

use std::fmt;

use bytes::Bytes;
use memchr::memchr;

use crate::number;

/// Arrays within arrays are refused when they are deeper than this.
const MAX_DEPTH: usize = 32;

/// The longest line, in bytes.
const MAX_LINE: usize = 64 << 10;

/// The longest string, in bytes.
const MAX_BULK: usize = 512 << 20;

/// What a server has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A status.
    Simple(Bytes),
    /// An error.
    Error(Bytes),
    /// An integer.
    Integer(i64),
    /// A string.
    Bulk(Bytes),
    /// No string, or no array.
    None,
    /// Replies in order.
    Array(Vec<Reply>),
}

/// The bytes are no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// No kind of reply begins with this byte.
    Kind(u8),
    /// A length or an integer is none.
    Number,
    /// A line or a string does not end where it should.
    End,
    /// Arrays are nested too deeply.
    Depth,
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplyError::Kind(byte) => write!(f, "no reply begins with byte {byte:#04x}"),
            ReplyError::Number => f.write_str("a number was expected"),
            ReplyError::End => f.write_str("a line end was expected"),
            ReplyError::Depth => write!(f, "arrays are more than {MAX_DEPTH} deep"),
        }
    }
}

impl std::error::Error for ReplyError {}

/// Takes replies off the front of bytes, in whatever chunks they come.
#[derive(Debug, Default)]
pub struct ReplyParser {
    /// How many bytes of the reply were used.
    done: usize,
    /// Arrays that are not whole: how many elements are to come, and the others.
    open: Vec<(usize, Vec<Reply>)>,
}

impl ReplyParser {
    /// A parser at the start of a reply.
    #[must_use]
    pub fn new() -> ReplyParser {
        ReplyParser::default()
    }

    /// The reply at the front of `input` and its length in bytes, which the caller
    /// drops before the next call; `None` when it is not whole: then the caller
    /// calls again with the same bytes and more.
    ///
    /// # Errors
    ///
    /// The bytes are no reply, or exceed a limit.
    pub fn parse(&mut self, input: &[u8]) -> Result<Option<(Reply, usize)>, ReplyError> {
        while let Some((piece, length)) = piece(&input[self.done..])? {
            self.done += length;
            let mut reply = match piece {
                Piece::Reply(reply) => reply,
                Piece::Head(_) if self.open.len() == MAX_DEPTH => return Err(ReplyError::Depth),
                Piece::Head(count) => {
                    self.open.push((count, Vec::new()));
                    continue;
                }
            };
            loop {
                let Some((left, elements)) = self.open.last_mut() else {
                    return Ok(Some((reply, std::mem::take(&mut self.done))));
                };
                elements.push(reply);
                *left -= 1;
                if *left > 0 {
                    break;
                }
                reply = Reply::Array(std::mem::take(elements));
                self.open.pop();
            }
        }
        Ok(None)
    }
}

/// What can be told from one line.
enum Piece {
    Reply(Reply),
    /// An array of so many elements, which follow; not zero.
    Head(usize),
}

fn piece(input: &[u8]) -> Result<Option<(Piece, usize)>, ReplyError> {
    let Some((&kind, rest)) = input.split_first() else {
        return Ok(None);
    };
    let Some(line) = line(rest)? else {
        return Ok(None);
    };
    let head = 1 + line.len() + 2;
    let number = || number::parse(line).ok_or(ReplyError::Number);
    let reply = match kind {
        b'+' => Reply::Simple(Bytes::copy_from_slice(line)),
        b'-' => Reply::Error(Bytes::copy_from_slice(line)),
        b':' => Reply::Integer(number()?),
        b'$' | b'*' if number()? == -1 => Reply::None,
        b'$' => {
            let length = usize::try_from(number()?).map_err(|_| ReplyError::Number)?;
            if length > MAX_BULK {
                return Err(ReplyError::Number);
            }
            let Some(bytes) = input.get(head..head + length + 2) else {
                return Ok(None);
            };
            let bytes = bytes.strip_suffix(b"\r\n").ok_or(ReplyError::End)?;
            return Ok(Some((
                Piece::Reply(Reply::Bulk(Bytes::copy_from_slice(bytes))),
                head + length + 2,
            )));
        }
        b'*' => match usize::try_from(number()?).map_err(|_| ReplyError::Number)? {
            0 => Reply::Array(Vec::new()),
            count => return Ok(Some((Piece::Head(count), head))),
        },
        other => return Err(ReplyError::Kind(other)),
    };
    Ok(Some((Piece::Reply(reply), head)))
}

/// The line at the front, without its end.
fn line(input: &[u8]) -> Result<Option<&[u8]>, ReplyError> {
    let within = &input[..input.len().min(MAX_LINE)];
    match memchr(b'\r', within) {
        None if input.len() >= MAX_LINE => Err(ReplyError::End),
        None => Ok(None),
        Some(end) => match input.get(end + 1) {
            None => Ok(None),
            Some(b'\n') => Ok(Some(&input[..end])),
            Some(_) => Err(ReplyError::End),
        },
    }
}

impl Reply {
    /// Writes it for people, as `redis-cli` does: each element of an array in a
    /// line of its own, with its number.
    pub fn show(&self, to: &mut String) {
        self.show_indented(0, to);
        to.push('\n');
    }

    fn show_indented(&self, indent: usize, to: &mut String) {
        match self {
            Reply::Simple(text) => to.push_str(&String::from_utf8_lossy(text)),
            Reply::Error(text) => {
                to.push_str("(error) ");
                to.push_str(&String::from_utf8_lossy(text));
            }
            Reply::Integer(number) => to.push_str(&format!("(integer) {number}")),
            Reply::Bulk(bytes) => to.push_str(&format!("\"{}\"", bytes.escape_ascii())),
            Reply::None => to.push_str("(nil)"),
            Reply::Array(elements) if elements.is_empty() => to.push_str("(empty array)"),
            Reply::Array(elements) => show_elements(elements, indent, to),
        }
    }
}

fn show_elements(elements: &[Reply], indent: usize, to: &mut String) {
    let width = elements.len().to_string().len();
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            to.push('\n');
            to.extend(std::iter::repeat_n(' ', indent));
        }
        to.push_str(&format!("{:>width$}) ", index + 1));
        element.show_indented(indent + width + 2, to);
    }
}

#[cfg(test)]
mod tests;
