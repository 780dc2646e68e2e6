//! Signals of the operating system as futures.
//!
//! | you want to | look at |
//! |---|---|
//! | stop cleanly when told to, by Ctrl-C or by a supervisor | [`shutdown`] |
//! | wait for Ctrl-C | [`ctrl_c`] |
//! | wait for any other signal, again and again | [`unix::signal`] |
//!
//! Works under any executor and in any number of runtimes at once: it needs no
//! reactor and no entered context.
//!
//! # How it works
//!
//! The first listener of a kind installs a handler for it, which stays for the
//! life of the process, as POSIX gives no safe way to take one out again. The
//! handler notes the signal and writes a byte to a socket. One thread, named
//! `sinew-signal` and started with the first listener, waits at the other end
//! and wakes the listeners. It has every signal blocked that can be, so it
//! never takes a signal from a thread that the program meant it for.
//!
//! # What a listener sees
//!
//! - **Every listener sees every delivery.** They do not compete.
//! - **Deliveries coalesce.** Between two receives, one signal or a thousand are
//!   the same: one item. The kernel coalesces in the same way.
//! - **Nothing is lost between receives.** A signal that comes after
//!   [`unix::signal`] has returned is there for the next `recv`.
//! - **A delivery that nobody has received waits for the next listener** of its
//!   kind, when it came while the kind had no listener, or when its last
//!   listener was dropped before it looked. So a loop that makes a new
//!   [`ctrl_c`] in each turn of a `select!` misses no Ctrl-C. A delivery that
//!   any listener has received is settled.
//!
//! # Fork
//!
//! After `fork` without `exec`, the child has the handlers, but no dispatcher
//! thread: signals of the kinds with a handler do nothing there. The parent is
//! not disturbed by them. The next [`unix::signal`] in the child starts a
//! dispatcher of its own, which also serves the listeners that came over in the
//! copied memory. (POSIX allows a child of a process with several threads
//! little more than `exec`; a program that forks to become a daemon does so best
//! before its first listener.) `exec` puts handled signals back to their
//! defaults, so children started through `std::process` are not concerned.
//!
//! # When not to use this crate
//!
//! To act inside the handler itself, or to see the sender of a signal
//! (`siginfo_t`), use `signal-hook`; both share the handler of
//! `signal-hook-registry` and get along in one process. To learn that a child
//! process has exited, wait for the child rather than for `SIGCHLD`.
//!
//! Unix only: on other systems the crate is empty.
//!
//! # Example
//!
#![cfg_attr(unix, doc = "```")]
#![cfg_attr(not(unix), doc = "```ignore")]
//! use sinew_signal::unix::{SignalKind, signal};
//!
//! # fn main() -> std::io::Result<()> {
//! let mut hangup = signal(SignalKind::hangup())?;
//! // Somebody asks this process to reload, here: it does so itself.
//! std::process::Command::new("kill")
//!     .args(["-HUP", &std::process::id().to_string()])
//!     .status()?;
//! sinew_core::block_on(hangup.recv());
//! # Ok(())
//! # }
//! ```

#[cfg(unix)]
mod ctrl_c;
#[cfg(unix)]
mod registry;
#[cfg(unix)]
mod shutdown;
#[cfg(unix)]
pub mod unix;

#[cfg(unix)]
pub use ctrl_c::ctrl_c;
#[cfg(unix)]
pub use shutdown::{Shutdown, shutdown};
