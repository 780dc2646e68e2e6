//! What a connection is to send.
//!
//! Small things are copied together, so that many replies leave in one system
//! call. A large value is not copied but shared with the database: however many
//! clients are slow to read it, it is in memory once.

use std::collections::VecDeque;
use std::fmt::{self, Write};

use bytes::{Buf, Bytes};

/// A value of so many bytes or more is shared, a smaller one is copied.
const SHARED_FROM: usize = 16 << 10;

/// What the buffer may keep allocated when all is sent.
const KEPT: usize = 64 << 10;

/// Replies to be sent, in order.
#[derive(Debug, Default)]
pub struct Output {
    /// What goes before `last`.
    parts: VecDeque<Bytes>,
    /// The bytes of `parts`.
    in_parts: usize,
    last: Vec<u8>,
    /// How many bytes of `last` are sent; not zero only when there are no parts.
    sent: usize,
}

impl Output {
    /// How many bytes are to be sent.
    #[must_use]
    pub fn len(&self) -> usize {
        self.in_parts + self.last.len() - self.sent
    }

    /// Whether all is sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is to be sent next.
    #[must_use]
    pub fn front(&self) -> &[u8] {
        match self.parts.front() {
            Some(part) => part,
            None => &self.last[self.sent..],
        }
    }

    /// `count` bytes of the front are sent.
    ///
    /// # Panics
    ///
    /// When the front has not so many.
    pub fn advance(&mut self, count: usize) {
        if let Some(part) = self.parts.front_mut() {
            part.advance(count);
            self.in_parts -= count;
            if part.is_empty() {
                self.parts.pop_front();
            }
            return;
        }
        self.sent += count;
        assert!(self.sent <= self.last.len(), "sent more than there was");
        if self.sent == self.last.len() {
            self.sent = 0;
            self.last.clear();
            self.last.shrink_to(KEPT);
        }
    }

    /// All of it in one piece.
    #[must_use]
    pub fn into_bytes(mut self) -> Bytes {
        if self.parts.is_empty() && self.sent == 0 {
            return Bytes::from(self.last);
        }
        let mut all = Vec::with_capacity(self.len());
        while !self.is_empty() {
            let front = self.front();
            let count = front.len();
            all.extend_from_slice(front);
            self.advance(count);
        }
        Bytes::from(all)
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.last.extend_from_slice(bytes);
    }

    /// Bytes as they are, which others may share.
    pub fn raw_shared(&mut self, bytes: &Bytes) {
        if bytes.len() < SHARED_FROM {
            self.raw(bytes);
            return;
        }
        if self.last.len() > self.sent {
            let mut last = Bytes::from(std::mem::take(&mut self.last));
            last.advance(self.sent);
            self.in_parts += last.len();
            self.parts.push_back(last);
        }
        self.sent = 0;
        self.last.clear();
        self.in_parts += bytes.len();
        self.parts.push_back(bytes.clone());
    }

    /// A status, like `OK`.
    pub fn simple(&mut self, status: &str) {
        self.head(b'+', format_args!("{status}"));
    }

    /// An error. Its first word is its code. Line ends in it become spaces.
    pub fn error(&mut self, message: fmt::Arguments<'_>) {
        let start = self.last.len() + 1;
        self.head(b'-', message);
        let end = self.last.len() - 2;
        for byte in &mut self.last[start..end] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }

    /// An integer.
    pub fn integer(&mut self, integer: i64) {
        self.decimal(b':', integer);
    }

    /// The head of an array, whose elements follow.
    pub fn array(&mut self, length: usize) {
        self.decimal(b'*', length as i64);
    }

    /// A string.
    pub fn bulk(&mut self, bytes: &[u8]) {
        self.decimal(b'$', bytes.len() as i64);
        self.raw(bytes);
        self.raw(b"\r\n");
    }

    /// A string, which others may share.
    pub fn bulk_shared(&mut self, bytes: &Bytes) {
        self.decimal(b'$', bytes.len() as i64);
        self.raw_shared(bytes);
        self.raw(b"\r\n");
    }

    /// A string, or none.
    pub fn value(&mut self, value: Option<&Bytes>) {
        match value {
            Some(bytes) => self.bulk_shared(bytes),
            None => self.none(),
        }
    }

    /// No string.
    pub fn none(&mut self) {
        self.raw(b"$-1\r\n");
    }

    /// Digits by hand: this is in every reply, and the machinery of `write!`
    /// costs more than all else of it.
    fn decimal(&mut self, kind: u8, number: i64) {
        let mut text = [0; 20];
        let mut start = text.len();
        let mut rest = number.unsigned_abs();
        loop {
            start -= 1;
            text[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.last.push(kind);
        if number < 0 {
            self.last.push(b'-');
        }
        self.raw(&text[start..]);
        self.raw(b"\r\n");
    }

    fn head(&mut self, kind: u8, text: fmt::Arguments<'_>) {
        struct Bytes<'a>(&'a mut Vec<u8>);
        impl Write for Bytes<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.extend_from_slice(text.as_bytes());
                Ok(())
            }
        }
        self.last.push(kind);
        // Only a `Display` that fails by itself could make this fail.
        let _ = Bytes(&mut self.last).write_fmt(text);
        self.raw(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Output, SHARED_FROM};

    fn drain(output: &mut Output, step: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while !output.is_empty() {
            let front = output.front();
            let count = front.len().min(step);
            all.extend_from_slice(&front[..count]);
            output.advance(count);
        }
        all
    }

    #[test]
    fn replies_in_order_whether_shared_or_copied() {
        let large = Bytes::from(vec![b'x'; SHARED_FROM]);
        for step in [1, 7, usize::MAX] {
            let mut output = Output::default();
            output.simple("OK");
            output.integer(i64::MIN);
            output.bulk_shared(&large);
            output.bulk_shared(&large);
            output.array(0);
            output.value(None);
            output.error(format_args!("ERR a\r\nb"));
            let x = "x".repeat(SHARED_FROM);
            let expected = format!(
                "+OK\r\n:-9223372036854775808\r\n$16384\r\n{x}\r\n$16384\r\n{x}\r\n*0\r\n$-1\r\n-ERR a  b\r\n"
            );
            assert_eq!(output.len(), expected.len());
            assert!(drain(&mut output, step) == expected.as_bytes());
        }
    }

    #[test]
    fn what_is_added_after_a_part_was_sent_comes_after_it() {
        let mut output = Output::default();
        output.raw(b"abc");
        output.advance(1);
        let large = Bytes::from(vec![b'x'; SHARED_FROM]);
        output.raw_shared(&large);
        output.raw(b"d");
        let all = drain(&mut output, usize::MAX);
        assert!(all.starts_with(b"bcx") && all.ends_with(b"xd"));
        assert_eq!(all.len(), SHARED_FROM + 3);
    }
}
