//! Who has which address, and which name stands for what.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::listener::Port;

/// The first port that is given out when the caller leaves the choice; below
/// are those that programs choose themselves. The range is IANA's.
const FIRST_FREE: u16 = 49152;

/// The address book of one network.
pub(super) struct Host {
    book: Mutex<Book>,
    next_id: AtomicU64,
    capacity: usize,
}

struct Book {
    listeners: HashMap<SocketAddr, Arc<Port>>,
    /// The addresses that connecting ends have.
    leased: HashSet<SocketAddr>,
    names: HashMap<String, Vec<IpAddr>>,
    next_port: u16,
}

impl Host {
    pub(super) fn new(capacity: usize) -> Host {
        let localhost = vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ];
        Host {
            book: Mutex::new(Book {
                listeners: HashMap::new(),
                leased: HashSet::new(),
                names: HashMap::from([("localhost".to_owned(), localhost)]),
                next_port: FIRST_FREE,
            }),
            next_id: AtomicU64::new(1),
            capacity,
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// A number that no other socket of this network has.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn name(&self, name: &str, addrs: Vec<IpAddr>) {
        self.book().names.insert(name.to_ascii_lowercase(), addrs);
    }

    pub(super) fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let book = self.book();
        let found = book.names.get(&name.to_ascii_lowercase()).cloned();
        found.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "the network knows no such name")
        })
    }

    pub(super) fn listening(&self) -> Vec<SocketAddr> {
        let mut addrs: Vec<_> = self.book().listeners.keys().copied().collect();
        addrs.sort_unstable();
        addrs
    }

    /// Enters a listener on `addr`, which `make` makes of the real address.
    pub(super) fn listen(
        &self,
        addr: SocketAddr,
        make: impl FnOnce(SocketAddr) -> Port,
    ) -> io::Result<Arc<Port>> {
        let mut book = self.book();
        let addr = match addr.port() {
            0 => book.free_port(addr.ip())?,
            port => SocketAddr::new(addr.ip(), port),
        };
        if book.is_taken(addr) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let port = Arc::new(make(addr));
        book.listeners.insert(addr, Arc::clone(&port));
        Ok(port)
    }

    pub(super) fn unlisten(&self, addr: SocketAddr) {
        self.book().listeners.remove(&addr);
    }

    /// Who listens for connections to `addr`: on exactly that address, or on all.
    pub(super) fn find(&self, addr: SocketAddr) -> Option<Arc<Port>> {
        let book = self.book();
        let candidates = [
            addr.ip(),
            unspecified(addr.ip()),
            Ipv6Addr::UNSPECIFIED.into(),
        ];
        candidates
            .into_iter()
            .find_map(|ip| book.listeners.get(&SocketAddr::new(ip, addr.port())))
            .cloned()
    }

    /// An address for the connecting end of a connection: `local`, or a free
    /// port of `target`'s address, as a host that connects to itself does.
    pub(super) fn lease(
        self: &Arc<Self>,
        local: Option<SocketAddr>,
        target: SocketAddr,
    ) -> io::Result<Lease> {
        let mut book = self.book();
        let ip = match local {
            Some(local) if !local.ip().is_unspecified() => local.ip(),
            _ => target.ip(),
        };
        let addr = match local.map_or(0, |local| local.port()) {
            0 => book.free_port(ip)?,
            port => SocketAddr::new(ip, port),
        };
        if !book.leased.insert(addr) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        Ok(Lease {
            addr,
            host: Arc::downgrade(self),
        })
    }
}

impl Book {
    fn is_taken(&self, addr: SocketAddr) -> bool {
        // One that listens on every address is in the way of each single one,
        // and each single one in the way of it.
        let clashes = |other: &SocketAddr| {
            other.port() == addr.port()
                && (other.ip() == addr.ip()
                    || other.ip().is_unspecified()
                    || addr.ip().is_unspecified())
        };
        self.leased.contains(&addr) || self.listeners.keys().any(clashes)
    }

    fn free_port(&mut self, ip: IpAddr) -> io::Result<SocketAddr> {
        for _ in FIRST_FREE..=u16::MAX {
            let addr = SocketAddr::new(ip, self.next_port);
            self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_FREE);
            if !self.is_taken(addr) {
                return Ok(addr);
            }
        }
        Err(io::ErrorKind::AddrNotAvailable.into())
    }
}

fn unspecified(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// Where a connect to `addr` goes: to this very host when no address is named,
/// as on a real one.
pub(super) fn destination(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

/// The address of a connecting end; free again when dropped.
pub(super) struct Lease {
    addr: SocketAddr,
    // Weak, because the address book holds listeners, whose backlogs hold ends.
    host: Weak<Host>,
}

impl Lease {
    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(host) = self.host.upgrade() {
            host.book().leased.remove(&self.addr);
        }
    }
}
