//! A connection: two bounded pipes under one lock, of bytes or of packets.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::host::{Address, Lease};
use super::wakers::{Wakers, Woken};
use crate::provider::VirtualStream;
use crate::{Interest, Ready};

/// Copies the first bytes of `from` to `to`; how many.
fn copy_front(from: &VecDeque<u8>, to: &mut [u8]) -> usize {
    let count = to.len().min(from.len());
    let (front, back) = from.as_slices();
    let split = count.min(front.len());
    to[..split].copy_from_slice(&front[..split]);
    to[split..count].copy_from_slice(&back[..count - split]);
    count
}

/// What one direction holds: bytes, or packets.
pub(super) trait Inbox: Default + Send + Sync + 'static {
    fn is_empty(&self) -> bool;

    /// Whether more can be put in, where so many bytes may be held.
    fn has_room(&self, capacity: usize) -> bool;
}

/// Bytes.
pub(super) type Bytes = VecDeque<u8>;

impl Inbox for Bytes {
    fn is_empty(&self) -> bool {
        VecDeque::is_empty(self)
    }

    fn has_room(&self, capacity: usize) -> bool {
        self.len() < capacity
    }
}

/// What both ends share.
struct Connection<I> {
    sides: Mutex<[Side<I>; 2]>,
    capacity: usize,
}

/// One end as both see it.
#[derive(Default)]
pub(super) struct Side<I> {
    /// What the peer has sent and this end has not read.
    pub(super) inbox: I,
    /// This end sends no more.
    finished: bool,
    /// This end receives no more.
    deaf: bool,
    /// This end was dropped or has reset the connection.
    gone: bool,
    /// The peer has reset the connection.
    reset: bool,
    /// The reset was not reported here yet.
    error: Option<ErrorKind>,
    pub(super) reading: Wakers,
    pub(super) writing: Wakers,
}

impl<I: Inbox> Side<I> {
    fn take_error(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn wake_all(&mut self) -> Woken {
        self.reading.take().and(self.writing.take())
    }
}

/// Whether there is anything to receive: bytes, or the end with its reason.
pub(super) fn check_received<I: Inbox>(me: &mut Side<I>, peer: &Side<I>) -> io::Result<bool> {
    if !me.inbox.is_empty() {
        return Ok(true);
    }
    me.take_error()?;
    if me.reset || me.deaf || peer.finished || peer.gone {
        return Ok(false);
    }
    Err(ErrorKind::WouldBlock.into())
}

/// Whether anything can be sent, however little room there is.
pub(super) fn check_sending<I: Inbox>(me: &mut Side<I>, peer: &Side<I>) -> io::Result<()> {
    me.take_error()?;
    if me.finished || me.gone || me.reset || peer.gone || peer.deaf {
        return Err(ErrorKind::BrokenPipe.into());
    }
    Ok(())
}

/// One end of a connection.
pub(super) struct End<A, I: Inbox = Bytes> {
    connection: Arc<Connection<I>>,
    side: usize,
    pub(super) id: u64,
    pub(super) local: A,
    pub(super) peer: A,
    /// Held by the end that connected.
    _lease: Option<Lease>,
}

/// A connection's two ends: the one that connects from `local` and the one that
/// is accepted at `target`.
pub(super) fn pair<A: Address, I: Inbox>(
    [local, target]: [A; 2],
    lease: Option<Lease>,
    capacity: usize,
    ids: [u64; 2],
) -> [End<A, I>; 2] {
    let connection = Arc::new(Connection {
        sides: Mutex::default(),
        capacity,
    });
    let accepted = End {
        connection: Arc::clone(&connection),
        side: 1,
        id: ids[1],
        local: target.clone(),
        peer: local.clone(),
        _lease: None,
    };
    let connecting = End {
        connection,
        side: 0,
        id: ids[0],
        local,
        peer: target,
        _lease: lease,
    };
    [connecting, accepted]
}

impl<A, I: Inbox> End<A, I> {
    pub(super) fn lock(&self) -> MutexGuard<'_, [Side<I>; 2]> {
        let sides = &self.connection.sides;
        sides.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This end and its peer.
    pub(super) fn split<'a>(
        &self,
        sides: &'a mut [Side<I>; 2],
    ) -> (&'a mut Side<I>, &'a mut Side<I>) {
        let [zero, one] = sides;
        if self.side == 0 {
            (zero, one)
        } else {
            (one, zero)
        }
    }

