//! A packet socket of the operating system, seen without its family.

use std::io;
use std::net::{Shutdown, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;

use socket2::{SockAddr, SockRef};

use crate::unix::SocketAddr as UnixAddr;

/// What differs between the families. All of it works on a shared reference.
pub(crate) trait Packets: AsFd + Sized + Send + Sync + 'static {
    /// What a socket is called by.
    type Addr: Clone + Send + Sync + 'static;

    /// What the public type is called, for messages.
    const NAME: &'static str;

    fn send(&self, buf: &[u8]) -> io::Result<usize>;
    fn send_to(&self, buf: &[u8], to: &Self::Addr) -> io::Result<usize>;
    fn recv(&self, buf: &mut [u8]) -> io::Result<usize>;
    fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, Self::Addr)>;
    fn addr(addr: &SockAddr) -> io::Result<Self::Addr>;
    fn connect(&self, addr: &Self::Addr) -> io::Result<()>;
    fn local_addr(&self) -> io::Result<Self::Addr>;
    fn peer_addr(&self) -> io::Result<Self::Addr>;

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        SockRef::from(self).take_error()
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        SockRef::from(self).shutdown(how)
    }
}

impl Packets for UdpSocket {
    type Addr = SocketAddr;

    const NAME: &'static str = "UdpSocket";

    fn send(&self, buf: &[u8]) -> io::Result<usize> {
        UdpSocket::send(self, buf)
    }

    fn send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        UdpSocket::send_to(self, buf, to)
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        UdpSocket::recv(self, buf)
    }

    fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        UdpSocket::recv_from(self, buf)
    }

    fn addr(addr: &SockAddr) -> io::Result<SocketAddr> {
        let addr = addr.as_socket();
        addr.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an IP address"))
    }

    fn connect(&self, addr: &SocketAddr) -> io::Result<()> {
        UdpSocket::connect(self, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        UdpSocket::local_addr(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        UdpSocket::peer_addr(self)
    }
}

impl Packets for UnixDatagram {
    type Addr = UnixAddr;

    const NAME: &'static str = "UnixDatagram";

    fn send(&self, buf: &[u8]) -> io::Result<usize> {
        UnixDatagram::send(self, buf)
    }

    fn send_to(&self, buf: &[u8], to: &UnixAddr) -> io::Result<usize> {
        UnixDatagram::send_to_addr(self, buf, to.as_std())
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        UnixDatagram::recv(self, buf)
    }

    fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, UnixAddr)> {
        let (count, from) = UnixDatagram::recv_from(self, buf)?;
        Ok((count, from.into()))
    }

    fn addr(addr: &SockAddr) -> io::Result<UnixAddr> {
        UnixAddr::from_socket2(addr)
    }

    fn connect(&self, addr: &UnixAddr) -> io::Result<()> {
        UnixDatagram::connect_addr(self, addr.as_std())
    }

    fn local_addr(&self) -> io::Result<UnixAddr> {
        UnixDatagram::local_addr(self).map(UnixAddr::from)
    }

    fn peer_addr(&self) -> io::Result<UnixAddr> {
        UnixDatagram::peer_addr(self).map(UnixAddr::from)
    }
}
