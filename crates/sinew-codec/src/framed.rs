use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use futures_sink::Sink;
use pin_project_lite::pin_project;

use crate::read_frames::ReadFrames;
use crate::write_frames::WriteFrames;
use crate::{Decoder, Encoder};

mod parts;

pub use self::parts::FramedParts;

pin_project! {
    /// A reader and writer as a stream and sink of frames.
    ///
    /// To use the two directions in two tasks, split it with futures' `StreamExt::split`, or split
    /// the connection and make a [`FramedRead`](crate::FramedRead) and a
    /// [`FramedWrite`](crate::FramedWrite), which share nothing.
    ///
    /// After an error of the decoder or the reader the stream gives `None`; polled again it goes
    /// on. The sink writes when it is flushed or closed and when its buffer holds
    /// [`backpressure_boundary`](Self::backpressure_boundary) bytes.
    pub struct Framed<T, U> {
        #[pin]
        io: T,
        codec: U,
        read: ReadFrames,
        write: WriteFrames,
    }
}

impl<T, U> Framed<T, U> {
    /// Puts a codec over a reader and writer, with buffers of 8 KiB.
    pub fn new(inner: T, codec: U) -> Self {
        Self {
            io: inner,
            codec,
            read: ReadFrames::default(),
            write: WriteFrames::default(),
        }
    }

    /// As [`new`](Self::new), with two buffers of `capacity` bytes, which is the boundary at which
    /// the sink flushes too.
    pub fn with_capacity(inner: T, codec: U, capacity: usize) -> Self {
        Self {
            io: inner,
            codec,
            read: ReadFrames::with_capacity(capacity),
            write: WriteFrames::with_capacity(capacity),
        }
    }

    /// Goes on with the parts of another one, for example with another codec after a handshake.
    pub fn from_parts(parts: FramedParts<T, U>) -> Self {
        Self {
            io: parts.io,
            codec: parts.codec,
            read: parts.read_buf.into(),
            write: parts.write_buf.into(),
        }
    }

    /// Takes it apart. What is in the buffers is among the parts.
    pub fn into_parts(self) -> FramedParts<T, U> {
        FramedParts {
            io: self.io,
            codec: self.codec,
            read_buf: self.read.buffer,
            write_buf: self.write.buffer,
        }
    }

    /// Gives the reader and writer back. What is in the buffers is lost;
    /// [`into_parts`](Self::into_parts) gives it too.
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The same connection with another codec. What is in the buffers stays.
    pub fn map_codec<C, F>(self, map: F) -> Framed<T, C>
    where
        F: FnOnce(U) -> C,
    {
        let parts = self.into_parts();
        Framed::from_parts(FramedParts {
            io: parts.io,
            codec: map(parts.codec),
            read_buf: parts.read_buf,
            write_buf: parts.write_buf,
        })
    }

    /// The reader and writer inside.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The reader and writer inside. Reading or writing there tears frames.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The reader and writer inside, pinned. Reading or writing there tears frames.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The codec.
    pub fn codec(&self) -> &U {
        &self.codec
    }

    /// The codec.
    pub fn codec_mut(&mut self) -> &mut U {
        &mut self.codec
    }

    /// The codec, which is not pinned.
    pub fn codec_pin_mut(self: Pin<&mut Self>) -> &mut U {
        self.project().codec
    }

    /// What was read and not yet decoded.
    pub fn read_buffer(&self) -> &BytesMut {
        &self.read.buffer
    }

    /// What was read and not yet decoded.
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.read.buffer
    }

    /// What was encoded and not yet written.
    pub fn write_buffer(&self) -> &BytesMut {
        &self.write.buffer
    }

    /// What was encoded and not yet written.
    pub fn write_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.write.buffer
    }

    /// How many bytes the write buffer may hold before the sink has to flush, in bytes.
    pub fn backpressure_boundary(&self) -> usize {
        self.write.boundary
    }

    /// Sets how many bytes the write buffer may hold before the sink has to flush.
    pub fn set_backpressure_boundary(&mut self, boundary: usize) {
        self.write.boundary = boundary;
    }
}

impl<T: AsyncRead, U: Decoder> Stream for Framed<T, U> {
    type Item = Result<U::Item, U::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.project();
        me.read.poll_next(me.io, me.codec, cx)
    }
}

impl<T: AsyncWrite, I, U: Encoder<I>> Sink<I> for Framed<T, U> {
    type Error = U::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let me = self.project();
        me.write.poll_ready(me.io, cx).map_err(Into::into)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), U::Error> {
        let me = self.project();
        me.codec.encode(item, &mut me.write.buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let me = self.project();
        me.write.poll_flush(me.io, cx).map_err(Into::into)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let me = self.project();
        me.write.poll_close(me.io, cx).map_err(Into::into)
    }
}

impl<T: fmt::Debug, U: fmt::Debug> fmt::Debug for Framed<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framed")
            .field("io", &self.io)
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}
