//! The search for delimiters that [`LinesCodec`](crate::LinesCodec) and
//! [`AnyDelimiterCodec`](crate::AnyDelimiterCodec) share.

use bytes::{Buf, BytesMut};

/// How far the search for the next delimiter has come. Bytes are looked at once, however often more
/// of them come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Search {
    /// No delimiter is before this index of the buffer.
    next_index: usize,
    /// The most bytes before a delimiter.
    max_length: usize,
    /// A piece was too long, and its end has not come.
    is_discarding: bool,
}

/// What a search has found.
#[derive(Debug)]
pub(crate) enum Found {
    /// The bytes before a delimiter, which was removed.
    Piece(BytesMut),
    /// More bytes than allowed, and no delimiter. The rest of the piece will be dropped.
    TooLong,
    /// No delimiter yet.
    Nothing,
}

impl Search {
    pub(crate) fn new(max_length: usize) -> Self {
        Self {
            next_index: 0,
            max_length,
            is_discarding: false,
        }
    }

    pub(crate) fn max_length(&self) -> usize {
        self.max_length
    }

    /// Takes the bytes up to the next delimiter, which `find` finds in a slice, off `buf`.
    pub(crate) fn next(
        &mut self,
        buf: &mut BytesMut,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Found {
        loop {
            // One more than allowed, because the delimiter does not count.
            let end = self.max_length.saturating_add(1).min(buf.len());
            let start = self.next_index.min(end);
            let delimiter = find(&buf[start..end]).map(|offset| start + offset);
            self.next_index = 0;
            match delimiter {
                Some(at) if self.is_discarding => {
                    buf.advance(at + 1);
                    self.is_discarding = false;
                }
                Some(at) => {
                    let mut piece = buf.split_to(at + 1);
                    piece.truncate(at);
                    return Found::Piece(piece);
                }
                None if self.is_discarding => {
                    buf.advance(end);
                    if buf.is_empty() {
                        return Found::Nothing;
                    }
                }
                None if buf.len() > self.max_length => {
                    self.is_discarding = true;
                    buf.advance(end);
                    return Found::TooLong;
                }
                None => {
                    self.next_index = end;
                    return Found::Nothing;
                }
            }
        }
    }

    /// Takes what is left when no more will come.
    pub(crate) fn rest(&mut self, buf: &mut BytesMut) -> Option<BytesMut> {
        self.next_index = 0;
        (!buf.is_empty()).then(|| buf.split())
    }
}
