//! The thread that submits and reaps.
//!
//! # State
//!
//! An operation is in the [inbox](super::inbox), or `waiting` for room in the ring, or
//! `running`. The kernel knows it by its key in `running`; those whose entry it has not
//! taken yet are `queued` too.
//!
//! # Sleeping
//!
//! The driver looks into the inbox before it enters the kernel. It means to sleep
//! only if nothing is there and nothing is waiting, and says so under the lock of
//! the inbox; who puts something in afterwards rings the bell, once. The bell is an
//! eventfd of which a read is always under way, so that one wait in the kernel is
//! for both.
//!
//! # Failing over
//!
//! When the kernel refuses to be entered, be it that a sandbox was closed around the
//! process, and not only for a moment, the driver gives up for good. It closes the
//! inbox and hands to the pool what waits there and what the kernel has not taken. What
//! the kernel has taken ends by itself: a ring of this kind puts completions in
//! their place whenever its thread goes in and out of the kernel, whatever for. So the
//! driver sleeps and looks until it has them all, and ends.
//!
//! # Invariants
//!
//! 1. An operation is in `running` from before its entry is pushed until its
//!    completion has been taken, or until it is certain that the kernel will never see
//!    the entry: it is `queued`, and the kernel will not be entered any more. The driver
//!    is leaked, so not even a panic drops what the kernel works on.
//! 2. At most [`RUNNING`] operations and the bell run, so their completions always
//!    have room in the ring.
//! 3. `queued` has the keys of the entries in the ring that the kernel has not taken,
//!    in their order, which is the order in which it takes them.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use io_uring::squeue::Entry;
use io_uring::{IoUring, Probe, opcode, types};
use rustix::io::Errno;
use slab::Slab;

use super::inbox::Inbox;
use super::operation::{self, Operation};

/// Entries that are submitted in one go.
const ENTRIES: u32 = 64;

/// Operations in the kernel at once. What is beyond waits here: a disk has no use
/// for more, and the kernel starts up to as many threads for those that block.
const RUNNING: usize = 256;

/// By which the bell's completion is known; no key is as large.
const BELL: u64 = u64::MAX;

/// What all that is asked of the ring needs.
const NEEDED: [u8; 3] = [opcode::Read::CODE, opcode::Write::CODE, opcode::Fsync::CODE];

/// How long the driver sleeps when it cannot sleep in the ring.
const PAUSE: Duration = Duration::from_millis(1);

/// Refusals in a row, without a completion in between and a pause after each, until a
/// kernel that is out of something is taken at its word.
pub(super) const REFUSALS: usize = 1000;

/// Submits what is in the ring and waits for so many completions.
pub(super) type EnterKernel = Box<dyn FnMut(&IoUring, usize) -> io::Result<usize> + Send>;

pub(super) struct Driver {
    ring: IoUring,
    enter_kernel: EnterKernel,
    inbox: Arc<Inbox>,
    waiting: VecDeque<Box<dyn Operation>>,
    running: Slab<Box<dyn Operation>>,
    queued: VecDeque<u64>,
    /// Where the kernel puts the bell's count.
    count: Box<[u8; 8]>,
    bell_is_armed: bool,
    refusals: usize,
}

