//! Readiness: tells tasks when a descriptor can be read or written.
//!
//! Operating systems do not call back. They offer a call that blocks until one
//! of many descriptors is ready. A [`Reactor`] makes that call and wakes the
//! tasks that wait for the descriptors in question.
//!
//! | you want to | look at |
//! |---|---|
//! | do IO on any object with a descriptor, without blocking | [`Async`] |
//! | the same, saying yourself when readiness is over, as tokio's `AsyncFd` | [`unix::AsyncFd`] |
//! | run an event loop of your own | [`Reactor`], [`Turn`], [`Source`] |
//! | say what you wait for, and see what you got | [`Interest`], [`Ready`] |
//!
//! A runtime [enters](Reactor::enter) its reactor on its threads and turns it
//! when they are idle. Without a runtime there is a default reactor with a
//! thread of its own, started on first use, so that [`Async`] works under any
//! executor and under none. A runtime that is the process's own
//! [takes it over](Reactor::take_over), and the thread then sleeps.
//!
//! # How it works
//!
//! Each descriptor is registered once, for both directions, edge-triggered: the
//! system tells of changes only. So what is known is remembered in one word for
//! each source, set by events and cleared by operations that would block. On
//! Linux a turn is one system call (`epoll_pwait2`, with timeouts in
//! nanoseconds); elsewhere it is that of the `polling` crate.
//!
//! # Which backend is faster
//!
//! One event for one turn, with the write and the read that belong to it, on Linux
//! 6 (x86-64, a busy machine, three rounds):
//!
//! | [`BackendKind`] | system calls | time | timeouts |
//! |---|---:|---:|---|
//! | `Epoll` | 3 | 3.3–3.7 µs | nanoseconds |
//! | `Mio` | 3 | 2.8–4.0 µs | milliseconds, rounded up |
//! | `Polling` | 7 | 4.9–5.2 µs | nanoseconds |
//!
//! So on Linux the first two are level, and the first has the finer timers;
//! `Polling` is for systems that have no other. On those, mio makes one call for
//! each turn where it has kqueue; it was not measured there.
//!
//! # When not to use this crate
//!
//! For sockets, use `sinew-net`, which is built on this and knows what their
//! readiness means. For regular files readiness does not exist: systems say that
//! they are always ready, and then block; use `sinew-fs`. A program that only
//! wants to wait for one descriptor needs no reactor, but `poll(2)`.
//!
//! # Example
//!
//! A reactor of one's own, turned by hand:
//!
//! ```
//! use sinew_reactor::{Async, Reactor};
//! use std::future::Future;
//! use std::io::{self, Read, Write};
//! use std::os::unix::net::UnixStream;
//! use std::pin::pin;
//! use std::task::{Context, Poll, Waker};
//!
//! # fn main() -> io::Result<()> {
//! let reactor = Reactor::new()?;
//! let (mut near, far) = UnixStream::pair()?;
//! let far = Async::with_reactor(far, reactor.clone())?;
//!
//! let mut read = pin!(far.read_with(|mut io| {
//!     let mut buf = [0; 16];
//!     let count = io.read(&mut buf)?;
//!     Ok(buf[..count].to_vec())
//! }));
//! let mut cx = Context::from_waker(Waker::noop());
//!
//! assert!(read.as_mut().poll(&mut cx).is_pending());
//! near.write_all(b"hello")?;
//! let data = loop {
//!     match read.as_mut().poll(&mut cx) {
//!         Poll::Ready(data) => break data?,
//!         Poll::Pending => reactor.lock().turn(None)?,
//!     };
//! };
//! assert_eq!(data, b"hello");
//! # Ok(())
//! # }
//! ```

#![cfg(unix)]

mod async_fd;
mod async_io;
mod backend;
mod error;
mod interest;
mod reactor;
mod readiness;
mod ready;
mod registration;
mod registry;
mod source;
mod sync;

pub use async_io::{Async, Received};
pub use backend::BackendKind;
pub use error::is_rt_shutdown_err;
pub use interest::Interest;
pub use reactor::{Driving, Metrics, Reactor, Turn};
pub use ready::Ready;
pub use source::{ReadyEvent, Source};

/// For descriptors as Unix has them.
pub mod unix {
    pub use crate::async_fd::{
        AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError, AsyncFdTryNewError,
        TryIoError,
    };
}
