//! How the end of one child makes itself known.

use std::io;
use std::os::fd::OwnedFd;
use std::panic::Location;
use std::process::{Child, ExitStatus};
use std::task::{Context, Poll, ready};

use sinew_reactor::Async;
use sinew_signal::unix::{Signal, SignalKind, signal};

/// The event that makes a waiting task ask the system again.
pub(crate) enum Exit {
    /// A descriptor that becomes readable when the child ends.
    PidFd(Async<OwnedFd>),
    /// A signal that comes with the end of any child.
    Signal(Signal),
}

/// A descriptor of the child, where the system has such.
///
/// `child` has not been waited for, so its number cannot have passed to another
/// process.
#[cfg(target_os = "linux")]
pub(crate) fn pidfd(child: &Child) -> Option<OwnedFd> {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};

    // Refused by kernels before 5.3 and by some sandboxes.
    let pid = Pid::from_raw(i32::try_from(child.id()).ok()?)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// This system has no descriptors of processes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn pidfd(_child: &Child) -> Option<OwnedFd> {
    None
}

impl Exit {
    pub(crate) fn watch(child: &Child, location: &'static Location<'static>) -> io::Result<Exit> {
        match pidfd(child) {
            // Nothing is ever read from it, so it need not be non-blocking.
            Some(fd) => Async::new_nonblocking_at(fd, location).map(Exit::PidFd),
            None => Exit::watch_signal(),
        }
    }

    fn watch_signal() -> io::Result<Exit> {
        signal(SignalKind::child()).map(Exit::Signal)
    }

    /// Waits until `child` has ended and takes its status.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        child: &mut Child,
    ) -> Poll<io::Result<ExitStatus>> {
        loop {
            match self {
                Exit::PidFd(fd) => {
                    let ready = ready!(fd.poll_readable(cx));
                    if let Some(ended) = child.try_wait().transpose() {
                        return Poll::Ready(ended);
                    }
                    // Either the reactor is shut down and the child runs on; or
                    // the child has ended, but a tracer has it: the system gives
                    // the status to its parent when the tracer lets go, and then
                    // the descriptor tells nothing new. The signal tells in both
                    // cases.
                    drop(ready);
                    *self = Exit::watch_signal()?;
                }
                Exit::Signal(signal) => {
                    // Asked after the listener was made, so that no signal can
                    // come in between.
                    if let Some(ended) = child.try_wait().transpose() {
                        return Poll::Ready(ended);
                    }
                    if signal.poll_recv(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}
