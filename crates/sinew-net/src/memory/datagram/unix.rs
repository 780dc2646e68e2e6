//! Unix datagrams.

use std::fmt;
use std::io;
use std::net::{IpAddr, Shutdown};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use super::Mailbox;
use crate::memory::host::Host;
use crate::provider::VirtualDatagram;
use crate::unix::SocketAddr;
use crate::{Interest, Ready};

/// A Unix datagram socket of the network.
pub(in crate::memory) struct Unix {
    host: Arc<Host>,
    mailbox: Arc<Mailbox<SocketAddr>>,
    sending: Mutex<Sending>,
    id: u64,
}

/// Where packets go.
#[derive(Default)]
struct Sending {
    peer: Option<Weak<Mailbox<SocketAddr>>>,
    /// The mailbox that had no room last time, which a waiting sender waits for.
    full: Option<Weak<Mailbox<SocketAddr>>>,
    closed: bool,
}

impl Unix {
    pub(in crate::memory) fn new(host: &Arc<Host>, addr: Option<&SocketAddr>) -> io::Result<Unix> {
        let own = addr.map_or_else(SocketAddr::unnamed, |addr| Ok(addr.clone()))?;
        let mailbox = Arc::new(Mailbox::new(own, host.capacity()));
        if let Some(addr) = addr {
            host.bind_unix_datagram(addr, &mailbox)?;
        }
        Ok(Unix {
            host: Arc::clone(host),
            mailbox,
            sending: Mutex::default(),
            id: host.next_id(),
        })
    }

    pub(in crate::memory) fn pair(host: &Arc<Host>) -> io::Result<[Unix; 2]> {
        let (one, other) = (Unix::new(host, None)?, Unix::new(host, None)?);
        one.sending().peer = Some(Arc::downgrade(&other.mailbox));
        other.sending().peer = Some(Arc::downgrade(&one.mailbox));
        Ok([one, other])
    }

    fn sending(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn target(&self, to: Option<&SocketAddr>) -> io::Result<Arc<Mailbox<SocketAddr>>> {
        if let Some(to) = to {
            let found = self.host.unix_receiver(to);
            return found.ok_or_else(|| io::ErrorKind::NotFound.into());
        }
        match &self.sending().peer {
            Some(peer) => {
                let peer = peer.upgrade();
                peer.ok_or_else(|| io::ErrorKind::ConnectionRefused.into())
            }
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl VirtualDatagram<SocketAddr> for Unix {
    fn connect(&self, addr: &SocketAddr) -> io::Result<()> {
        let peer = self.host.unix_receiver(addr);
        let peer = peer.ok_or(io::ErrorKind::NotFound)?;
        self.sending().peer = Some(Arc::downgrade(&peer));
        Ok(())
    }

    fn send(&self, buf: &[u8], to: Option<&SocketAddr>) -> io::Result<usize> {
        if self.sending().closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let target = self.target(to)?;
        let put = target.put(self.mailbox.addr(), buf);
        let full = matches!(&put, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        self.sending().full = full.then(|| Arc::downgrade(&target));
        put.map(|()| buf.len())
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.mailbox.get(buf, true)
    }

    fn peek(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.mailbox.get(buf, false)
    }

    fn join(&self, _: IpAddr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn leave(&self, _: IpAddr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if how != Shutdown::Write {
            self.mailbox.close(true);
        }
        if how != Shutdown::Read {
            self.sending().closed = true;
        }
        Ok(())
    }

    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<Ready>> {
        let mut ready = self.mailbox.readable(cx, interest);
        if interest.is_writable() {
            let full = self.sending().full.as_ref().and_then(Weak::upgrade);
            if full.is_none_or(|full| full.has_room(cx)) {
                ready |= Ready::WRITABLE;
            }
        }
        if ready.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(ready))
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(None)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.mailbox.addr())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        let peer = self.sending().peer.as_ref().and_then(Weak::upgrade);
        let peer = peer.ok_or(io::ErrorKind::NotConnected)?;
        Ok(peer.addr())
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Unix {
    fn drop(&mut self) {
        self.host.unbind_unix_datagram(&self.mailbox);
        self.mailbox.close(false);
    }
}

impl fmt::Debug for Unix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unix")
            .field("addr", &self.mailbox.addr())
            .finish_non_exhaustive()
    }
}
