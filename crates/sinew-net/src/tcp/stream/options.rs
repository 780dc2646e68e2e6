//! Options of a connection.

use std::io;
use std::time::Duration;

use socket2::SockRef;

use super::TcpStream;
use crate::stream::Socket;

impl TcpStream {
    /// Whether small writes are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn nodelay(&self) -> io::Result<bool> {
        match &self.conn.socket {
            Socket::Os(io) => io.get_ref().nodelay(),
            Socket::Virtual(stream) => Ok(stream.options().nodelay),
        }
    }

    /// Sends small writes at once (`true`), or lets the system collect them
    /// while an acknowledgement is outstanding. A virtual network remembers
    /// the value.
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        match &self.conn.socket {
            Socket::Os(io) => io.get_ref().set_nodelay(nodelay),
            Socket::Virtual(stream) => {
                stream.options().nodelay = nodelay;
                Ok(())
            }
        }
    }

    /// Whether acknowledgements are sent at once (`TCP_QUICKACK`).
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn quickack(&self) -> io::Result<bool> {
        match &self.conn.socket {
            Socket::Os(io) => SockRef::from(io.get_ref()).tcp_quickack(),
            Socket::Virtual(stream) => Ok(stream.options().quickack),
        }
    }

    /// Sends acknowledgements at once. The system may go back by itself. A
    /// virtual network remembers the value.
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        match &self.conn.socket {
            Socket::Os(io) => SockRef::from(io.get_ref()).set_tcp_quickack(quickack),
            Socket::Virtual(stream) => {
                stream.options().quickack = quickack;
                Ok(())
            }
        }
    }

    /// How long closing the socket waits for unsent bytes (`SO_LINGER`).
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        match &self.conn.socket {
            Socket::Os(io) => SockRef::from(io.get_ref()).linger(),
            Socket::Virtual(stream) => Ok(stream.options().linger),
        }
    }

    /// Sets how long closing the socket waits for unsent bytes. Dropping a
    /// stream with a linger time **blocks its thread** for up to that long;
    /// with a time of zero it resets the connection instead of closing it,
    /// also on a virtual network.
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        match &self.conn.socket {
            Socket::Os(io) => SockRef::from(io.get_ref()).set_linger(linger),
            Socket::Virtual(stream) => {
                stream.options().linger = linger;
                Ok(())
            }
        }
    }

    /// Makes dropping the stream reset the connection. The same as a linger
    /// time of zero, which is the one that does not block.
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// Hops that a packet may take (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn ttl(&self) -> io::Result<u32> {
        match &self.conn.socket {
            Socket::Os(io) => io.get_ref().ttl(),
            Socket::Virtual(stream) => Ok(stream.options().ttl),
        }
    }

    /// Sets the hops that a packet may take. A virtual network remembers the value.
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        match &self.conn.socket {
            Socket::Os(io) => io.get_ref().set_ttl(ttl),
            Socket::Virtual(stream) => {
                stream.options().ttl = ttl;
                Ok(())
            }
        }
    }
}
