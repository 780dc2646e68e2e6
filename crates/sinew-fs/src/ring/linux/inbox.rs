//! What has been asked for and not yet taken by the driver.
//!
//! # State
//!
//! The inbox is open, with the driver awake or asleep, and then closed for ever. All
//! of it is behind one lock. The bell is a counter in the kernel that is rung without
//! the lock, once for each time that the driver has said that it will sleep: a ring
//! that comes before the driver sleeps keeps it awake. There is no lock-free part, and
//! so no model of one.
//!
//! # Invariants
//!
//! 1. What is put into the open inbox is taken by the driver: either it looks again
//!    before it sleeps, or it is rung for.
//! 2. What is put into the closed one goes to the pool.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use super::operation::{self, Operation};

pub(super) struct Inbox {
    arrived: Mutex<Arrived>,
    bell: OwnedFd,
    /// Why the driver has given up; set before the inbox is closed.
    failure: OnceLock<io::Error>,
}

#[derive(Default)]
struct Arrived {
    operations: Vec<Box<dyn Operation>>,
    /// Whether the driver sleeps, or is about to, and nobody has rung yet.
    asleep: bool,
    closed: bool,
}

impl Inbox {
    pub(super) fn new() -> io::Result<Inbox> {
        Ok(Inbox {
            arrived: Mutex::default(),
            bell: eventfd(0, EventfdFlags::CLOEXEC)?,
            failure: OnceLock::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Readable when it was rung.
    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Why the driver has given up, if it has.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.get()
    }

    pub(super) fn put(&self, operation: Box<dyn Operation>) {
        let asleep = {
            let mut arrived = self.lock();
            if arrived.closed {
                drop(arrived);
                return operation::perform_on_pool(operation);
            }
            arrived.operations.push(operation);
            mem::take(&mut arrived.asleep)
        };
        if asleep {
            // It cannot fail: the counter is far from its end.
            let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
        }
    }

    /// Moves what has arrived to `waiting`; if that is empty then, says that the
    /// driver is going to sleep, and gives true.
    pub(super) fn take(&self, waiting: &mut VecDeque<Box<dyn Operation>>) -> bool {
        let mut arrived = self.lock();
        waiting.extend(arrived.operations.drain(..));
        arrived.asleep = waiting.is_empty();
        arrived.asleep
    }

    /// Takes what has arrived, and sends what comes later to the pool.
    pub(super) fn close(&self, failure: io::Error, waiting: &mut VecDeque<Box<dyn Operation>>) {
        // Closed once, by the only driver.
        let _ = self.failure.set(failure);
        let mut arrived = self.lock();
        arrived.closed = true;
        waiting.extend(arrived.operations.drain(..));
    }
}
