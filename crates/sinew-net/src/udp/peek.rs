//! Looking at the next packet without taking it.

use std::io;
use std::net::{self, SocketAddr};
use std::task::{Context, Poll};

use socket2::SockRef;

use super::UdpSocket;
use crate::Interest;
use crate::datagram::{Packets, Side};

fn peek(side: Side<'_, net::UdpSocket>, buf: &mut [u8]) -> io::Result<usize> {
    match side {
        Side::Os(socket) => socket.peek(buf),
        Side::Virtual(io) => io.peek(buf).map(|(count, _)| count),
    }
}

fn peek_from(side: Side<'_, net::UdpSocket>, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    match side {
        Side::Os(socket) => socket.peek_from(buf),
        Side::Virtual(io) => io.peek(buf),
    }
}

fn peek_sender(side: Side<'_, net::UdpSocket>) -> io::Result<SocketAddr> {
    match side {
        Side::Os(socket) => {
            <net::UdpSocket as Packets>::addr(&SockRef::from(socket).peek_sender()?)
        }
        Side::Virtual(io) => io.peek(&mut []).map(|(_, from)| from),
    }
}

impl UdpSocket {
    /// As [`recv`](Self::recv), but the packet stays to be received again.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Nothing is taken, so nothing can be lost.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.dgram
            .run(Interest::READABLE, |side| peek(side, buf))
            .await
    }

    /// As [`peek`](Self::peek), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.dgram
            .poll(cx, Interest::READABLE, |side| peek(side, buf))
    }

    /// As [`peek`](Self::peek), without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.dgram
            .attempt(Interest::READABLE, |side| peek(side, buf))
    }

    /// As [`recv_from`](Self::recv_from), but the packet stays to be received
    /// again.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Nothing is taken, so nothing can be lost.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.dgram
            .run(Interest::READABLE, |side| peek_from(side, buf))
            .await
    }

    /// As [`peek_from`](Self::peek_from), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.dgram
            .poll(cx, Interest::READABLE, |side| peek_from(side, buf))
    }

    /// As [`peek_from`](Self::peek_from), without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.dgram
            .attempt(Interest::READABLE, |side| peek_from(side, buf))
    }

    /// Who sent the next packet, which stays.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Nothing is taken, so nothing can be lost.
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        self.dgram.run(Interest::READABLE, peek_sender).await
    }

    /// As [`peek_sender`](Self::peek_sender), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.dgram.poll(cx, Interest::READABLE, peek_sender)
    }

    /// As [`peek_sender`](Self::peek_sender), without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.dgram.attempt(Interest::READABLE, peek_sender)
    }
}
