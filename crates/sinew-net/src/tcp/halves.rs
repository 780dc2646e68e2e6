//! The two directions of a TCP stream.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};

use super::TcpStream;
use crate::stream::halves::{borrowed_halves, half, owned_halves, read_half, write_half};
use crate::{Interest, Ready};

borrowed_halves!(TcpStream, SocketAddr);
owned_halves!(TcpStream, SocketAddr);

/// What a reading half can do that only TCP has.
macro_rules! peek {
    ($Half:ty) => {
        impl $Half {
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
        }
    };
}

peek!(ReadHalf<'_>);
peek!(OwnedReadHalf);
