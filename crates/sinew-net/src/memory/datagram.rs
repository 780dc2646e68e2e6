//! Sockets that send packets, and the mailboxes they receive in.
//!
//! A mailbox belongs to one socket and is known to those who send to it. It holds
//! a bounded number of bytes. A UDP packet that finds it full is lost; a Unix
//! datagram waits.

mod udp;
mod unix;

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Context;

use super::wakers::Wakers;
use crate::{Interest, Ready};

pub(super) use udp::Udp;
pub(super) use unix::Unix;

/// What one packet counts for beside its bytes, so that empty ones are bounded too.
const OVERHEAD: usize = 64;

/// What a socket has received, and who waits for it.
pub(super) struct Mailbox<A> {
    addr: A,
    capacity: usize,
    state: Mutex<State<A>>,
}

struct State<A> {
    packets: VecDeque<(A, Vec<u8>)>,
    /// Bytes that are held, with the overhead of each packet.
    held: usize,
    reading: Wakers,
    /// Those who wait for room to send to this mailbox.
    sending: Wakers,
    /// The socket is gone, or receives no more.
    closed: bool,
    /// An earlier packet of this socket found nobody.
    error: Option<io::ErrorKind>,
}

impl<A: Clone> Mailbox<A> {
    fn new(addr: A, capacity: usize) -> Mailbox<A> {
        let state = State {
            packets: VecDeque::new(),
            held: 0,
            reading: Wakers::default(),
            sending: Wakers::default(),
            closed: false,
            error: None,
        };
        Mailbox {
            addr,
            capacity,
            state: Mutex::new(state),
        }
    }

    pub(super) fn addr(&self) -> A {
        self.addr.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a packet in.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when it is full, `ConnectionRefused` when it is closed.
    fn put(&self, from: A, packet: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        if state.closed {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        // One packet always fits, however long.
        if !state.packets.is_empty() && state.held >= self.capacity {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.held += packet.len() + OVERHEAD;
        state.packets.push_back((from, packet.to_vec()));
        let woken = state.reading.take();
        drop(state);
        woken.wake();
        Ok(())
    }

    /// Copies the next packet to `buf`, and takes it if it is to be taken.
    fn get(&self, buf: &mut [u8], take: bool) -> io::Result<(usize, A)> {
        let mut state = self.lock();
        if let Some(kind) = state.error.take() {
            return Err(kind.into());
        }
        let Some((from, packet)) = state.packets.front() else {
            if state.closed {
                return Ok((0, self.addr()));
            }
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let count = packet.len().min(buf.len());
        buf[..count].copy_from_slice(&packet[..count]);
        let (from, length) = (from.clone(), packet.len());
        if take {
            state.packets.pop_front();
            state.held -= length + OVERHEAD;
        }
        let woken = state.sending.take();
        drop(state);
        woken.wake();
        Ok((count, from))
    }

    /// Notes that an earlier packet found nobody.
    fn fail(&self, kind: io::ErrorKind) {
        let mut state = self.lock();
        state.error = Some(kind);
        let woken = state.reading.take();
        drop(state);
        woken.wake();
    }

    fn take_error(&self) -> Option<io::ErrorKind> {
        self.lock().error.take()
    }

    /// Receives no more. What is there stays if `keep`.
    fn close(&self, keep: bool) {
        let mut state = self.lock();
        state.closed = true;
        if !keep {
            state.packets.clear();
            state.held = 0;
        }
        let woken = state.reading.take().and(state.sending.take());
        drop(state);
        woken.wake();
    }

    /// What there is to receive; if nothing, the task will be woken.
    fn readable(&self, cx: &mut Context<'_>, interest: Interest) -> Ready {
        let mut state = self.lock();
        let mut ready = Ready::EMPTY;
        if !state.packets.is_empty() {
            ready |= Ready::READABLE;
        }
        if state.closed {
            ready |= Ready::READABLE | Ready::READ_CLOSED;
        }
        if state.error.is_some() {
            ready |= Ready::READABLE | Ready::ERROR;
        }
        let ready = ready.intersection(interest);
        if ready.is_empty() && interest != Interest::WRITABLE {
            state.reading.add(cx.waker());
        }
        ready
    }

    /// Whether there is room to send to it; if not, the task will be woken.
    fn has_room(&self, cx: &mut Context<'_>) -> bool {
        let mut state = self.lock();
        let room = state.closed || state.packets.is_empty() || state.held < self.capacity;
        if !room {
            state.sending.add(cx.waker());
        }
        room
    }
}
