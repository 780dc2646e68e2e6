//! One operation on a packet socket, whoever's it is.

use std::io;
use std::net::Shutdown;

use bytes::BufMut;

use super::Packets;
use crate::provider::VirtualDatagram;
use crate::sys;

/// A packet socket while an operation is tried on it.
pub(crate) enum Side<'a, T: Packets> {
    Os(&'a T),
    Virtual(&'a dyn VirtualDatagram<T::Addr>),
}

impl<T: Packets> Side<'_, T> {
    pub(crate) fn send(&self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Side::Os(socket) => socket.send(buf),
            Side::Virtual(io) => io.send(buf, None),
        }
    }

    pub(crate) fn send_to(&self, buf: &[u8], to: &T::Addr) -> io::Result<usize> {
        match self {
            Side::Os(socket) => socket.send_to(buf, to),
            Side::Virtual(io) => io.send(buf, Some(to)),
        }
    }

    pub(crate) fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Side::Os(socket) => socket.recv(buf),
            Side::Virtual(io) => io.recv(buf).map(|(count, _)| count),
        }
    }

    pub(crate) fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, T::Addr)> {
        match self {
            Side::Os(socket) => socket.recv_from(buf),
            Side::Virtual(io) => io.recv(buf),
        }
    }

    pub(crate) fn recv_buf(&self, buf: &mut impl BufMut) -> io::Result<usize> {
        match self {
            Side::Os(socket) => sys::recv_buf(*socket, buf),
            Side::Virtual(io) => sys::put(buf, |part| io.recv(part)).map(|(count, _)| count),
        }
    }

    pub(crate) fn recv_buf_from(&self, buf: &mut impl BufMut) -> io::Result<(usize, T::Addr)> {
        match self {
            Side::Os(socket) => {
                let (count, from) = sys::recv_buf_from(*socket, buf)?;
                Ok((count, T::addr(&from)?))
            }
            Side::Virtual(io) => sys::put(buf, |part| io.recv(part)),
        }
    }

    pub(crate) fn connect(&self, addr: &T::Addr) -> io::Result<()> {
        match self {
            Side::Os(socket) => socket.connect(addr),
            Side::Virtual(io) => io.connect(addr),
        }
    }

    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match self {
            Side::Os(socket) => socket.shutdown(how),
            Side::Virtual(io) => io.shutdown(how),
        }
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            Side::Os(socket) => socket.take_error(),
            Side::Virtual(io) => io.take_error(),
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<T::Addr> {
        match self {
            Side::Os(socket) => socket.local_addr(),
            Side::Virtual(io) => io.local_addr(),
        }
    }

    pub(crate) fn peer_addr(&self) -> io::Result<T::Addr> {
        match self {
            Side::Os(socket) => socket.peer_addr(),
            Side::Virtual(io) => io.peer_addr(),
        }
    }
}
