use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;
use futures_io::AsyncRead;
use futures_sink::Sink;
use pin_project_lite::pin_project;

use crate::read_frames::ReadFrames;
use crate::{Decoder, FramedParts};

pin_project! {
    /// A reader as a stream of frames.
    ///
    /// After an error of the decoder or the reader it gives `None`; polled again it goes on. If the
    /// reader inside is a sink too, so is this.
    #[must_use = "streams do nothing unless polled"]
    pub struct FramedRead<T, D> {
        #[pin]
        io: T,
        decoder: D,
        read: ReadFrames,
    }
}

impl<T, D> FramedRead<T, D> {
    /// Puts a decoder over a reader, with a buffer of 8 KiB.
    pub fn new(inner: T, decoder: D) -> Self {
        Self {
            io: inner,
            decoder,
            read: ReadFrames::default(),
        }
    }

    /// As [`new`](Self::new), with a buffer of `capacity` bytes.
    pub fn with_capacity(inner: T, decoder: D, capacity: usize) -> Self {
        Self {
            io: inner,
            decoder,
            read: ReadFrames::with_capacity(capacity),
        }
    }

    /// Takes it apart. What is in the buffer is among the parts.
    pub fn into_parts(self) -> FramedParts<T, D> {
        FramedParts {
            io: self.io,
            codec: self.decoder,
            read_buf: self.read.buffer,
            write_buf: BytesMut::new(),
        }
    }

    /// Gives the reader back. What is in the buffer is lost; [`into_parts`](Self::into_parts) gives
    /// it too.
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The same reader with another decoder. What is in the buffer stays.
    pub fn map_decoder<C, F>(self, map: F) -> FramedRead<T, C>
    where
        F: FnOnce(D) -> C,
    {
        FramedRead {
            io: self.io,
            decoder: map(self.decoder),
            read: self.read,
        }
    }

    /// The reader inside.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The reader inside. Reading there tears frames.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The reader inside, pinned. Reading there tears frames.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The decoder.
    pub fn decoder(&self) -> &D {
        &self.decoder
    }

    /// The decoder.
    pub fn decoder_mut(&mut self) -> &mut D {
        &mut self.decoder
    }

    /// The decoder, which is not pinned.
    pub fn decoder_pin_mut(self: Pin<&mut Self>) -> &mut D {
        self.project().decoder
    }

    /// What was read and not yet decoded.
    pub fn read_buffer(&self) -> &BytesMut {
        &self.read.buffer
    }

    /// What was read and not yet decoded.
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.read.buffer
    }
}

impl<T: AsyncRead, D: Decoder> Stream for FramedRead<T, D> {
    type Item = Result<D::Item, D::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.project();
        me.read.poll_next(me.io, me.decoder, cx)
    }
}

impl<T: Sink<I>, I, D> Sink<I> for FramedRead<T, D> {
    type Error = T::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), T::Error> {
        self.project().io.start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_close(cx)
    }
}

impl<T: fmt::Debug, D: fmt::Debug> fmt::Debug for FramedRead<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (eof, is_readable) = self.read.flags();
        f.debug_struct("FramedRead")
            .field("inner", &self.io)
            .field("decoder", &self.decoder)
            .field("eof", &eof)
            .field("is_readable", &is_readable)
            .field("buffer", &self.read.buffer)
            .finish()
    }
}
