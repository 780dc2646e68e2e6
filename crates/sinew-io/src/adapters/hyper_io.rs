//! hyper 1's `rt::Read` and `rt::Write`.

use std::io::{self, Error};
use std::pin::Pin;
use std::result::Result;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use futures_sink::Sink as SinkTrait;
use hyper::rt::ReadBufCursor;

use super::lists::{readers, writers};
use crate::transfer_bytes::poll_read_and_put;
use crate::{
    BufReader, BufStream, BufWriter, Chain, Cursor, DuplexStream, Empty, InspectReader,
    InspectWriter, Join, LineWriter, ReadHalf, Repeat, SimplexStream, Sink, SinkWriter, Stderr,
    Stdin, Stdout, StreamReader, Take, WriteHalf,
};

/// Reads once into the free space of hyper's buffer.
#[doc(hidden)]
pub fn poll_read_cursor<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    mut buf: ReadBufCursor<'_>,
) -> Poll<io::Result<()>> {
    let room = buf.remaining();
    ready!(poll_read_and_put(reader, cx, room, |read| buf.put_slice(read)))?;
    Poll::Ready(Ok(()))
}

/// hyper's `Read` for a type that has `AsyncRead` of `futures-io`.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_hyper_read {
    ([$($generics:tt)*] $ty:ty $(where $($bounds:tt)+)?) => {
        impl<$($generics)*> $crate::__private::hyper::rt::Read for $ty
        $(where $($bounds)+)?
        {
            fn poll_read(
                self: $crate::__private::Pin<&mut Self>,
                cx: &mut $crate::__private::Context<'_>,
                buf: $crate::__private::hyper::rt::ReadBufCursor<'_>,
            ) -> $crate::__private::Poll<$crate::__private::Result<()>> {
                $crate::__private::poll_read_cursor(self, cx, buf)
            }
        }
    };
}

/// hyper's `Write` for a type that has `AsyncWrite` of `futures-io` and knows vectored writes.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_hyper_write {
    ([$($generics:tt)*] $ty:ty $(where $($bounds:tt)+)?) => {
        impl<$($generics)*> $crate::__private::hyper::rt::Write for $ty
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

readers!(impl_hyper_read);
writers!(impl_hyper_write);
