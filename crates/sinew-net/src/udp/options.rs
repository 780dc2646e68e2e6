//! Options of a UDP socket, by tokio's names.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use socket2::SockRef;

use super::UdpSocket;
use crate::datagram::Side;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
use crate::error::no_descriptor;

/// A value of an option as a virtual socket remembers it.
trait Remembered {
    fn to_u32(self) -> u32;
    fn from_u32(value: u32) -> Self;
}

impl Remembered for bool {
    fn to_u32(self) -> u32 {
        self.into()
    }

    fn from_u32(value: u32) -> bool {
        value != 0
    }
}

impl Remembered for u32 {
    fn to_u32(self) -> u32 {
        self
    }

    fn from_u32(value: u32) -> u32 {
        value
    }
}

/// Accessors that pass one option through, with what they all have in common.
macro_rules! options {
    ($(
        $(#[$meta:meta])*
        $get:ident / $set:ident : $type:ty = $default:literal => $os_get:ident / $os_set:ident, $what:literal;
    )*) => {
        impl UdpSocket {
            $(
                #[doc = concat!("Reads the option: ", $what)]
                ///
                /// # Errors
                ///
                /// The error of the system call; none on a virtual network.
                $(#[$meta])*
                pub fn $get(&self) -> io::Result<$type> {
                    let value = self.dgram.option(stringify!($get), $default, |socket| {
                        SockRef::from(socket).$os_get().map(Remembered::to_u32)
                    })?;
                    Ok(Remembered::from_u32(value))
                }

                #[doc = concat!("Sets the option: ", $what)]
                ///
                /// # Errors
                ///
                /// The error of the system call; none on a virtual network.
                $(#[$meta])*
                pub fn $set(&self, value: $type) -> io::Result<()> {
                    self.dgram.set_option(stringify!($get), value.to_u32(), |socket| {
                        SockRef::from(socket).$os_set(value)
                    })
                }
            )*
        }
    };
}

options! {
    broadcast / set_broadcast: bool = 0 => broadcast / set_broadcast,
        "whether packets may be sent to broadcast addresses (`SO_BROADCAST`).";
    ttl / set_ttl: u32 = 64 => ttl_v4 / set_ttl_v4,
        "hops that an IPv4 packet may take (`IP_TTL`).";
    #[cfg(not(any(target_os = "solaris", target_os = "illumos", target_os = "haiku")))]
    tos_v4 / set_tos_v4: u32 = 0 => tos_v4 / set_tos_v4,
        "the type-of-service field of IPv4 packets (`IP_TOS`).";
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    tclass_v6 / set_tclass_v6: u32 = 0 => tclass_v6 / set_tclass_v6,
        "the traffic class of IPv6 packets (`IPV6_TCLASS`).";
    multicast_loop_v4 / set_multicast_loop_v4: bool = 1 => multicast_loop_v4 / set_multicast_loop_v4,
        "whether IPv4 packets sent to a group come back to this host (`IP_MULTICAST_LOOP`).";
    multicast_ttl_v4 / set_multicast_ttl_v4: u32 = 1 => multicast_ttl_v4 / set_multicast_ttl_v4,
        "hops that an IPv4 packet to a group may take (`IP_MULTICAST_TTL`).";
    multicast_loop_v6 / set_multicast_loop_v6: bool = 1 => multicast_loop_v6 / set_multicast_loop_v6,
        "whether IPv6 packets sent to a group come back to this host (`IPV6_MULTICAST_LOOP`).";
    multicast_hops_v6 / set_multicast_hops_v6: u32 = 1 => multicast_hops_v6 / set_multicast_hops_v6,
        "hops that an IPv6 packet to a group may take (`IPV6_MULTICAST_HOPS`).";
}

impl UdpSocket {
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

    /// The interface that the socket is bound to (`SO_BINDTODEVICE`), if any.
    ///
    /// # Errors
    ///
    /// The error of the system call; [`Unsupported`](io::ErrorKind::Unsupported)
    /// on a virtual network, which has no interfaces.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        match self.dgram.side() {
            Side::Os(socket) => SockRef::from(socket).device(),
            Side::Virtual(_) => Err(no_descriptor("UdpSocket")),
        }
    }

    /// Binds the socket to an interface, or to none. Only packets that come in
    /// there are received.
    ///
    /// # Errors
    ///
    /// The error of the system call; [`Unsupported`](io::ErrorKind::Unsupported)
    /// on a virtual network, which has no interfaces.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        match self.dgram.side() {
            Side::Os(socket) => SockRef::from(socket).bind_device(interface),
            Side::Virtual(_) => Err(no_descriptor("UdpSocket")),
        }
    }

    /// Receives what is sent to the group `multiaddr` too, on the interface with
    /// the address `interface`, or on one that the system chooses if that is
    /// `0.0.0.0` (`IP_ADD_MEMBERSHIP`).
    ///
    /// # Errors
    ///
    /// The error of the system call, for example that the address is not a
    /// group's.
    pub fn join_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        match self.dgram.side() {
            Side::Os(socket) => socket.join_multicast_v4(&multiaddr, &interface),
            Side::Virtual(io) => io.join(multiaddr.into()),
        }
    }

    /// Receives what is sent to the group `multiaddr` too, on the interface with
    /// the index `interface`, or on one that the system chooses if that is 0
    /// (`IPV6_ADD_MEMBERSHIP`).
    ///
    /// # Errors
    ///
    /// As [`join_multicast_v4`](Self::join_multicast_v4).
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        match self.dgram.side() {
            Side::Os(socket) => socket.join_multicast_v6(multiaddr, interface),
            Side::Virtual(io) => io.join((*multiaddr).into()),
        }
    }

    /// Leaves a group; see [`join_multicast_v4`](Self::join_multicast_v4).
    ///
    /// # Errors
    ///
    /// The error of the system call, for example that the socket is not in the
    /// group.
    pub fn leave_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        match self.dgram.side() {
            Side::Os(socket) => socket.leave_multicast_v4(&multiaddr, &interface),
            Side::Virtual(io) => io.leave(multiaddr.into()),
        }
    }

    /// Leaves a group; see [`join_multicast_v6`](Self::join_multicast_v6).
    ///
    /// # Errors
    ///
    /// As [`leave_multicast_v4`](Self::leave_multicast_v4).
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        match self.dgram.side() {
            Side::Os(socket) => socket.leave_multicast_v6(multiaddr, interface),
            Side::Virtual(io) => io.leave((*multiaddr).into()),
        }
    }
}
