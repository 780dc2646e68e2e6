//! Starting a thread with its signals blocked.
//!
//! A new thread inherits the mask of the thread that starts it, so the mask is
//! set there, and put back afterwards: the new thread has no moment without it.

use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// Signals that a thread raises against itself by a fault, or that report one.
/// Blocked, they would end the process without the message that std gives on a
/// stack overflow.
const FAULTS: [libc::c_int; 6] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGTRAP,
    libc::SIGABRT,
];

/// Calls `f` with all signals but the faults blocked on this thread.
pub(super) fn with_signals_blocked<R>(f: impl FnOnce() -> R) -> io::Result<R> {
    let blocked = all_but_faults();
    let mut before = MaybeUninit::uninit();
    // SAFETY: `blocked` is an initialised set, and there is room for the old one.
    let failed = unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &blocked, before.as_mut_ptr()) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed));
    }
    // SAFETY: written by the call above, which did not fail.
    let _restore = Restore(unsafe { before.assume_init() });
    Ok(f())
}

fn all_but_faults() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: there is room for the set; the call initialises it and cannot fail
    // with a valid pointer.
    unsafe { libc::sigfillset(set.as_mut_ptr()) };
    for fault in FAULTS {
        // SAFETY: the set is initialised, and the signal exists.
        unsafe { libc::sigdelset(set.as_mut_ptr(), fault) };
    }
    // SAFETY: initialised by `sigfillset`.
    unsafe { set.assume_init() }
}

/// Puts the mask back, also when `f` panics.
struct Restore(libc::sigset_t);

impl Drop for Restore {
    fn drop(&mut self) {
        // SAFETY: the set is what the thread had before; the old one is not
        // asked for. Fails only for an invalid first argument.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
    }
}
