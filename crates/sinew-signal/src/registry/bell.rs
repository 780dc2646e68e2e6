//! What the signal handler does: leave a mark and ring.
//!
//! # State
//!
//! - `MARKS`: for each signal, zero or the number of its first arrival since the
//!   dispatcher last took the marks. Set by the handler, cleared by the
//!   dispatcher.
//! - `BELL`: where to write the byte that wakes the dispatcher. Replaced when a
//!   dispatcher is started, that is, once in a process; never freed.
//!
//! # Invariants
//!
//! 1. A mark is set before the byte is written, and taken after the bytes are
//!    read; so a byte that cannot be written because the socket is full is not
//!    missed: the dispatcher has reads to do after the mark was set.
//! 2. Everything that [`ring`] does is async-signal-safe: lock-free atomics,
//!    `getpid` and one `send` that cannot block. It makes no allocation and does
//!    not panic. `errno` is restored by `signal-hook-registry`.

use std::io::{self, Write};
use std::os::raw::c_int;
use std::os::unix::net::UnixStream;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use super::LIMIT;

static MARKS: [AtomicUsize; LIMIT + 1] = [const { AtomicUsize::new(0) }; LIMIT + 1];

/// Numbers the arrivals, so that the dispatcher can tell which came first.
static ARRIVALS: AtomicUsize = AtomicUsize::new(0);

static BELL: AtomicPtr<Bell> = AtomicPtr::new(ptr::null_mut());

struct Bell {
    sender: UnixStream,
    /// The process whose dispatcher listens. A forked child has the memory and
    /// the descriptor, but must not disturb its parent with it.
    process: u32,
}

/// Makes `sender` the other end of this process's dispatcher.
pub(super) fn connect(sender: UnixStream) -> io::Result<()> {
    sender.set_nonblocking(true)?;
    // For the marks that were made while nobody listened.
    (&sender).write_all(&[1])?;
    let process = process::id();
    let bell = Box::new(Bell { sender, process });
    // The bell before it, if any, is leaked: a handler may still be using it.
    // ORDERING: SeqCst pairs with the load in `ring`: a handler that sees the
    // pointer sees the bell.
    BELL.store(Box::into_raw(bell), Ordering::SeqCst);
    Ok(())
}

/// Installs the handler for a signal that is not forbidden.
pub(super) fn install(number: usize) -> io::Result<()> {
    let signal = number as c_int;
    // SAFETY: the action is async-signal-safe and does not panic, by invariant
    // 2. (`register` panics on forbidden signals; the caller has refused them.)
    unsafe { signal_hook_registry::register(signal, move || ring(number)) }?;
    Ok(())
}

/// Runs inside the signal handler.
fn ring(number: usize) {
    // Zero means no mark, so the number that wraps to it is not used.
    // ORDERING: SeqCst on all three words: the mark, then the bell here, the
    // bell's byte, then the mark in `take_marks` there. Cost is no matter: a
    // signal is a trip through the kernel.
    let arrival = ARRIVALS
        .fetch_add(1, Ordering::SeqCst)
        .wrapping_add(1)
        .max(1);
    // Fails when a mark is there already; the earlier one stays.
    let _ = MARKS[number].compare_exchange(0, arrival, Ordering::SeqCst, Ordering::SeqCst);
    let bell = BELL.load(Ordering::SeqCst);
    if bell.is_null() {
        return;
    }
    // SAFETY: a bell that is not null came from `Box::into_raw` in `connect` and
    // is never freed or changed.
    let bell = unsafe { &*bell };
    if bell.process == process::id() {
        // Fails when the socket is full; then invariant 1 has it.
        let _ = (&bell.sender).write(&[1]);
    }
}

/// Takes the marks of all signals that arrived, the earliest first.
pub(super) fn take_marks(marks: &mut Vec<(usize, usize)>) {
    marks.clear();
    for (number, mark) in MARKS.iter().enumerate() {
        // ORDERING: SeqCst pairs with the exchange in `ring`.
        let arrival = mark.swap(0, Ordering::SeqCst);
        if arrival != 0 {
            marks.push((arrival, number));
        }
    }
    marks.sort_unstable();
}
