//! A stream socket of the operating system, seen without its family.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::os::fd::AsFd;
use std::os::unix;

use sinew_reactor::Received;

use crate::sys;
use crate::unix::SocketAddr as UnixAddr;

/// What differs between the families. All of it works on a shared reference.
pub(crate) trait Transport: AsFd + Send + Sync + 'static {
    /// What an end is called by.
    type Addr: Send + Sync + 'static;

    /// What the public type is called, for messages.
    const NAME: &'static str;

    fn recv(&self, buf: &mut [u8]) -> io::Result<Received>;
    fn recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;
    fn send(&self, buf: &[u8]) -> io::Result<usize>;
    fn send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
    fn take_error(&self) -> io::Result<Option<io::Error>>;
    fn local_addr(&self) -> io::Result<Self::Addr>;
    fn peer_addr(&self) -> io::Result<Self::Addr>;
}

impl Transport for net::TcpStream {
    type Addr = SocketAddr;

    const NAME: &'static str = "TcpStream";

    fn recv(&self, buf: &mut [u8]) -> io::Result<Received> {
        sys::recv(self, buf).map(Received::all)
    }

    fn recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut this = self;
        this.read_vectored(bufs)
    }

    fn send(&self, buf: &[u8]) -> io::Result<usize> {
        sys::send(self, buf)
    }

    fn send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut this = self;
        this.write_vectored(bufs)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        net::TcpStream::shutdown(self, how)
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        net::TcpStream::take_error(self)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        net::TcpStream::local_addr(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        net::TcpStream::peer_addr(self)
    }
}

impl Transport for unix::net::UnixStream {
    type Addr = UnixAddr;

    const NAME: &'static str = "UnixStream";

    fn recv(&self, buf: &mut [u8]) -> io::Result<Received> {
        sys::recv_unix(self, buf)
    }

    fn recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut this = self;
        this.read_vectored(bufs)
    }

    fn send(&self, buf: &[u8]) -> io::Result<usize> {
        sys::send(self, buf)
    }

    fn send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut this = self;
        this.write_vectored(bufs)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        unix::net::UnixStream::shutdown(self, how)
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        unix::net::UnixStream::take_error(self)
    }

    fn local_addr(&self) -> io::Result<UnixAddr> {
        unix::net::UnixStream::local_addr(self).map(UnixAddr::from)
    }

    fn peer_addr(&self) -> io::Result<UnixAddr> {
        unix::net::UnixStream::peer_addr(self).map(UnixAddr::from)
    }
}
