//! Options of a socket, by tokio's names.

use std::io;
use std::time::Duration;

use super::TcpSocket;

/// Accessors that pass one option through, with what they all have in common.
macro_rules! options {
    ($(
        $(#[$meta:meta])*
        $get:ident / $set:ident : $type:ty => $os_get:ident / $os_set:ident, $what:literal;
    )*) => {
        impl TcpSocket {
            $(
                #[doc = concat!("Reads the option: ", $what)]
                ///
                /// # Errors
                ///
                /// The error of the system call.
                $(#[$meta])*
                pub fn $get(&self) -> io::Result<$type> {
                    self.socket.$os_get()
                }

                #[doc = concat!("Sets the option: ", $what)]
                ///
                /// # Errors
                ///
                /// The error of the system call.
                $(#[$meta])*
                pub fn $set(&self, value: $type) -> io::Result<()> {
                    self.socket.$os_set(value)
                }
            )*
        }
    };
}

options! {
    keepalive / set_keepalive: bool => keepalive / set_keepalive,
        "whether the system probes an idle connection (`SO_KEEPALIVE`).";
    reuseaddr / set_reuseaddr: bool => reuse_address / set_reuse_address,
        "whether an address may be bound that old connections still use (`SO_REUSEADDR`).";
    #[cfg(not(any(target_os = "solaris", target_os = "illumos")))]
    reuseport / set_reuseport: bool => reuse_port / set_reuse_port,
        "whether several sockets may be bound to one address (`SO_REUSEPORT`).";
    nodelay / set_nodelay: bool => tcp_nodelay / set_tcp_nodelay,
        "whether small writes are sent at once (`TCP_NODELAY`).";
    linger / set_linger: Option<Duration> => linger / set_linger,
        "how long closing waits for unsent bytes (`SO_LINGER`). Dropping a stream with a \
         linger time blocks its thread for up to that long; a time of zero resets the connection.";
    #[cfg(not(any(target_os = "solaris", target_os = "illumos", target_os = "haiku")))]
    tos_v4 / set_tos_v4: u32 => tos_v4 / set_tos_v4,
        "the type-of-service field of IPv4 packets (`IP_TOS`).";
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    tclass_v6 / set_tclass_v6: u32 => tclass_v6 / set_tclass_v6,
        "the traffic class of IPv6 packets (`IPV6_TCLASS`).";
}

impl TcpSocket {
    /// Makes dropping the stream reset the connection: a linger time of zero.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// As [`tos_v4`](Self::tos_v4), by its old name.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    #[cfg(not(any(target_os = "solaris", target_os = "illumos", target_os = "haiku")))]
    #[deprecated(note = "called `tos_v4`: the option is one of IPv4")]
    #[doc(hidden)]
    pub fn tos(&self) -> io::Result<u32> {
        self.tos_v4()
    }

    /// As [`set_tos_v4`](Self::set_tos_v4), by its old name.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    #[cfg(not(any(target_os = "solaris", target_os = "illumos", target_os = "haiku")))]
    #[deprecated(note = "called `set_tos_v4`: the option is one of IPv4")]
    #[doc(hidden)]
    pub fn set_tos(&self, tos: u32) -> io::Result<()> {
        self.set_tos_v4(tos)
    }

    /// Bytes of the send buffer (`SO_SNDBUF`). Linux gives twice what was set.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.socket.send_buffer_size().map(saturate)
    }

    /// Asks for a send buffer of `size` bytes.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    pub fn set_send_buffer_size(&self, size: u32) -> io::Result<()> {
        self.socket.set_send_buffer_size(widen(size))
    }

    /// Bytes of the receive buffer (`SO_RCVBUF`). Linux gives twice what was set.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.socket.recv_buffer_size().map(saturate)
    }

    /// Asks for a receive buffer of `size` bytes.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    pub fn set_recv_buffer_size(&self, size: u32) -> io::Result<()> {
        self.socket.set_recv_buffer_size(widen(size))
    }

    /// The interface that the socket is bound to (`SO_BINDTODEVICE`), if any.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.socket.device()
    }

    /// Binds the socket to an interface, or to none.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        self.socket.bind_device(interface)
    }
}

fn saturate(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn widen(size: u32) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
