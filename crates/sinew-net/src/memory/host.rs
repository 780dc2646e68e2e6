//! Who has which address, and which name stands for what.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::datagram::Mailbox;
use super::listener::Port;
use super::packets::Packets;
use crate::unix::SocketAddr as UnixAddr;

/// The first port that is given out when the caller leaves the choice; below
/// are those that programs choose themselves. The range is IANA's.
const FIRST_FREE: u16 = 49152;

/// What an end of a connection or a socket is called by.
pub(super) trait Address: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// Gives up the name that a listener has.
    fn unlisten(host: &Host, addr: &Self);
}

impl Address for SocketAddr {
    fn unlisten(host: &Host, addr: &Self) {
        host.book().listeners.remove(addr);
    }
}

impl Address for UnixAddr {
    fn unlisten(host: &Host, addr: &Self) {
        if let Some(name) = Name::of(addr) {
            let mut book = host.book();
            book.unix_listeners.remove(&name);
            book.packet_listeners.remove(&name);
        }
    }
}

/// The name of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Path(PathBuf),
    Abstract(Vec<u8>),
}

impl Name {
    pub(super) fn of(addr: &UnixAddr) -> Option<Name> {
        let path = addr.as_pathname().map(|path| Name::Path(path.to_owned()));
        path.or_else(|| {
            addr.as_abstract_name()
                .map(|name| Name::Abstract(name.to_owned()))
        })
    }
}

/// The address book of one network.
pub(super) struct Host {
    book: Mutex<Book>,
    next_id: AtomicU64,
    capacity: usize,
}

