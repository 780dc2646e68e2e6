//! UDP.

use std::fmt;
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::Mailbox;
use crate::memory::host::{self, Host};
use crate::provider::VirtualDatagram;
use crate::{Interest, Ready};

/// The longest packet: what 16 bits count, without the two headers.
const LONGEST: usize = 65_507;

/// A UDP socket of the network.
pub(in crate::memory) struct Udp {
    host: Arc<Host>,
    mailbox: Arc<Mailbox<SocketAddr>>,
    peer: Mutex<Option<SocketAddr>>,
    id: u64,
}

impl Udp {
    pub(in crate::memory) fn bind(host: &Arc<Host>, addr: SocketAddr) -> io::Result<Udp> {
        let capacity = host.capacity();
        Ok(Udp {
            mailbox: host.bind_udp(addr, |addr| Mailbox::new(addr, capacity))?,
            host: Arc::clone(host),
            peer: Mutex::new(None),
            id: host.next_id(),
        })
    }

    fn peer(&self) -> MutexGuard<'_, Option<SocketAddr>> {
        self.peer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address that a packet to `target` comes from.
    fn source(&self, target: SocketAddr) -> SocketAddr {
        let local = self.mailbox.addr();
        if !local.ip().is_unspecified() {
            return local;
        }
        // As a host that sends to itself does. A group is no source.
        let ip = match target.ip() {
            ip if ip.is_multicast() => host::destination(local).ip(),
            ip => ip,
        };
        SocketAddr::new(ip, local.port())
    }

    /// The next packet from whom it may come from.
    fn get(&self, buf: &mut [u8], take: bool) -> io::Result<(usize, SocketAddr)> {
        let peer = *self.peer();
        loop {
            let (count, from) = self.mailbox.get(buf, take)?;
            if peer.is_none_or(|peer| peer == from) {
                return Ok((count, from));
            }
            if !take {
                self.mailbox.get(&mut [], true)?;
            }
        }
    }
}

impl VirtualDatagram for Udp {
    fn connect(&self, addr: &SocketAddr) -> io::Result<()> {
        *self.peer() = Some(host::destination(*addr));
        Ok(())
    }

    fn send(&self, buf: &[u8], to: Option<&SocketAddr>) -> io::Result<usize> {
        if let Some(kind) = self.mailbox.take_error() {
            return Err(kind.into());
        }
        let peer = *self.peer();
        let target = match (to, peer) {
            (Some(to), _) => host::destination(*to),
            (None, Some(peer)) => peer,
            (None, None) => return Err(io::Error::from_raw_os_error(libc::EDESTADDRREQ)),
        };
        if buf.len() > LONGEST {
            return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
        }
        let receivers = self.host.udp_receivers(target);
        if receivers.is_empty() && peer.is_some() && to.is_none() {
            // As the host's answer that nobody has the port, which comes later.
            self.mailbox.fail(io::ErrorKind::ConnectionRefused);
        }
        for receiver in receivers {
            // Lost when there is no room.
            let _ = receiver.put(self.source(target), buf);
        }
        Ok(buf.len())
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.get(buf, true)
    }

    fn peek(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.get(buf, false)
    }

    fn join(&self, group: IpAddr) -> io::Result<()> {
        self.host.join(group, &self.mailbox)
    }

    fn leave(&self, group: IpAddr) -> io::Result<()> {
        self.host.leave(group, &self.mailbox)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if self.peer().is_none() {
            return Err(io::ErrorKind::NotConnected.into());
        }
        if how != Shutdown::Write {
            self.mailbox.close(true);
        }
        Ok(())
    }

    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<Ready>> {
        let mut ready = self.mailbox.readable(cx, interest);
        if interest.is_writable() {
            // Packets that there is no room for are lost, so nobody waits.
            ready |= Ready::WRITABLE;
        }
        if ready.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(ready))
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.mailbox.take_error().map(io::Error::from))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.mailbox.addr())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Udp {
    fn drop(&mut self) {
        self.host.unbind_udp(&self.mailbox);
        self.mailbox.close(false);
    }
}

impl fmt::Debug for Udp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Udp")
            .field("addr", &self.mailbox.addr())
            .finish_non_exhaustive()
    }
}
