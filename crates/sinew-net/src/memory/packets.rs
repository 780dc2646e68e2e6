//! Sequenced packets: a connection whose pipes hold packets.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Shutdown};
use std::task::{Context, Poll};

use super::connection::{End, Inbox, check_received, check_sending};
use super::host::Address;
use crate::provider::VirtualDatagram;
use crate::{Interest, Ready};

/// What one packet counts for beside its bytes, so that empty ones are bounded too.
const OVERHEAD: usize = 64;

/// Packets that were sent and not received.
#[derive(Default)]
pub(super) struct Packets {
    queue: VecDeque<Vec<u8>>,
    /// Bytes that are held, with the overhead of each packet.
    held: usize,
}

impl Inbox for Packets {
    fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// One packet always fits, however long.
    fn has_room(&self, capacity: usize) -> bool {
        self.queue.is_empty() || self.held < capacity
    }
}

impl Packets {
    fn put(&mut self, packet: &[u8]) {
        self.held += packet.len() + OVERHEAD;
        self.queue.push_back(packet.to_vec());
    }

    /// Copies the next packet, cut to the length of `buf`. The caller has found one.
    fn copy(&self, buf: &mut [u8]) -> usize {
        let Some(packet) = self.queue.front() else {
            return 0;
        };
        let count = packet.len().min(buf.len());
        buf[..count].copy_from_slice(&packet[..count]);
        count
    }

    fn drop_next(&mut self) {
        if let Some(packet) = self.queue.pop_front() {
            self.held -= packet.len() + OVERHEAD;
        }
    }
}

impl<A: Address> End<A, Packets> {
    fn get(&self, buf: &mut [u8], take: bool) -> io::Result<(usize, A)> {
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        if !check_received(me, peer)? {
            return Ok((0, self.peer.clone()));
        }
        let count = me.inbox.copy(buf);
        if take {
            me.inbox.drop_next();
            let woken = peer.writing.take();
            drop(sides);
            woken.wake();
        }
        Ok((count, self.peer.clone()))
    }
}

impl<A: Address> VirtualDatagram<A> for End<A, Packets> {
    /// It is connected for good.
    fn connect(&self, _: &A) -> io::Result<()> {
        Err(is_connected())
    }

    fn send(&self, buf: &[u8], to: Option<&A>) -> io::Result<usize> {
        if to.is_some() {
            return Err(is_connected());
        }
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        check_sending(me, peer)?;
        if !peer.inbox.has_room(self.capacity()) {
            return Err(ErrorKind::WouldBlock.into());
        }
        peer.inbox.put(buf);
        let woken = peer.reading.take();
        drop(sides);
        woken.wake();
        Ok(buf.len())
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<(usize, A)> {
        self.get(buf, true)
    }

    fn peek(&self, buf: &mut [u8]) -> io::Result<(usize, A)> {
        self.get(buf, false)
    }

    fn join(&self, _: IpAddr) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn leave(&self, _: IpAddr) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if how != Shutdown::Read {
            self.finish()?;
        }
        if how != Shutdown::Write {
            self.stop_receiving();
        }
        Ok(())
    }

    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<Ready>> {
        self.poll_end(cx, interest).map(Ok)
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.take_reset())
    }

    fn local_addr(&self) -> io::Result<A> {
        Ok(self.local.clone())
    }

    fn peer_addr(&self) -> io::Result<A> {
        Ok(self.peer.clone())
    }

    fn id(&self) -> u64 {
        self.id
    }
}

/// What the system says of a connected socket that is to go elsewhere.
fn is_connected() -> io::Error {
    io::Error::from_raw_os_error(libc::EISCONN)
}
