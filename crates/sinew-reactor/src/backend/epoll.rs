//! epoll, edge-triggered, one system call for each wait.
//!
//! The kick is an eventfd that is registered edge-triggered, never read and
//! never armed again: each write to it makes a new edge, and its counter cannot
//! overflow in the life of a machine.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};

use super::Event;
use crate::{Interest, Ready};

/// The key of the eventfd. No source has it: see `registry::key`.
const KICK: u64 = u64::MAX;

/// Where the kernel writes its events.
pub(crate) struct Buffer(Vec<epoll::Event>);

// SAFETY: an event is not `Send` only because its data may be a pointer. Here
// it is always a number.
unsafe impl Send for Buffer {}

impl Buffer {
    pub(super) fn new(events: usize) -> Buffer {
        Buffer(Vec::with_capacity(events))
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the last wait has told.
    #[inline]
    pub(super) fn events(&self) -> impl Iterator<Item = Event> {
        let told = self.0.iter().map(|event| (event.data.u64(), event.flags));
        let sources = told.filter(|(key, _)| *key != KICK);
        sources.map(|(key, flags)| Event {
            key: key as usize,
            ready: ready(flags),
        })
    }
}

#[derive(Debug)]
pub(crate) struct Epoll {
    epoll: OwnedFd,
    kick: OwnedFd,
    /// Whether the kernel is thought to have `epoll_pwait2` (Linux 5.11) and to
    /// let us call it.
    pwait2: AtomicBool,
}

impl Epoll {
    pub(super) fn new() -> io::Result<Epoll> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let kick = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(
            &epoll,
            &kick,
            EventData::new_u64(KICK),
            EventFlags::IN | EventFlags::ET,
        )?;
        Ok(Epoll {
            epoll,
            kick,
            pwait2: AtomicBool::new(true),
        })
    }

    /// As on a kernel before Linux 5.11.
    #[cfg(all(test, not(sinew_loom)))]
    pub(super) fn without_pwait2() -> Epoll {
        let epoll = Epoll::new().expect("a new epoll");
        epoll.pwait2.store(false, Ordering::Relaxed);
        epoll
    }

    pub(super) fn add(&self, fd: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        let flags = flags(interest);
        epoll::add(&self.epoll, fd, EventData::new_u64(key as u64), flags)?;
        Ok(())
    }

    /// From now on tells the source of `key`, whose descriptor is `number`, of all this,
    /// beginning with what it is ready for already.
    pub(super) fn modify(&self, number: RawFd, key: usize, interest: Interest) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: flags(interest).bits(),
            u64: key as u64,
        };
        // Called directly because rustix asks for a `BorrowedFd`, which only the owner of
        // the descriptor can make.
        // SAFETY: `event` may be read; a number that is not open or is not watched is an
        // error.
        let done = unsafe {
            libc::epoll_ctl(
                self.epoll.as_raw_fd(),
                libc::EPOLL_CTL_MOD,
                number,
                &raw mut event,
            )
        };
        match done {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    pub(super) fn delete(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        epoll::delete(&self.epoll, fd)?;
        Ok(())
    }

    pub(super) fn kick(&self) {
        // The only failure is a counter at its maximum, and then the edge that
        // ends the wait was made by those who filled it.
        let _ = rustix::io::write(&self.kick, &1_u64.to_ne_bytes());
    }

    #[inline]
    pub(super) fn wait(&self, buffer: &mut Buffer, timeout: Option<Duration>) -> io::Result<()> {
        let Buffer(buffer) = buffer;
        buffer.clear();
        let waited = match timeout {
            None => epoll::wait(&self.epoll, spare_capacity(buffer), None)
                .map(drop)
                .map_err(io::Error::from),
            Some(timeout) => self.wait_until(buffer, timeout),
        };
        match waited {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            other => other,
        }
    }

    fn wait_until(&self, buffer: &mut Vec<epoll::Event>, timeout: Duration) -> io::Result<()> {
        let timeout = without_slack(timeout);
        if !timeout.is_zero() && self.pwait2.load(Ordering::Relaxed) {
            match pwait2(self.epoll.as_fd(), buffer, timeout) {
                // Absent before Linux 5.11; forbidden by seccomp filters that are
                // older than the call.
                Err(error)
                    if matches!(error.raw_os_error(), Some(libc::ENOSYS) | Some(libc::EPERM)) =>
                {
                    self.pwait2.store(false, Ordering::Relaxed);
                }
                other => return other,
            }
        }
        // With a timeout of zero this is one `epoll_pwait`. The old call counts
        // milliseconds, which rustix rounds up, so that a wait may be late but
        // never early.
        epoll::wait(&self.epoll, spare_capacity(buffer), Some(&coarse(timeout)))?;
        Ok(())
    }
}

