use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;
use futures_io::AsyncWrite;
use futures_sink::Sink;
use pin_project_lite::pin_project;

use crate::write_frames::WriteFrames;
use crate::{Encoder, FramedParts};

pin_project! {
    /// A writer as a sink of frames.
    ///
    /// It writes when it is flushed or closed and when its buffer holds
    /// [`backpressure_boundary`](Self::backpressure_boundary) bytes. If the writer inside is a
    /// stream too, so is this.
    #[must_use = "sinks do nothing unless polled"]
    pub struct FramedWrite<T, E> {
        #[pin]
        io: T,
        encoder: E,
        write: WriteFrames,
    }
}

impl<T, E> FramedWrite<T, E> {
    /// Puts an encoder over a writer, with a buffer of 8 KiB.
    pub fn new(inner: T, encoder: E) -> Self {
        Self {
            io: inner,
            encoder,
            write: WriteFrames::default(),
        }
    }

    /// As [`new`](Self::new), with a buffer of `capacity` bytes, which is the boundary at which
    /// the sink flushes too.
    pub fn with_capacity(inner: T, encoder: E, capacity: usize) -> Self {
        Self {
            io: inner,
            encoder,
            write: WriteFrames::with_capacity(capacity),
        }
    }

    /// Takes it apart. What is in the buffer is among the parts.
    pub fn into_parts(self) -> FramedParts<T, E> {
        FramedParts {
            io: self.io,
            codec: self.encoder,
            read_buf: BytesMut::new(),
            write_buf: self.write.buffer,
        }
    }

    /// Gives the writer back. What is in the buffer is lost; [`into_parts`](Self::into_parts) gives
    /// it too.
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The same writer with another encoder. What is in the buffer stays.
    pub fn map_encoder<C, F>(self, map: F) -> FramedWrite<T, C>
    where
        F: FnOnce(E) -> C,
    {
        FramedWrite {
            io: self.io,
            encoder: map(self.encoder),
            write: self.write,
        }
    }

    /// The writer inside.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The writer inside. Writing there tears frames.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The writer inside, pinned. Writing there tears frames.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The encoder.
    pub fn encoder(&self) -> &E {
        &self.encoder
    }

    /// The encoder.
    pub fn encoder_mut(&mut self) -> &mut E {
        &mut self.encoder
    }

    /// The encoder, which is not pinned.
    pub fn encoder_pin_mut(self: Pin<&mut Self>) -> &mut E {
        self.project().encoder
    }

    /// What was encoded and not yet written.
    pub fn write_buffer(&self) -> &BytesMut {
        &self.write.buffer
    }

    /// What was encoded and not yet written.
    pub fn write_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.write.buffer
    }

    /// How many bytes the buffer may hold before the sink has to flush.
    pub fn backpressure_boundary(&self) -> usize {
        self.write.boundary
    }

    /// Sets how many bytes the buffer may hold before the sink has to flush.
    pub fn set_backpressure_boundary(&mut self, boundary: usize) {
        self.write.boundary = boundary;
    }
}

impl<T: AsyncWrite, I, E: Encoder<I>> Sink<I> for FramedWrite<T, E> {
    type Error = E::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let me = self.project();
        me.write.poll_ready(me.io, cx).map_err(Into::into)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), E::Error> {
        let me = self.project();
        me.encoder.encode(item, &mut me.write.buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let me = self.project();
        me.write.poll_flush(me.io, cx).map_err(Into::into)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let me = self.project();
        me.write.poll_close(me.io, cx).map_err(Into::into)
    }
}

impl<T: Stream, E> Stream for FramedWrite<T, E> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        self.project().io.poll_next(cx)
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for FramedWrite<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedWrite")
            .field("inner", &self.io)
            .field("encoder", &self.encoder)
            .field("buffer", &self.write.buffer)
            .finish()
    }
}
