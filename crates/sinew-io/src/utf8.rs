//! UTF-8 that arrives in pieces.

use std::io::{Error, ErrorKind};
use std::str::{self, Utf8Error};

/// The error for bytes that are not UTF-8: kind `InvalidData`, with the position in its message.
pub(crate) fn invalid(error: Utf8Error) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}

/// The longest prefix of `bytes` that is valid UTF-8, in the same allocation.
pub(crate) fn valid_prefix(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        bytes.truncate(valid);
        String::from_utf8(bytes).unwrap_or_default()
    })
}

/// Appends bytes to a `String` as they arrive, holding back a character that is cut by a chunk's
/// end until its rest comes.
///
/// Only what is new is validated; the string's earlier content is not looked at again.
#[derive(Debug)]
pub(crate) struct Appender {
    /// The string's length before the first byte was appended.
    start: usize,
    /// The first bytes of a character whose rest has not come. A UTF-8 character has at most 4.
    cut: [u8; 4],
    cut_len: usize,
    /// Set at the first invalid byte; from then on bytes are dropped.
    invalid: Option<Utf8Error>,
}

impl Appender {
    /// An appender for `output` as it is now.
    pub(crate) fn new(output: &str) -> Self {
        Self {
            start: output.len(),
            cut: [0; 4],
            cut_len: 0,
            invalid: None,
        }
    }

    /// Appends `chunk`. At the first invalid byte `output` goes back to its original content.
    pub(crate) fn push(&mut self, output: &mut String, mut chunk: &[u8]) {
        while self.cut_len > 0 {
            let Some((&byte, rest)) = chunk.split_first() else {
                return;
            };
            chunk = rest;
            self.push_to_cut(output, byte);
        }
        if self.invalid.is_some() {
            return;
        }
        let error = match str::from_utf8(chunk) {
            Ok(text) => return output.push_str(text),
            Err(error) => error,
        };
        let (valid, rest) = chunk.split_at(error.valid_up_to());
        output.push_str(str::from_utf8(valid).unwrap_or_default());
        if error.error_len().is_none() {
            self.cut[..rest.len()].copy_from_slice(rest);
            self.cut_len = rest.len();
        } else {
            self.reject(output, &rest[..rest.len().min(4)]);
        }
    }

    fn push_to_cut(&mut self, output: &mut String, byte: u8) {
        self.cut[self.cut_len] = byte;
        self.cut_len += 1;
        let cut = self.cut;
        match str::from_utf8(&cut[..self.cut_len]) {
            Ok(text) => {
                output.push_str(text);
                self.cut_len = 0;
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                let bad = self.cut_len;
                self.cut_len = 0;
                self.reject(output, &cut[..bad]);
            }
        }
    }

    /// Records that `bad`, which follows `output`, is not UTF-8, and restores `output`.
    fn reject(&mut self, output: &mut String, bad: &[u8]) {
        // A `Utf8Error` cannot be made by hand, and its index should count from the string's
        // beginning, so the failing text is put together once more. Errors are rare.
        let mut text = Vec::with_capacity(output.len() + bad.len());
        text.extend_from_slice(output.as_bytes());
        text.extend_from_slice(bad);
        self.invalid = str::from_utf8(&text).err();
        output.truncate(self.start);
    }

    /// Ends the text. A character that is still cut is an error, and `output` is restored.
    pub(crate) fn finish(&mut self, output: &mut String) -> Result<(), Error> {
        if self.cut_len > 0 {
            let cut = self.cut;
            self.reject(output, &cut[..self.cut_len]);
            self.cut_len = 0;
        }
        self.invalid.take().map_or(Ok(()), |e| Err(invalid(e)))
    }

    /// Ends the text because the reader failed: whole characters stay in `output`, a text that
    /// ends inside a character is taken back as a whole, as `std` does.
    pub(crate) fn abandon(&mut self, output: &mut String) {
        if self.cut_len > 0 || self.invalid.is_some() {
            output.truncate(self.start);
        }
        self.cut_len = 0;
        self.invalid = None;
    }
}

#[cfg(test)]
mod tests;
