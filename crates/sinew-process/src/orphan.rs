//! Children that nobody waits for any more.
//!
//! # State
//!
//! The list of orphans that the reaper has not taken over yet, and the writing
//! end of a socket that wakes it, both behind one lock. The reaper is a thread
//! that holds the rest: it runs exactly while that socket is there.
//!
//! # Life cycle
//!
//! [`adopt`] looks whether the child has ended; if not, it puts it into the list,
//! starts the reaper if none runs, and wakes it. The reaper waits in `poll(2)`
//! on the socket and on a pidfd of each orphan. When no orphan is left, it takes
//! the socket away under the lock and ends, so that a process without orphans
//! pays no thread and no descriptor for them.
//!
//! Orphans whose end no descriptor announces (a kernel without pidfds, a child
//! that a tracer holds) are asked about every [`INTERVAL`].

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::exit;

/// How often the reaper asks about orphans that have no descriptor.
const INTERVAL: Duration = Duration::from_millis(100);

struct Orphan {
    child: Child,
    /// Readable when the child has ended. `None` if there is no such sign.
    pidfd: Option<OwnedFd>,
}

struct Inbox {
    orphans: Vec<Orphan>,
    /// Present while a reaper runs.
    wake: Option<UnixStream>,
}

static INBOX: Mutex<Inbox> = Mutex::new(Inbox {
    orphans: Vec::new(),
    wake: None,
});

fn inbox() -> MutexGuard<'static, Inbox> {
    INBOX.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sees to it that `child` is waited for when it ends.
pub(crate) fn adopt(mut child: Child) {
    if has_ended(&mut child) {
        return;
    }
    let pidfd = exit::pidfd(&child);
    let mut inbox = inbox();
    inbox.orphans.push(Orphan { child, pidfd });
    wake_reaper(&mut inbox);
}

/// Takes up orphans that were left lying because no reaper could be started.
/// Called when a child is spawned: a process that starts no more children
/// cannot fill up with zombies.
pub(crate) fn take_up() {
    let mut inbox = inbox();
    if inbox.wake.is_none() && !inbox.orphans.is_empty() {
        inbox
            .orphans
            .retain_mut(|orphan| !has_ended(&mut orphan.child));
        if !inbox.orphans.is_empty() {
            wake_reaper(&mut inbox);
        }
    }
}

/// An error means that somebody else has waited for it.
fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

fn wake_reaper(inbox: &mut Inbox) {
    match &mut inbox.wake {
        // A full socket wakes it as well.
        Some(wake) => drop(wake.write(&[0])),
        // Out of threads or descriptors: `take_up` tries again.
        empty => *empty = start().ok(),
    }
}

fn start() -> io::Result<UnixStream> {
    let (wake, woken) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    thread::Builder::new()
        .name("sinew-reaper".to_owned())
        .spawn(move || reap(woken))?;
    Ok(wake)
}

fn reap(mut woken: UnixStream) {
    let mut orphans: Vec<Orphan> = Vec::new();
    loop {
        {
            let mut inbox = inbox();
            orphans.append(&mut inbox.orphans);
            if orphans.is_empty() {
                inbox.wake = None;
                return;
            }
        }
        let ended = wait(&woken, &mut orphans);
        let mut index = 0;
        orphans.retain_mut(|orphan| {
            let look = ended.get(index).is_none_or(|ended| *ended);
            index += 1;
            if !look {
                return true;
            }
            if has_ended(&mut orphan.child) {
                return false;
            }
            // Said to have ended, and yet it has not for us: a tracer holds it.
            // The descriptor would report that again and again.
            orphan.pidfd = None;
            true
        });
        while matches!(woken.read(&mut [0; 64]), Ok(count) if count > 0) {}
    }
}

/// Waits until something happens. Says of each orphan whether to ask about it.
fn wait(woken: &UnixStream, orphans: &mut [Orphan]) -> Vec<bool> {
    let silent = orphans.iter().any(|orphan| orphan.pidfd.is_none());
    let timeout = silent.then(|| Timespec {
        tv_sec: 0,
        tv_nsec: INTERVAL.subsec_nanos().into(),
    });
    let announced = orphans.iter().filter_map(|orphan| orphan.pidfd.as_ref());
    let mut fds: Vec<PollFd<'_>> = std::iter::once(woken.as_fd())
        .chain(announced.map(AsFd::as_fd))
        .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
        .collect();
    if poll(&mut fds, timeout.as_ref()).is_err() {
        // Out of memory, or more descriptors than the process may have open:
        // ask about all, and not in a busy loop.
        thread::sleep(INTERVAL);
        return vec![true; orphans.len()];
    }
    let mut answers = fds.iter().skip(1).map(|fd| !fd.revents().is_empty());
    orphans
        .iter()
        .map(|orphan| orphan.pidfd.is_none() || answers.next() == Some(true))
        .collect()
}