impl Driver {
    pub(super) fn new(inbox: Arc<Inbox>, enter_kernel: EnterKernel) -> io::Result<Driver> {
        let ring = make()?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe)?;
        let knows_all = NEEDED.iter().all(|code| probe.is_supported(*code));
        if !knows_all || !ring.params().is_feature_rw_cur_pos() {
            return Err(Errno::NOSYS.into());
        }
        Ok(Driver {
            ring,
            enter_kernel,
            inbox,
            waiting: VecDeque::new(),
            running: Slab::new(),
            queued: VecDeque::new(),
            count: Box::default(),
            bell_is_armed: false,
            refusals: 0,
        })
    }

    /// Returns when the ring has failed and all that was asked of it is in other hands.
    pub(super) fn run(self) {
        let driver = Box::leak(Box::new(self));
        loop {
            let sleeps = driver.inbox.take(&mut driver.waiting);
            driver.push();
            // With the ring full, until there is room.
            let waits = (sleeps && driver.bell_is_armed) || driver.running.len() >= RUNNING;
            if let Err(error) = driver.enter(waits) {
                return driver.fail_over(error);
            }
            driver.reap();
        }
    }

    /// Makes entries of what waits, as far as there is room.
    fn push(&mut self) {
        if !self.bell_is_armed {
            let bell = types::Fd(self.inbox.bell().as_raw_fd());
            let read = opcode::Read::new(bell, self.count.as_mut_ptr(), 8).build();
            // SAFETY: the buffer is this leaked driver's, who reads the bell only
            // when the read before has completed; the inbox keeps the bell open.
            self.bell_is_armed = unsafe { self.push_entry(read, BELL) };
        }
        while self.running.len() < RUNNING {
            let Some(mut operation) = self.waiting.pop_front() else {
                return;
            };
            let entry = operation.entry();
            let key = self.running.insert(operation);
            // SAFETY: `Operation` promises it for as long as the operation lives
            // and was not completed, which invariant 1 makes long enough.
            let pushed = unsafe { self.push_entry(entry, key as u64) };
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
    unsafe fn push_entry(&mut self, entry: Entry, key: u64) -> bool {
        // SAFETY: the caller promises it.
        let pushed = unsafe { self.ring.submission().push(&entry.user_data(key)) }.is_ok();
        if pushed {
            self.queued.push_back(key);
        }
        pushed
    }

    /// Lets the kernel take the entries.
    ///
    /// # Errors
    ///
    /// The kernel's, if it will go on to refuse.
    fn enter(&mut self, waits: bool) -> io::Result<()> {
        let entered = (self.enter_kernel)(&self.ring, usize::from(waits));
        let left = self.ring.submission().len();
        // Also after an error: entries are taken one by one.
        let taken = self.queued.len().saturating_sub(left);
        self.queued.drain(..taken);
        match entered {
            Ok(_) => self.refusals = 0,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_passing(&error) && self.refusals < REFUSALS => {
                self.refusals += 1;
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Hands out the kernel's answers.
    fn reap(&mut self) {
        let completions = self.ring.completion();
        let answers: Vec<(u64, i32)> = completions
            .map(|completion| (completion.user_data(), completion.result()))
            .collect();
        for (key, result) in answers {
            self.refusals = 0;
            if key == BELL {
                self.bell_is_armed = false;
                continue;
            }
            let operation = self.running.remove(key as usize);
            let result = usize::try_from(result).map_err(|_| io::Error::from_raw_os_error(-result));
            // A waker is others' code. Its panic was reported by the hook; nobody
            // is there to take it.
            let next = catch_unwind(AssertUnwindSafe(|| operation.complete(result)));
            self.waiting.extend(next.ok().flatten());
        }
    }

    /// See the module's text.
    #[cold]
    fn fail_over(&mut self, error: io::Error) {
        self.inbox.close(error, &mut self.waiting);
        for key in self.queued.drain(..).filter(|key| *key != BELL) {
            self.waiting.push_back(self.running.remove(key as usize));
        }
        loop {
            // By the process's pool: none is entered on this thread.
            self.waiting.drain(..).for_each(operation::perform_on_pool);
            if self.running.is_empty() {
                return;
            }
            thread::sleep(PAUSE);
            self.reap();
        }
    }
}

/// Whether the kernel is out of something for the moment.
fn is_passing(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::AGAIN | Errno::BUSY | Errno::NOMEM))
}

/// The ring, in the way that fits one thread best, else as older kernels have it.
/// Either puts completions in their place without being entered for it.
fn make() -> io::Result<IoUring> {
    let cqsize = (2 * RUNNING) as u32;
    IoUring::builder()
        .dontfork()
        .setup_cqsize(cqsize)
        .setup_single_issuer()
        .setup_coop_taskrun()
        .build(ENTRIES)
        .or_else(|_| {
            IoUring::builder()
                .dontfork()
                .setup_cqsize(cqsize)
                .build(ENTRIES)
        })
}
