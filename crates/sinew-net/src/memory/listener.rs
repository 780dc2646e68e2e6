//! Listeners and the connections that wait in front of them.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::connection::{self, End};
use super::host::{self, Host, Lease};
use super::wakers::Wakers;
use crate::provider::{VirtualListener, VirtualStream};

/// Connections that may wait to be accepted; further connects wait themselves.
/// The number that the sockets of the operating system are made with.
pub(super) const BACKLOG: usize = 1024;

/// A listening address, shared by the listener and those who connect.
pub(super) struct Port {
    addr: SocketAddr,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    backlog: VecDeque<End>,
    closed: bool,
    accepting: Wakers,
    connecting: Wakers,
}

impl Port {
    fn new(addr: SocketAddr) -> Port {
        Port {
            addr,
            queue: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listener of the network.
pub(super) struct Listener {
    host: Arc<Host>,
    port: Arc<Port>,
    id: u64,
}

impl Listener {
    pub(super) fn bind(host: &Arc<Host>, addr: SocketAddr) -> io::Result<Listener> {
        Ok(Listener {
            port: host.listen(addr, Port::new)?,
            id: host.next_id(),
            host: Arc::clone(host),
        })
    }
}

impl VirtualListener for Listener {
    fn poll_accept(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(Box<dyn VirtualStream>, SocketAddr)>> {
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

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.port.addr)
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.host.unlisten(self.port.addr);
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

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("addr", &self.port.addr)
            .finish_non_exhaustive()
    }
}

/// A connect under way.
pub(super) struct Connect {
    host: Arc<Host>,
    port: Arc<Port>,
    target: SocketAddr,
    /// Taken when the connection is made.
    lease: Option<Lease>,
}

impl Connect {
    pub(super) fn new(
        host: &Arc<Host>,
        local: Option<SocketAddr>,
        addr: SocketAddr,
    ) -> io::Result<Connect> {
        let target = host::destination(addr);
        let port = host.find(target).ok_or(io::ErrorKind::ConnectionRefused)?;
        Ok(Connect {
            lease: Some(host.lease(local, target)?),
            host: Arc::clone(host),
            port,
            target,
        })
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<End>> {
        let mut queue = self.port.lock();
        if queue.closed {
            return Poll::Ready(Err(io::ErrorKind::ConnectionRefused.into()));
        }
        if queue.backlog.len() >= BACKLOG {
            queue.connecting.add(cx.waker());
            return Poll::Pending;
        }
        let lease = self.lease.take().expect("a connect ends once");
        let ids = [self.host.next_id(), self.host.next_id()];
        let [mine, theirs] = connection::pair(lease, self.target, self.host.capacity(), ids);
        queue.backlog.push_back(theirs);
        let woken = queue.accepting.take();
        drop(queue);
        woken.wake();
        Poll::Ready(Ok(mine))
    }
}
