use std::io::{Error, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncWrite;
use futures_sink::Sink;
use pin_project_lite::pin_project;

use super::write_all::poll_write_all;

pin_project! {
    /// A sink of byte buffers over a writer, made by
    /// [`AsyncWriteExt::into_sink`](crate::AsyncWriteExt::into_sink).
    ///
    /// It holds one item at a time: it is ready for the next once the writer has taken the last.
    #[derive(Debug)]
    #[must_use = "sinks do nothing unless polled"]
    pub struct IntoSink<W, Item> {
        #[pin]
        writer: W,
        item: Option<Item>,
        written: usize,
    }
}

impl<W, Item> IntoSink<W, Item> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            item: None,
            written: 0,
        }
    }

    /// The writer inside.
    pub fn get_ref(&self) -> &W {
        &self.writer
    }

    /// The writer inside. Writing to it may land in the middle of an item.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// Gives the writer back. What is left of an item is lost.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl<W: AsyncWrite, Item: AsRef<[u8]>> IntoSink<W, Item> {
    /// Writes what is left of the item.
    fn poll_write_item(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let me = self.project();
        if let Some(item) = me.item {
            ready!(poll_write_all(me.writer, cx, item.as_ref(), me.written))?;
            *me.item = None;
            *me.written = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite, Item: AsRef<[u8]>> Sink<Item> for IntoSink<W, Item> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_write_item(cx)
    }

    /// # Panics
    ///
    /// Panics without a `poll_ready` that was ready before.
    fn start_send(self: Pin<&mut Self>, item: Item) -> Result<()> {
        let me = self.project();
        assert!(
            me.item.is_none(),
            "`start_send` called without `poll_ready` being called first"
        );
        *me.item = Some(item);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.as_mut().poll_write_item(cx))?;
        self.project().writer.poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.as_mut().poll_write_item(cx))?;
        self.project().writer.poll_close(cx)
    }
}
