//! What was read and not used yet.

use crate::request::MAX_HEAD;

/// The size of the buffer until a request needs more. Most do not.
const START: usize = 1024;

/// A buffer of at most [`MAX_HEAD`] bytes.
pub(super) struct Input {
    buf: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    pub(super) fn new() -> Input {
        Input {
            buf: vec![0; START],
            start: 0,
            end: 0,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }

    /// Whether a request has begun. Empty lines may stand before it.
    pub(super) fn has_content(&self) -> bool {
        self.bytes()
            .iter()
            .any(|byte| !matches!(byte, b'\r' | b'\n'))
    }

    /// Room for more bytes; empty when there are [`MAX_HEAD`] already.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.end == self.buf.len() {
            self.buf.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.end == self.buf.len() {
                self.buf.resize((self.end * 2).min(MAX_HEAD), 0);
            }
        }
        &mut self.buf[self.end..]
    }

    /// `count` bytes of the [`space`](Self::space) were filled.
    pub(super) fn filled(&mut self, count: usize) {
        self.end += count;
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            self.clear();
        }
    }

    /// Consumes `count` bytes, or all if there are fewer. How many were missing.
    pub(super) fn consume_up_to(&mut self, count: u64) -> u64 {
        let here = count.min(self.bytes().len() as u64);
        self.consume(here as usize);
        count - here
    }

    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }
}
