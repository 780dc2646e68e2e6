//! Listeners and the connections that wait in front of them.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::connection::{self, End};
use super::host::{self, Address, Host, Lease};
use super::wakers::Wakers;
use crate::provider::{Accepted, VirtualListener, VirtualStream};
use crate::unix::SocketAddr as UnixAddr;

/// Connections that may wait to be accepted; further connects wait themselves.
/// The number that the sockets of the operating system are made with.
pub(super) const BACKLOG: usize = 1024;

/// A listening address, shared by the listener and those who connect.
pub(super) struct Port<A> {
    addr: A,
    queue: Mutex<Queue<A>>,
}

struct Queue<A> {
    backlog: VecDeque<End<A>>,
    closed: bool,
    accepting: Wakers,
    connecting: Wakers,
}

impl<A> Port<A> {
    fn new(addr: A) -> Port<A> {
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

    fn lock(&self) -> MutexGuard<'_, Queue<A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listener of the network.
pub(super) struct Listener<A: Address> {
    host: Arc<Host>,
    port: Arc<Port<A>>,
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

impl<A: Address> VirtualListener<A> for Listener<A> {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Accepted<A>> {
        let mut queue = self.port.lock();
        let Some(end) = queue.backlog.pop_front() else {
            queue.accepting.add(cx.waker());
            return Poll::Pending;
        };
        let woken = queue.connecting.take();
        drop(queue);
        woken.wake();
        let peer = end.peer_addr()?;
        Poll::Ready(Ok((Box::new(end), peer)))
    }

    fn local_addr(&self) -> io::Result<A> {
        Ok(self.port.addr.clone())
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl<A: Address> Drop for Listener<A> {
    fn drop(&mut self) {
        A::unlisten(&self.host, &self.port.addr);
        let mut queue = self.port.lock();
        queue.closed = true;
        let backlog = std::mem::take(&mut queue.backlog);
        let woken = queue.connecting.take();
        drop(queue);
        woken.wake();
        for end in backlog {
            end.reset();
        }
    }
}

impl<A: Address> fmt::Debug for Listener<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("addr", &self.port.addr)
            .finish_non_exhaustive()
    }
}

/// A connect under way.
pub(super) struct Connect<A> {
    host: Arc<Host>,
    port: Arc<Port<A>>,
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

impl<A: Address> Connect<A> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<End<A>>> {
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
