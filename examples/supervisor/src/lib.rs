//! Keeps a program running: starts it again when it crashes, later each time, and
//! stops it when told to.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use sinew::process::{Child, Command};
use sinew::time::{Instant, sleep, timeout};

mod backoff;

pub use backoff::Backoff;

/// How the supervision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The program has ended by itself, and well.
    Finished,
    /// The supervisor was told to stop while the program was not running.
    Stopped,
    /// The program was told to stop by `SIGTERM` and has ended so.
    Terminated(ExitStatus),
    /// It did not stop within the grace period and was killed.
    Killed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Finished => f.write_str("finished"),
            Outcome::Stopped => f.write_str("stopped while it was not running"),
            Outcome::Terminated(status) => write!(f, "stopped: {status}"),
            Outcome::Killed => f.write_str("killed: it did not stop in time"),
        }
    }
}

/// Runs the program until it ends well or `stop` is ready.
///
/// The program is the head of a process group of its own: a Ctrl-C at the
/// terminal does not reach it except through the supervisor, and what it has
/// started itself is stopped with it.
///
/// # Errors
///
/// The program cannot be started, or waited for. One that cannot be started is
/// not tried again: it would hardly appear by itself.
pub async fn supervise(
    command: &mut Command,
    mut backoff: Backoff,
    grace: Duration,
    stop: impl Future<Output = ()>,
) -> io::Result<Outcome> {
    command.process_group(0).kill_on_drop(true);
    let mut stop = pin!(stop);
    // Signals are listened for from the first poll on: that is to be before the program
    // runs, or one that comes early would end us and leave the program behind.
    sinew::select! {
        biased;
        () = &mut stop => return Ok(Outcome::Stopped),
        () = std::future::ready(()) => {}
    }
    loop {
        let started = Instant::now();
        let mut child = command.spawn()?;
        let status = sinew::select! {
            status = child.wait() => status?,
            () = &mut stop => return terminate(child, grace).await,
        };
        if status.success() {
            return Ok(Outcome::Finished);
        }
        let pause = backoff.crashed_after(started.elapsed());
        eprintln!("{status}; again in {pause:?}");
        sinew::select! {
            () = sleep(pause) => {}
            () = &mut stop => return Ok(Outcome::Stopped),
        }
    }
}

async fn terminate(mut child: Child, grace: Duration) -> io::Result<Outcome> {
    signal(&child, Signal::TERM)?;
    if let Ok(status) = timeout(grace, child.wait()).await {
        return status.map(Outcome::Terminated);
    }
    signal(&child, Signal::KILL)?;
    child.wait().await?;
    Ok(Outcome::Killed)
}

/// Sends the signal to the child and all that it has started.
fn signal(child: &Child, signal: Signal) -> io::Result<()> {
    // The number is the child's as long as nobody has waited for it.
    let pid = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    pid.map_or(Ok(()), |pid| Ok(kill_process_group(pid, signal)?))
}
