//! The thread that submits and reaps.
//!
//! # State
//!
//! An operation is in the inbox, or `waiting` for room in the ring, or `running`
//! in the kernel. The kernel knows it by its key in `running`.
//!
//! # Sleeping
//!
//! The driver looks into the inbox before it enters the kernel. It means to sleep
//! only if nothing is there and nothing is waiting, and says so under the lock of
//! the inbox; who puts something in afterwards rings the bell, once. The bell is an
//! eventfd of which a read is always under way, so that one wait in the kernel is
//! for both.
//!
//! # Invariants
//!
//! 1. An operation is in `running` from before its entry is pushed until its
//!    completion has been taken. The driver is leaked, so not even a panic drops
//!    what the kernel works on.
//! 2. At most [`RUNNING`] operations and the bell run, so their completions always
//!    have room in the ring.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use io_uring::squeue::Entry;
use io_uring::{IoUring, Probe, opcode, types};
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use slab::Slab;

use super::operation::Operation;

/// Entries that are submitted in one go.
const ENTRIES: u32 = 64;

/// Operations in the kernel at once. What is beyond waits here: a disk has no use
/// for more, and the kernel starts up to as many threads for those that block.
const RUNNING: usize = 256;

/// By which the bell's completion is known; no key is as large.
const BELL: u64 = u64::MAX;

/// What all that is asked of the ring needs.
const NEEDED: [u8; 3] = [opcode::Read::CODE, opcode::Write::CODE, opcode::Fsync::CODE];

pub(super) struct Inbox {
    arrived: Mutex<Arrived>,
    bell: OwnedFd,
}

#[derive(Default)]
struct Arrived {
    operations: Vec<Box<dyn Operation>>,
    /// Whether the driver sleeps, or is about to, and nobody has rung yet.
    asleep: bool,
}

impl Inbox {
    pub(super) fn new() -> io::Result<Inbox> {
        Ok(Inbox {
            arrived: Mutex::default(),
            bell: eventfd(0, EventfdFlags::CLOEXEC)?,
        })
    }

    pub(super) fn put(&self, operation: Box<dyn Operation>) {
        let asleep = {
            let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn take(&self, waiting: &mut VecDeque<Box<dyn Operation>>) -> bool {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(arrived.operations.drain(..));
        arrived.asleep = waiting.is_empty();
        arrived.asleep
    }
}

pub(super) struct Driver {
    ring: IoUring,
    inbox: Arc<Inbox>,
    waiting: VecDeque<Box<dyn Operation>>,
    running: Slab<Box<dyn Operation>>,
    /// Where the kernel puts the bell's count.
    count: Box<[u8; 8]>,
    bell_is_armed: bool,
}

impl Driver {
    pub(super) fn new(inbox: Arc<Inbox>) -> io::Result<Driver> {
        let ring = make()?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe)?;
        let knows_all = NEEDED.iter().all(|code| probe.is_supported(*code));
        if !knows_all || !ring.params().is_feature_rw_cur_pos() {
            return Err(Errno::NOSYS.into());
        }
        Ok(Driver {
            ring,
            inbox,
            waiting: VecDeque::new(),
            running: Slab::new(),
            count: Box::default(),
            bell_is_armed: false,
        })
    }

    pub(super) fn run(self) -> ! {
        let driver = Box::leak(Box::new(self));
        loop {
            let sleeps = driver.inbox.take(&mut driver.waiting);
            driver.push();
            // With the ring full, until there is room.
            let waits = sleeps || driver.running.len() >= RUNNING;
            driver.enter(waits);
            driver.reap();
        }
    }

    /// Makes entries of what waits, as far as there is room.
    fn push(&mut self) {
        if !self.bell_is_armed {
            let bell = types::Fd(self.inbox.bell.as_raw_fd());
            let read = opcode::Read::new(bell, self.count.as_mut_ptr(), 8).build();
            // SAFETY: the buffer is this leaked driver's, who reads the bell only
            // when the read before has completed; the inbox keeps the bell open.
            self.bell_is_armed = unsafe { self.push_entry(&read.user_data(BELL)) };
        }
        while self.running.len() < RUNNING {
            let Some(mut operation) = self.waiting.pop_front() else {
                return;
            };
            let entry = operation.entry();
            let key = self.running.insert(operation);
            // SAFETY: `Operation` promises it for as long as the operation lives
            // and was not completed, which invariant 1 makes long enough.
            let pushed = unsafe { self.push_entry(&entry.user_data(key as u64)) };
            if !pushed {
                self.waiting.push_front(self.running.remove(key));
                return;
            }
        }
    }

    /// Whether there was room.
    ///
    /// # Safety
    ///
    /// What the entry points to is valid until its completion has been taken.
    unsafe fn push_entry(&mut self, entry: &Entry) -> bool {
        // SAFETY: the caller promises it.
        unsafe { self.ring.submission().push(entry) }.is_ok()
    }

    fn enter(&mut self, waits: bool) {
        match self.ring.submit_and_wait(usize::from(waits)) {
            Ok(_) => {}
            // A signal; or the kernel is out of something for the moment. What was
            // not submitted stays in the queue.
            Err(_) => std::thread::yield_now(),
        }
    }

    /// Hands out the kernel's answers.
    fn reap(&mut self) {
        let completions = self.ring.completion();
        let answers: Vec<(u64, i32)> = completions
            .map(|completion| (completion.user_data(), completion.result()))
            .collect();
        for (key, result) in answers {
            if key == BELL {
                self.bell_is_armed = false;
                continue;
            }
            let operation = self.running.remove(key as usize);
            let result = match u32::try_from(result) {
                Ok(count) => Ok(count),
                Err(_) => Err(io::Error::from_raw_os_error(-result)),
            };
            // A waker is others' code. Its panic was reported by the hook; nobody
            // is there to take it.
            let next = catch_unwind(AssertUnwindSafe(|| operation.complete(result)));
            self.waiting.extend(next.ok().flatten());
        }
    }
}

/// The ring, in the way that fits one thread best, else as older kernels have it.
fn make() -> io::Result<IoUring> {
    let cqsize = (2 * RUNNING) as u32;
    IoUring::builder()
        .dontfork()
        .setup_cqsize(cqsize)
        .setup_single_issuer()
        .setup_defer_taskrun()
        .build(ENTRIES)
        .or_else(|_| {
            IoUring::builder()
                .dontfork()
                .setup_cqsize(cqsize)
                .build(ENTRIES)
        })
}
