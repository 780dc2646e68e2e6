//! The two directions of a borrowed stream, and what all halves have in common.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::TcpStream;
use crate::{Interest, Ready};

/// The reading direction of a borrowed [`TcpStream`]. Made by
/// [`TcpStream::split`](crate::TcpStream::split).
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// The writing direction of a borrowed [`TcpStream`]. Made by
/// [`TcpStream::split`](crate::TcpStream::split). Dropping it closes nothing;
/// [`poll_close`](AsyncWrite::poll_close) does.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

pub(super) fn split(stream: &mut TcpStream) -> (ReadHalf<'_>, WriteHalf<'_>) {
    (ReadHalf(stream), WriteHalf(stream))
}

/// What every half can do.
macro_rules! half {
    ($half:ty) => {
        impl $half {
            /// Waits for readiness; see [`TcpStream::ready`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::ready`].
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                self.as_ref().ready(interest).await
            }

            /// The address of the other end.
            ///
            /// # Errors
            ///
            /// As [`TcpStream::peer_addr`].
            pub fn peer_addr(&self) -> io::Result<SocketAddr> {
                self.as_ref().peer_addr()
            }

            /// The address of this end.
            ///
            /// # Errors
            ///
            /// As [`TcpStream::local_addr`].
            pub fn local_addr(&self) -> io::Result<SocketAddr> {
                self.as_ref().local_addr()
            }
        }
    };
}

/// What the reading halves can do.
macro_rules! read_half {
    ($half:ty) => {
        impl $half {
            /// Reads without taking; see [`TcpStream::peek`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::peek`].
            ///
            /// # Cancel safety
            ///
            /// Nothing is taken, so nothing can be lost.
            pub async fn peek(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                self.as_ref().peek(buf).await
            }

            /// Reads without taking; see [`TcpStream::poll_peek`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::peek`].
            pub fn poll_peek(
                &mut self,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.as_ref().poll_peek(cx, buf)
            }

            /// Waits until there is something to read; see [`TcpStream::readable`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::ready`].
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays.
            pub async fn readable(&self) -> io::Result<()> {
                self.as_ref().readable().await
            }

            /// Reads without waiting; see [`TcpStream::try_read`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::try_read`].
            pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.as_ref().try_read(buf)
            }

            /// Reads without waiting; see [`TcpStream::try_read_vectored`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::try_read`].
            pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.as_ref().try_read_vectored(bufs)
            }
        }

        impl AsyncRead for $half {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_read_shared(cx, buf)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_read_vectored_shared(cx, bufs)
            }
        }
    };
}

/// What the writing halves can do, but for closing.
macro_rules! write_half {
    ($half:ty) => {
        impl $half {
            /// Waits until there is room to write; see [`TcpStream::writable`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::ready`].
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays.
            pub async fn writable(&self) -> io::Result<()> {
                self.as_ref().writable().await
            }

            /// Writes without waiting; see [`TcpStream::try_write`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::try_write`].
            pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
                self.as_ref().try_write(buf)
            }

            /// Writes without waiting; see [`TcpStream::try_write_vectored`].
            ///
            /// # Errors
            ///
            /// As [`TcpStream::try_write`].
            pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                self.as_ref().try_write_vectored(bufs)
            }
        }

        impl AsyncWrite for $half {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_write_shared(cx, buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_write_vectored_shared(cx, bufs)
            }

            /// There is nothing to flush.
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            /// Closes the sending direction. Again is fine.
            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.get_mut().close())
            }
        }
    };
}

pub(super) use {half, read_half, write_half};

half!(ReadHalf<'_>);
half!(WriteHalf<'_>);
read_half!(ReadHalf<'_>);
write_half!(WriteHalf<'_>);

impl WriteHalf<'_> {
    fn close(&mut self) -> io::Result<()> {
        self.0.shutdown_write()
    }
}

impl AsRef<TcpStream> for ReadHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}

impl AsRef<TcpStream> for WriteHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}
