//! Lines and segments as streams, under the names of tokio-stream.
//!
//! [`Lines`] and [`Split`] are streams themselves: these are for programs that name
//! the wrappers.

use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_io::AsyncBufRead;
use pin_project_lite::pin_project;

use crate::{Lines, Split};

pin_project! {
    /// The lines of a reader; see [`Lines`].
    ///
    /// # Cancel safety
    ///
    /// A line read in part is kept for the next poll.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct LinesStream<R> {
        #[pin]
        inner: Lines<R>,
    }
}

impl<R> LinesStream<R> {
    /// The lines of `inner`.
    pub fn new(inner: Lines<R>) -> Self {
        LinesStream { inner }
    }

    /// What it was made of.
    pub fn into_inner(self) -> Lines<R> {
        self.inner
    }

    /// What it was made of, pinned.
    pub fn as_pin_mut(self: Pin<&mut Self>) -> Pin<&mut Lines<R>> {
        self.project().inner
    }
}

impl<R: AsyncBufRead> Stream for LinesStream<R> {
    type Item = Result<String>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().inner.poll_next(cx)
    }
}

impl<R> AsRef<Lines<R>> for LinesStream<R> {
    fn as_ref(&self) -> &Lines<R> {
        &self.inner
    }
}

impl<R> AsMut<Lines<R>> for LinesStream<R> {
    fn as_mut(&mut self) -> &mut Lines<R> {
        &mut self.inner
    }
}

pin_project! {
    /// The segments of a reader between delimiter bytes; see [`Split`].
    ///
    /// # Cancel safety
    ///
    /// A segment read in part is kept for the next poll.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct SplitStream<R> {
        #[pin]
        inner: Split<R>,
    }
}

impl<R> SplitStream<R> {
    /// The segments of `inner`.
    pub fn new(inner: Split<R>) -> Self {
        SplitStream { inner }
    }

    /// What it was made of.
    pub fn into_inner(self) -> Split<R> {
        self.inner
    }

    /// What it was made of, pinned.
    pub fn as_pin_mut(self: Pin<&mut Self>) -> Pin<&mut Split<R>> {
        self.project().inner
    }
}

impl<R: AsyncBufRead> Stream for SplitStream<R> {
    type Item = Result<Vec<u8>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().inner.poll_next(cx)
    }
}

impl<R> AsRef<Split<R>> for SplitStream<R> {
    fn as_ref(&self) -> &Split<R> {
        &self.inner
    }
}

impl<R> AsMut<Split<R>> for SplitStream<R> {
    fn as_mut(&mut self) -> &mut Split<R> {
        &mut self.inner
    }
}