    fn readiness(&self, me: &Side<I>, peer: &Side<I>) -> Ready {
        let mut ready = Ready::EMPTY;
        if me.reset || me.deaf || peer.finished || peer.gone {
            ready |= Ready::READABLE | Ready::READ_CLOSED;
        }
        if !me.inbox.is_empty() {
            ready |= Ready::READABLE;
        }
        if me.reset || me.finished || peer.gone || peer.deaf {
            ready |= Ready::WRITABLE | Ready::WRITE_CLOSED;
        }
        if peer.inbox.has_room(self.connection.capacity) {
            ready |= Ready::WRITABLE;
        }
        if me.error.is_some() {
            ready |= Ready::ERROR;
        }
        ready
    }

    pub(super) fn close(&self, reset: bool) {
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        if me.gone {
            return;
        }
        me.gone = true;
        if (reset || !me.inbox.is_empty()) && !peer.gone {
            peer.reset = true;
            peer.error = Some(ErrorKind::ConnectionReset);
        }
        me.inbox = I::default();
        if peer.gone {
            peer.inbox = I::default();
        }
        let woken = peer.wake_all().and(me.wake_all());
        drop(sides);
        woken.wake();
    }

    /// Sends no more.
    pub(super) fn finish(&self) -> io::Result<()> {
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        if me.reset || me.gone {
            return Err(ErrorKind::NotConnected.into());
        }
        me.finished = true;
        let woken = peer.reading.take().and(me.writing.take());
        drop(sides);
        woken.wake();
        Ok(())
    }

    /// Receives no more than what is there.
    pub(super) fn stop_receiving(&self) {
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        me.deaf = true;
        let woken = me.reading.take().and(peer.writing.take());
        drop(sides);
        woken.wake();
    }

    /// What it is ready for; if for nothing, the task will be woken.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<Ready> {
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        let ready = self.readiness(me, peer).intersection(interest);
        if !ready.is_empty() {
            return Poll::Ready(ready);
        }
        if interest.is_writable() {
            me.writing.add(cx.waker());
        }
        if interest != Interest::WRITABLE {
            me.reading.add(cx.waker());
        }
        Poll::Pending
    }

    /// The error that waits to be reported.
    pub(super) fn take_reset(&self) -> Option<io::Error> {
        let mut sides = self.lock();
        let (me, _) = self.split(&mut sides);
        me.error.take().map(io::Error::from)
    }

    pub(super) fn capacity(&self) -> usize {
        self.connection.capacity
    }
}

impl<A: Address> VirtualStream<A> for End<A> {
    fn read(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0);
        }
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        if !check_received(me, peer)? {
            return Ok(0);
        }
        let mut count = 0;
        for buf in bufs {
            let taken = copy_front(&me.inbox, buf);
            me.inbox.drain(..taken);
            count += taken;
        }
        let woken = peer.writing.take();
        drop(sides);
        woken.wake();
        Ok(count)
    }

    fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        if !check_received(me, peer)? {
            return Ok(0);
        }
        Ok(copy_front(&me.inbox, buf))
    }

    fn write(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut sides = self.lock();
        let (me, peer) = self.split(&mut sides);
        check_sending(me, peer)?;
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0);
        }
        let room = self.connection.capacity - peer.inbox.len();
        if room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let mut left = room;
        for buf in bufs {
            let part = &buf[..left.min(buf.len())];
            peer.inbox.extend(part);
            left -= part.len();
        }
        let woken = peer.reading.take();
        drop(sides);
        woken.wake();
        Ok(room - left)
    }

    fn close_write(&self) -> io::Result<()> {
        self.finish()
    }

    fn reset(&self) {
        self.close(true);
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

impl<A, I: Inbox> Drop for End<A, I> {
    fn drop(&mut self) {
        self.close(false);
    }
}

impl<A: fmt::Debug, I: Inbox> fmt::Debug for End<A, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End")
            .field("local", &self.local)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
