//! Listeners and the connections that wait in front of them.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::connection::{self, Bytes, End, Inbox};
use super::host::{self, Address, Host, Lease};
use super::packets::Packets;
use super::wakers::Wakers;
use crate::provider::{Accepted, VirtualDatagram, VirtualListener};
use crate::unix::SocketAddr as UnixAddr;

/// Connections that may wait to be accepted; further connects wait themselves.
/// The number that the sockets of the operating system are made with.
pub(super) const BACKLOG: usize = 1024;

/// A listening address, shared by the listener and those who connect.
pub(super) struct Port<A, I: Inbox = Bytes> {
    addr: A,
    queue: Mutex<Queue<A, I>>,
}

struct Queue<A, I: Inbox> {
    backlog: VecDeque<End<A, I>>,
    closed: bool,
    accepting: Wakers,
    connecting: Wakers,
}

impl<A, I: Inbox> Port<A, I> {
    fn new(addr: A) -> Self {
        Port {
            addr,
            queue: Mutex::new(Queue {
                backlog: VecDeque::new(),
                closed: false,
                accepting: Wakers::default(),
                connecting: Wakers::default(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<A, I>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listener of the network.
pub(super) struct Listener<A: Address, I: Inbox = Bytes> {
    host: Arc<Host>,
    port: Arc<Port<A, I>>,
    id: u64,
}

impl Listener<SocketAddr> {
    pub(super) fn bind(host: &Arc<Host>, addr: SocketAddr) -> io::Result<Self> {
        Ok(Listener {
            port: host.listen(addr, Port::new)?,
            id: host.next_id(),
            host: Arc::clone(host),
        })
    }
}

impl Listener<UnixAddr> {
    pub(super) fn bind_unix(host: &Arc<Host>, addr: &UnixAddr) -> io::Result<Self> {
        Ok(Listener {
            port: host.listen_unix(addr, Port::new)?,
            id: host.next_id(),
            host: Arc::clone(host),
        })
    }
}

impl Listener<UnixAddr, Packets> {
    pub(super) fn bind_packets(host: &Arc<Host>, addr: &UnixAddr) -> io::Result<Self> {
        Ok(Listener {
            port: host.listen_packets(addr, Port::new)?,
            id: host.next_id(),
            host: Arc::clone(host),
        })
    }
}

impl<A: Address, I: Inbox> Listener<A, I> {
    fn accept(&self, cx: &mut Context<'_>) -> Poll<End<A, I>> {
        let mut queue = self.port.lock();
        let Some(end) = queue.backlog.pop_front() else {
            queue.accepting.add(cx.waker());
            return Poll::Pending;
        };
        let woken = queue.connecting.take();
        drop(queue);
        woken.wake();
        Poll::Ready(end)
    }
}

impl<A: Address> VirtualListener<A> for Listener<A> {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Accepted<A>> {
        self.accept(cx).map(|end| {
            let peer = end.peer.clone();
            Ok((Box::new(end) as _, peer))
        })
    }

    fn local_addr(&self) -> io::Result<A> {
        Ok(self.port.addr.clone())
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl<A: Address> VirtualListener<A, dyn VirtualDatagram<A>> for Listener<A, Packets> {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Accepted<A, dyn VirtualDatagram<A>>> {
        self.accept(cx).map(|end| {
            let peer = end.peer.clone();
            Ok((Box::new(end) as _, peer))
        })
    }

    fn local_addr(&self) -> io::Result<A> {
        Ok(self.port.addr.clone())
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl<A: Address, I: Inbox> Drop for Listener<A, I> {
    fn drop(&mut self) {
        A::unlisten(&self.host, &self.port.addr);
        let mut queue = self.port.lock();
        queue.closed = true;
        let backlog = std::mem::take(&mut queue.backlog);
        let woken = queue.connecting.take();
        drop(queue);
        woken.wake();
        for end in backlog {
            end.close(true);
        }
    }
}

impl<A: Address, I: Inbox> fmt::Debug for Listener<A, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("addr", &self.port.addr)
            .finish_non_exhaustive()
    }
}

/// A connect under way.
pub(super) struct Connect<A, I: Inbox = Bytes> {
    host: Arc<Host>,
    port: Arc<Port<A, I>>,
    /// The ends' addresses; taken when the connection is made.
    ends: Option<([A; 2], Option<Lease>)>,
}

impl Connect<SocketAddr> {
    pub(super) fn new(
        host: &Arc<Host>,
        local: Option<SocketAddr>,
        addr: SocketAddr,
    ) -> io::Result<Self> {
        let target = host::destination(addr);
        let port = host.find(target).ok_or(io::ErrorKind::ConnectionRefused)?;
        let lease = host.lease(local, target)?;
        Ok(Connect {
            ends: Some(([lease.addr(), target], Some(lease))),
            host: Arc::clone(host),
            port,
        })
    }
}

impl Connect<UnixAddr> {
    pub(super) fn new_unix(
        host: &Arc<Host>,
        local: Option<&UnixAddr>,
        addr: &UnixAddr,
    ) -> io::Result<Self> {
        let local = local.map_or_else(UnixAddr::unnamed, |local| Ok(local.clone()))?;
        Ok(Connect {
            port: host.find_unix(addr).ok_or(io::ErrorKind::NotFound)?,
            ends: Some(([local, addr.clone()], None)),
            host: Arc::clone(host),
        })
    }
}

impl Connect<UnixAddr, Packets> {
    pub(super) fn new_packets(host: &Arc<Host>, addr: &UnixAddr) -> io::Result<Self> {
        Ok(Connect {
            port: host.find_packets(addr).ok_or(io::ErrorKind::NotFound)?,
            ends: Some(([UnixAddr::unnamed()?, addr.clone()], None)),
            host: Arc::clone(host),
        })
    }
}

impl<A: Address, I: Inbox> Connect<A, I> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<End<A, I>>> {
        let mut queue = self.port.lock();
        if queue.closed {
            return Poll::Ready(Err(io::ErrorKind::ConnectionRefused.into()));
        }
        if queue.backlog.len() >= BACKLOG {
            queue.connecting.add(cx.waker());
            return Poll::Pending;
        }
        let (addrs, lease) = self.ends.take().expect("a connect ends once");
        let ids = [self.host.next_id(), self.host.next_id()];
        let [mine, theirs] = connection::pair(addrs, lease, self.host.capacity(), ids);
        queue.backlog.push_back(theirs);
        let woken = queue.accepting.take();
        drop(queue);
        woken.wake();
        Poll::Ready(Ok(mine))
    }
}