struct Book {
    listeners: HashMap<SocketAddr, Arc<Port<SocketAddr>>>,
    unix_listeners: HashMap<Name, Arc<Port<UnixAddr>>>,
    /// Of sequenced packets. No name is in more than one of the maps.
    packet_listeners: HashMap<Name, Arc<Port<UnixAddr, Packets>>>,
    udp: HashMap<SocketAddr, Arc<Mailbox<SocketAddr>>>,
    unix_datagrams: HashMap<Name, Arc<Mailbox<UnixAddr>>>,
    /// Who is in which multicast group.
    groups: Vec<(IpAddr, Arc<Mailbox<SocketAddr>>)>,
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
                unix_listeners: HashMap::new(),
                packet_listeners: HashMap::new(),
                udp: HashMap::new(),
                unix_datagrams: HashMap::new(),
                groups: Vec::new(),
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
        make: impl FnOnce(SocketAddr) -> Port<SocketAddr>,
    ) -> io::Result<Arc<Port<SocketAddr>>> {
        let mut book = self.book();
        let addr = match addr.port() {
            0 => book.free_port(addr.ip(), Book::is_taken)?,
            port => SocketAddr::new(addr.ip(), port),
        };
        if book.is_taken(addr) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let port = Arc::new(make(addr));
        book.listeners.insert(addr, Arc::clone(&port));
        Ok(port)
    }

    /// Enters a Unix listener at `addr`.
    pub(super) fn listen_unix(
        &self,
        addr: &UnixAddr,
        make: impl FnOnce(UnixAddr) -> Port<UnixAddr>,
    ) -> io::Result<Arc<Port<UnixAddr>>> {
        let name = Name::of(addr).ok_or(io::ErrorKind::InvalidInput)?;
        let mut book = self.book();
        if book.is_name_taken(&name) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let port = Arc::new(make(addr.clone()));
        book.unix_listeners.insert(name, Arc::clone(&port));
        Ok(port)
    }

    /// Enters a listener for sequenced packets at `addr`.
    pub(super) fn listen_packets(
        &self,
        addr: &UnixAddr,
        make: impl FnOnce(UnixAddr) -> Port<UnixAddr, Packets>,
    ) -> io::Result<Arc<Port<UnixAddr, Packets>>> {
        let name = Name::of(addr).ok_or(io::ErrorKind::InvalidInput)?;
        let mut book = self.book();
        if book.is_name_taken(&name) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let port = Arc::new(make(addr.clone()));
        book.packet_listeners.insert(name, Arc::clone(&port));
        Ok(port)
    }

    pub(super) fn find_packets(&self, addr: &UnixAddr) -> Option<Arc<Port<UnixAddr, Packets>>> {
        self.book().packet_listeners.get(&Name::of(addr)?).cloned()
    }

    pub(super) fn find_unix(&self, addr: &UnixAddr) -> Option<Arc<Port<UnixAddr>>> {
        self.book().unix_listeners.get(&Name::of(addr)?).cloned()
    }

    /// Who listens for connections to `addr`: on exactly that address, or on all.
    pub(super) fn find(&self, addr: SocketAddr) -> Option<Arc<Port<SocketAddr>>> {
        let book = self.book();
        let mut candidates = serving(addr).into_iter();
        candidates
            .find_map(|addr| book.listeners.get(&addr))
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
            0 => book.free_port(ip, Book::is_taken)?,
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

/// Who has which packets.
impl Host {
    /// Enters the mailbox of a UDP socket on `addr`, made of the real address.
    pub(super) fn bind_udp(
        &self,
        addr: SocketAddr,
        make: impl FnOnce(SocketAddr) -> Mailbox<SocketAddr>,
    ) -> io::Result<Arc<Mailbox<SocketAddr>>> {
        let mut book = self.book();
        let addr = match addr.port() {
            0 => book.free_port(addr.ip(), Book::is_udp_taken)?,
            port => SocketAddr::new(addr.ip(), port),
        };
        if book.is_udp_taken(addr) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let mailbox = Arc::new(make(addr));
        book.udp.insert(addr, Arc::clone(&mailbox));
        Ok(mailbox)
    }

    /// Enters the mailbox of a Unix datagram socket at `addr`.
    pub(super) fn bind_unix_datagram(
        &self,
        addr: &UnixAddr,
        mailbox: &Arc<Mailbox<UnixAddr>>,
    ) -> io::Result<()> {
        let name = Name::of(addr).ok_or(io::ErrorKind::InvalidInput)?;
        let mut book = self.book();
        if book.is_name_taken(&name) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        book.unix_datagrams.insert(name, Arc::clone(mailbox));
        Ok(())
    }

    /// Who gets what is sent to `addr`: the socket there, or a group.
    pub(super) fn udp_receivers(&self, addr: SocketAddr) -> Vec<Arc<Mailbox<SocketAddr>>> {
        let book = self.book();
        if addr.ip().is_multicast() {
            let members = book.groups.iter();
            return members
                .filter(|(group, member)| {
                    *group == addr.ip() && member.addr().port() == addr.port()
                })
                .map(|(_, member)| Arc::clone(member))
                .collect();
        }
        let mut candidates = serving(addr).into_iter();
        let found = candidates.find_map(|addr| book.udp.get(&addr)).cloned();
        found.into_iter().collect()
    }

    pub(super) fn unix_receiver(&self, addr: &UnixAddr) -> Option<Arc<Mailbox<UnixAddr>>> {
        self.book().unix_datagrams.get(&Name::of(addr)?).cloned()
    }

    pub(super) fn join(&self, group: IpAddr, mailbox: &Arc<Mailbox<SocketAddr>>) -> io::Result<()> {
        if !group.is_multicast() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut book = self.book();
        if book.is_member(group, mailbox) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        book.groups.push((group, Arc::clone(mailbox)));
        Ok(())
    }

    pub(super) fn leave(
        &self,
        group: IpAddr,
        mailbox: &Arc<Mailbox<SocketAddr>>,
    ) -> io::Result<()> {
        let mut book = self.book();
        if !book.is_member(group, mailbox) {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        book.groups
            .retain(|(known, member)| *known != group || !Arc::ptr_eq(member, mailbox));
        Ok(())
    }

    /// Forgets the mailbox of a UDP socket that goes.
    pub(super) fn unbind_udp(&self, mailbox: &Arc<Mailbox<SocketAddr>>) {
        let mut book = self.book();
        book.udp.remove(&mailbox.addr());
        book.groups
            .retain(|(_, member)| !Arc::ptr_eq(member, mailbox));
    }

    /// Forgets the mailbox of a Unix datagram socket that goes.
    pub(super) fn unbind_unix_datagram(&self, mailbox: &Arc<Mailbox<UnixAddr>>) {
        if let Some(name) = Name::of(&mailbox.addr()) {
            self.book().unix_datagrams.remove(&name);
        }
    }
}

impl Book {
    fn is_taken(&self, addr: SocketAddr) -> bool {
        self.leased.contains(&addr) || self.listeners.keys().any(|other| clash(*other, addr))
    }

    fn is_udp_taken(&self, addr: SocketAddr) -> bool {
        self.udp.keys().any(|other| clash(*other, addr))
    }

    fn is_name_taken(&self, name: &Name) -> bool {
        self.unix_listeners.contains_key(name)
            || self.packet_listeners.contains_key(name)
            || self.unix_datagrams.contains_key(name)
    }

    fn is_member(&self, group: IpAddr, mailbox: &Arc<Mailbox<SocketAddr>>) -> bool {
        let mut members = self.groups.iter();
        members.any(|(known, member)| *known == group && Arc::ptr_eq(member, mailbox))
    }

    fn free_port(
        &mut self,
        ip: IpAddr,
        is_taken: impl Fn(&Book, SocketAddr) -> bool,
    ) -> io::Result<SocketAddr> {
        for _ in FIRST_FREE..=u16::MAX {
            let addr = SocketAddr::new(ip, self.next_port);
            self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_FREE);
            if !is_taken(self, addr) {
                return Ok(addr);
            }
        }
        Err(io::ErrorKind::AddrNotAvailable.into())
    }
}

/// Whether two sockets cannot have these addresses at once. One that has every
/// address is in the way of each single one, and each single one in the way of it.
fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port()
        && (one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified())
}

/// Where the socket that serves `addr` may be bound: to exactly that address, or
/// to all.
fn serving(addr: SocketAddr) -> [SocketAddr; 3] {
    let ips = [
        addr.ip(),
        unspecified(addr.ip()),
        Ipv6Addr::UNSPECIFIED.into(),
    ];
    ips.map(|ip| SocketAddr::new(ip, addr.port()))
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