/// How long to wait for `timeout`. The kernel may make a wait late by a thousandth
/// of its length, 60 ms for a minute. So a long one ends early by as much, and what
/// the caller then has left is short enough to be met.
fn without_slack(timeout: Duration) -> Duration {
    /// Up to here the slack is hardly more than a timer's own, which is 50 µs.
    const SHORT: Duration = Duration::from_millis(100);
    if timeout <= SHORT {
        return timeout;
    }
    timeout - timeout / 1000
}

/// As long as `timeout`, or the longest that fits in a C int of milliseconds.
fn coarse(timeout: Duration) -> Timespec {
    let longest = Duration::from_millis(i32::MAX as u64);
    let timeout = timeout.min(longest);
    Timespec {
        tv_sec: timeout.as_secs() as _,
        tv_nsec: timeout.subsec_nanos() as _,
    }
}

/// The kernel's `struct __kernel_timespec`, the same on all architectures.
#[repr(C)]
struct KernelTimespec {
    seconds: i64,
    nanoseconds: i64,
}

/// `epoll_pwait2`: as `epoll_wait`, with a timeout in nanoseconds.
///
/// Called directly because rustix either rounds to milliseconds or, with its
/// feature `linux_5_11`, takes the call for granted in the whole program.
fn pwait2(
    epoll: BorrowedFd<'_>,
    buffer: &mut Vec<epoll::Event>,
    timeout: Duration,
) -> io::Result<()> {
    let timeout = KernelTimespec {
        seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        nanoseconds: i64::from(timeout.subsec_nanos()),
    };
    let spare = buffer.spare_capacity_mut();
    let room = i32::try_from(spare.len()).unwrap_or(i32::MAX);
    // SAFETY: `spare` is writable for `room` events, and `epoll::Event` has the
    // kernel's layout of `struct epoll_event`; `timeout` is readable and has the
    // layout that the call expects; without a signal mask its size is not looked at.
    let count = unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait2,
            epoll.as_raw_fd(),
            spare.as_mut_ptr(),
            room,
            &raw const timeout,
            std::ptr::null::<libc::sigset_t>(),
            0_usize,
        )
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(io::Error::last_os_error());
    };
    // SAFETY: the buffer was empty, and the kernel has written the first `count`
    // events of its spare capacity.
    unsafe { buffer.set_len(count) };
    Ok(())
}

/// What to ask for. Errors and hang-ups are told unasked.
fn flags(interest: Interest) -> EventFlags {
    let mut flags = EventFlags::ET;
    if interest.is_readable() {
        flags |= EventFlags::IN | EventFlags::RDHUP;
    }
    if interest.is_writable() {
        flags |= EventFlags::OUT;
    }
    if interest.is_priority() {
        flags |= EventFlags::PRI | EventFlags::RDHUP;
    }
    flags
}

/// What epoll's flags mean for a reader and a writer.
#[inline]
fn ready(flags: EventFlags) -> Ready {
    // What nearly every event is: data has come, and if asked for, there is room as always.
    if flags == EventFlags::IN {
        return Ready::READABLE;
    }
    if flags == EventFlags::IN | EventFlags::OUT {
        return Ready::READABLE | Ready::WRITABLE;
    }
    rare(flags)
}

fn rare(flags: EventFlags) -> Ready {
    let mut ready = Ready::EMPTY;
    if flags.contains(EventFlags::IN) {
        ready |= Ready::READABLE;
    }
    if flags.contains(EventFlags::OUT) {
        ready |= Ready::WRITABLE;
    }
    if flags.contains(EventFlags::PRI) {
        ready |= Ready::PRIORITY;
    }
    if flags.contains(EventFlags::RDHUP) {
        ready |= Ready::READ_CLOSED;
    }
    if flags.contains(EventFlags::HUP) {
        ready |= Ready::READ_CLOSED | Ready::WRITE_CLOSED;
    }
    if flags.contains(EventFlags::ERR) {
        // An error is fetched by whichever operation comes first, so both
        // directions may go on. On the writing end of a pipe it is the only
        // sign that the reader is gone.
        ready |= Ready::ERROR | Ready::READABLE | Ready::WRITABLE;
        if flags.contains(EventFlags::OUT) || flags == EventFlags::ERR {
            ready |= Ready::WRITE_CLOSED;
        }
    }
    ready
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_leaves_room_for_the_kernels_slack() {
        for millis in [0, 1, 100] {
            let short = Duration::from_millis(millis);
            assert_eq!(without_slack(short), short);
        }
        for timeout in [
            Duration::from_millis(101),
            Duration::from_secs(60),
            Duration::MAX,
        ] {
            let waited = without_slack(timeout);
            // With the slack of a thousandth it is still over in time.
            assert!(waited + waited / 1000 <= timeout);
            assert!(timeout - waited <= timeout / 999);
        }
    }
}
