//! tokio's `AsyncRead`, `AsyncBufRead`, `AsyncWrite` and `AsyncSeek`.

use std::io::{self, Error, SeekFrom};
use std::pin::Pin;
use std::result::Result;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_core::Stream;
use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use futures_sink::Sink as SinkTrait;
use tokio::io::ReadBuf;

use super::lists::{buffered_readers, readers, writers};
use crate::claim::claimed;
use crate::{
    BufReader, BufStream, BufWriter, Chain, Cursor, DuplexStream, Empty, InspectReader,
    InspectWriter, Join, LineWriter, ReadHalf, Repeat, SimplexStream, Sink, SinkWriter, Stderr,
    Stdin, Stdout, StreamReader, Take, WriteHalf,
};

/// Reads once into the free space of tokio's buffer, which is zeroed once in its life.
#[doc(hidden)]
pub fn poll_read_tokio<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let space = buf.initialize_unfilled();
    let room = space.len();
    let n = claimed(ready!(reader.poll_read(cx, space))?, room);
    buf.advance(n);
    Poll::Ready(Ok(()))
}

/// tokio's `AsyncRead` for a type that has that of `futures-io`.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_tokio_read {
    ([$($generics:tt)*] $ty:ty $(where $($bounds:tt)+)?) => {
        impl<$($generics)*> $crate::__private::tokio::io::AsyncRead for $ty
        $(where $($bounds)+)?
        {
            fn poll_read(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
                buf: &mut $crate::__private::tokio::io::ReadBuf<'_>,
            ) -> $crate::__private::Poll<$crate::__private::Result<()>> {
                $crate::__private::poll_read_tokio(self, cx, buf)
            }
        }
    };
}

/// tokio's `AsyncBufRead` for a type that has that of `futures-io`.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_tokio_buf_read {
    ([$($generics:tt)*] $ty:ty $(where $($bounds:tt)+)?) => {
        impl<$($generics)*> $crate::__private::tokio::io::AsyncBufRead for $ty
        $(where $($bounds)+)?
        {
            fn poll_fill_buf(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
            ) -> $crate::__private::Poll<$crate::__private::Result<&[u8]>> {
                $crate::__private::AsyncBufRead::poll_fill_buf(self, cx)
            }

            fn consume(self: $crate::__private::Pin<&mut Self>, amt: usize) {
                $crate::__private::AsyncBufRead::consume(self, amt);
            }
        }
    };
}

/// tokio's `AsyncWrite` for a type that has that of `futures-io` and knows vectored writes.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_tokio_write {
    ([$($generics:tt)*] $ty:ty $(where $($bounds:tt)+)?) => {
        impl<$($generics)*> $crate::__private::tokio::io::AsyncWrite for $ty
        $(where $($bounds)+)?
        {
            fn poll_write(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
                buf: &[u8],
            ) -> $crate::__private::Poll<$crate::__private::Result<usize>> {
                $crate::__private::AsyncWrite::poll_write(self, cx, buf)
            }

            fn poll_write_vectored(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
                bufs: &[$crate::__private::IoSlice<'_>],
            ) -> $crate::__private::Poll<$crate::__private::Result<usize>> {
                $crate::__private::AsyncWrite::poll_write_vectored(self, cx, bufs)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
            ) -> $crate::__private::Poll<$crate::__private::Result<()>> {
                $crate::__private::AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
            ) -> $crate::__private::Poll<$crate::__private::Result<()>> {
                $crate::__private::AsyncWrite::poll_close(self, cx)
            }
        }
    };
}

/// tokio's `AsyncSeek` for a type that has that of `futures-io`. tokio asks for a seek in two
/// steps; between them what `$slot` gives, an `Option<SeekFrom>` of the value, keeps where to.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_tokio_seek {
    ([$($generics:tt)*] $ty:ty, $slot:expr) => {
        impl<$($generics)*> $crate::__private::tokio::io::AsyncSeek for $ty {
            fn start_seek(
                self: $crate::__private::Pin<&mut Self>,
                position: $crate::__private::SeekFrom,
            ) -> $crate::__private::Result<()> {
                let slot: fn(
                    $crate::__private::Pin<&mut Self>,
                ) -> &mut Option<$crate::__private::SeekFrom> = $slot;
                *slot(self) = Some(position);
                Ok(())
            }

            fn poll_complete(
                mut self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
            ) -> $crate::__private::Poll<$crate::__private::Result<u64>> {
                let slot: fn(
                    $crate::__private::Pin<&mut Self>,
                ) -> &mut Option<$crate::__private::SeekFrom> = $slot;
                // Without a start the answer is the position; to find it costs a buffer.
                let target = slot(self.as_mut());
                let target = target.unwrap_or($crate::__private::SeekFrom::Current(0));
                let position = $crate::__private::ready!(
                    $crate::__private::AsyncSeek::poll_seek(self.as_mut(), cx, target)
                );
                *slot(self) = None;
                $crate::__private::Poll::Ready(position)
            }
        }
    };
}

readers!(impl_tokio_read);
buffered_readers!(impl_tokio_buf_read);
writers!(impl_tokio_write);

/// Seeks in memory are done when they are started.
impl<T: AsRef<[u8]>> tokio::io::AsyncSeek for Cursor<T> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.get_mut().seek_now(position).map(|_| ())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.position()))
    }
}

impl tokio::io::AsyncSeek for Empty {
    fn start_seek(self: Pin<&mut Self>, _: SeekFrom) -> io::Result<()> {
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(0))
    }
}

impl_tokio_seek!([R: AsyncSeek] BufReader<R>, |me| me.seek_slot());
impl_tokio_seek!([W: AsyncWrite + AsyncSeek] BufWriter<W>, |me| me.seek_slot());
impl_tokio_seek!([RW: AsyncWrite + AsyncSeek] BufStream<RW>, |me| me.seek_slot());
