//! The signals that ask a program to stop.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::task::{Context, Poll};

use crate::unix::{Signal, SignalKind};

/// Which signal asked the program to stop. Returned by [`shutdown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shutdown {
    /// Ctrl-C at the terminal: `SIGINT`.
    Interrupt,
    /// A supervisor, or `kill` without options: `SIGTERM`.
    Terminate,
}

impl fmt::Display for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shutdown::Interrupt => "interrupt",
            Shutdown::Terminate => "terminate",
        })
    }
}

/// Waits until the program is asked to stop, by Ctrl-C (`SIGINT`) or by
/// `SIGTERM`, and says which came first.
///
/// Listens from its first poll on. The other of the two, when it came as well,
/// is there for the next call: a program that calls this a second time while it
/// drains can stop at once when it is asked again.
///
/// The first use installs handlers for the rest of the process's life: from
/// then on the two signals do not end the process any more by themselves.
///
/// # Errors
///
/// A handler cannot be installed, or the dispatcher cannot be started because
/// the process is out of threads or descriptors.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped: a signal that it did not return
/// is there for the next listener.
///
/// # Examples
///
/// ```no_run
/// # sinew_core::block_on(async {
/// let why = sinew_signal::shutdown().await.expect("no handlers");
/// println!("stopping: {why}");
/// # });
/// ```
#[track_caller]
pub fn shutdown() -> impl Future<Output = io::Result<Shutdown>> {
    let location = Location::caller();
    async move {
        let mut listeners = [
            (
                Signal::at(SignalKind::interrupt(), location)?,
                Shutdown::Interrupt,
            ),
            (
                Signal::at(SignalKind::terminate(), location)?,
                Shutdown::Terminate,
            ),
        ];
        Ok(poll_fn(|cx| poll_first(&mut listeners, cx)).await)
    }
}

/// Receives the earlier of what has arrived and leaves the later alone.
fn poll_first(listeners: &mut [(Signal, Shutdown)], cx: &mut Context<'_>) -> Poll<Shutdown> {
    let first = listeners
        .iter_mut()
        .filter_map(|(signal, which)| Some((signal.arrived()?, signal, *which)))
        .min_by_key(|(arrival, ..)| *arrival);
    if let Some((_, signal, which)) = first {
        // Also spends the budget, so it may be pending all the same.
        return signal.poll_recv(cx).map(|_| which);
    }
    for (signal, which) in listeners {
        // One that arrived since the look above is the first.
        if signal.poll_recv(cx).is_ready() {
            return Poll::Ready(*which);
        }
    }
    Poll::Pending
}
