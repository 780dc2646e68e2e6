use std::future::poll_fn;
use std::io::Result;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_io::AsyncBufRead;
use pin_project_lite::pin_project;

use super::read_until::poll_until;

pin_project! {
    /// The segments of a reader between delimiter bytes, made by
    /// [`AsyncBufReadExt::split`](crate::AsyncBufReadExt::split).
    ///
    /// Ask for them with [`next_segment`](Self::next_segment), or use it as a [`Stream`] of
    /// `io::Result<Vec<u8>>`. A segment that has come in part is kept here and continued by the
    /// next call.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Split<R> {
        #[pin]
        reader: R,
        delimiter: u8,
        segment: Vec<u8>,
    }
}

impl<R> Split<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Self {
            reader,
            delimiter,
            segment: Vec::new(),
        }
    }
}

impl<R: AsyncBufRead + Unpin> Split<R> {
    /// The next segment without its delimiter, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the reader. The segment read in part is kept.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read of the segment stays in `self` for the next call.
    pub async fn next_segment(&mut self) -> Result<Option<Vec<u8>>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next_segment(cx)).await
    }
}

impl<R: AsyncBufRead> Split<R> {
    /// Polls for the next segment; see [`next_segment`](Self::next_segment).
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn poll_next_segment(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Vec<u8>>>> {
        let me = self.project();
        let segment = me.segment;
        ready!(poll_until(me.reader, cx, *me.delimiter, &mut 0, |chunk| {
            segment.extend_from_slice(chunk);
        }))?;
        if segment.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut segment = mem::take(segment);
        if segment.last() == Some(me.delimiter) {
            segment.pop();
        }
        Poll::Ready(Ok(Some(segment)))
    }
}

impl<R: AsyncBufRead> Stream for Split<R> {
    type Item = Result<Vec<u8>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_segment(cx).map(Result::transpose)
    }
}
