use std::future::poll_fn;
use std::io::{Error, ErrorKind, Result};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_io::AsyncBufRead;
use pin_project_lite::pin_project;

use super::read_until::poll_until;

pin_project! {
    /// The lines of a reader, made by [`AsyncBufReadExt::lines`](crate::AsyncBufReadExt::lines).
    ///
    /// Ask for them with [`next_line`](Self::next_line), or use it as a [`Stream`] of
    /// `io::Result<String>`. A line that has come in part is kept here and continued by the next
    /// call.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Lines<R> {
        #[pin]
        reader: R,
        line: Vec<u8>,
    }
}

impl<R> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            line: Vec::new(),
        }
    }

    /// The reader inside.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader inside. Reading from it loses lines or parts of them.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Gives the reader back. A line read in part is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// The next line without its `\n` or `\r\n`, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the reader, after which the line read in part is kept, and `InvalidData` for a
    /// line that is not UTF-8, after which the next call reads the next line. The error inside is
    /// a [`FromUtf8Error`](std::string::FromUtf8Error), which holds the line's bytes.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read of the line stays in `self` for the next call.
    pub async fn next_line(&mut self) -> Result<Option<String>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next_line(cx)).await
    }
}

impl<R: AsyncBufRead> Lines<R> {
    /// Polls for the next line; see [`next_line`](Self::next_line).
    ///
    /// # Errors
    ///
    /// Those of [`next_line`](Self::next_line).
    pub fn poll_next_line(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<String>>> {
        let me = self.project();
        let line = me.line;
        ready!(poll_until(me.reader, cx, b'\n', &mut 0, |chunk| {
            line.extend_from_slice(chunk);
        }))?;
        if line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut line = mem::take(line);
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        Poll::Ready(match String::from_utf8(line) {
            Ok(line) => Ok(Some(line)),
            Err(e) => Err(Error::new(ErrorKind::InvalidData, e)),
        })
    }
}

impl<R: AsyncBufRead> Stream for Lines<R> {
    type Item = Result<String>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_line(cx).map(Result::transpose)
    }
}
