//! A child that runs, or has ended.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::panic::Location;
use std::process::{ExitStatus, Output};
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_io::AsyncReadExt;

use crate::exit::Exit;
use crate::orphan;
use crate::stdio::{ChildStderr, ChildStdin, ChildStdout};

/// A child process, as [`Command::spawn`](crate::Command::spawn) gives it.
///
/// Dropping it does not end the child, unless
/// [`kill_on_drop`](crate::Command::kill_on_drop) was asked for; either way no
/// zombie is left.
#[must_use = "a child that is not waited for runs on by itself"]
pub struct Child {
    state: State,
    /// The writing end of the child's standard input, if that is a pipe.
    pub stdin: Option<ChildStdin>,
    /// The reading end of the child's standard output, if that is a pipe.
    pub stdout: Option<ChildStdout>,
    /// The reading end of the child's standard error, if that is a pipe.
    pub stderr: Option<ChildStderr>,
}

enum State {
    Running(Running),
    Ended(ExitStatus),
}

/// A child that has not been waited for. Reaped when dropped.
struct Running {
    /// Present until `drop` hands it on.
    child: Option<std::process::Child>,
    /// Made by the first wait that finds the child running.
    exit: Option<Exit>,
    kill_on_drop: bool,
    location: &'static Location<'static>,
}

impl Running {
    fn child(&mut self) -> &mut std::process::Child {
        let Some(child) = &mut self.child else {
            unreachable!("the child is there until the value is dropped")
        };
        child
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        let Some(child) = &mut self.child else {
            unreachable!("the child is there until the value is dropped")
        };
        let exit = match &mut self.exit {
            Some(exit) => exit,
            empty => {
                if let Some(ended) = child.try_wait().transpose() {
                    return Poll::Ready(ended);
                }
                empty.insert(Exit::watch(child, self.location)?)
            }
        };
        exit.poll(cx, child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The descriptor goes first: the reaper opens one of its own.
        self.exit = None;
        if let Some(mut child) = self.child.take() {
            if self.kill_on_drop {
                // Fails only if the child is gone, which is what was asked for.
                let _ = child.kill();
            }
            orphan::adopt(child);
        }
    }
}

impl Child {
    pub(crate) fn new(
        mut child: std::process::Child,
        kill_on_drop: bool,
        location: &'static Location<'static>,
    ) -> io::Result<Child> {
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // In the guard before anything can fail, so that the child is reaped.
        let running = Running {
            child: Some(child),
            exit: None,
            kill_on_drop,
            location,
        };
        let (stdin, stdout, stderr) = pipes;
        Ok(Child {
            stdin: stdin
                .map(|pipe| ChildStdin::at(pipe, location))
                .transpose()?,
            stdout: stdout
                .map(|pipe| ChildStdout::at(pipe, location))
                .transpose()?,
            stderr: stderr
                .map(|pipe| ChildStderr::at(pipe, location))
                .transpose()?,
            state: State::Running(running),
        })
    }

    /// The child's process number; `None` once it has been waited for, when the
    /// number may belong to another process.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        match &self.state {
            State::Running(running) => running.child.as_ref().map(std::process::Child::id),
            State::Ended(_) => None,
        }
    }

    /// Asks the system to end the child, by `SIGKILL`, and does not wait for it.
    ///
    /// Does nothing to a child that has ended.
    ///
    /// # Errors
    ///
    /// The system's, for example when the child has changed its user.
    pub fn start_kill(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Running(running) => running.child().kill(),
            State::Ended(_) => Ok(()),
        }
    }

    /// Ends the child, by `SIGKILL`, and waits until it is gone.
    ///
    /// A child that reacts to `SIGTERM` is better asked first, through its
    /// [`id`](Self::id), and killed when it takes too long.
    ///
    /// # Errors
    ///
    /// As [`start_kill`](Self::start_kill) and [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// The signal is sent at the first poll; dropping the future after that loses
    /// nothing but the wait, which [`wait`](Self::wait) can take up.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.start_kill()?;
        self.wait().await.map(drop)
    }

    /// Waits until the child has ended. Gives the same status when it is called
    /// again.
    ///
    /// Closes [`stdin`](Self::stdin) first, so that a child which reads to the
    /// end of it does not wait for us while we wait for it. A child that fills a
    /// pipe nobody reads waits for ever: see
    /// [`wait_with_output`](Self::wait_with_output).
    ///
    /// # Errors
    ///
    /// The system's: out of descriptors, the reactor is shut down, or somebody
    /// else in the process has waited for the child.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped but that `stdin` is closed: the
    /// next call waits on.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        poll_fn(|cx| self.poll_ended(cx)).await
    }

    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let status = match &mut self.state {
            State::Ended(status) => *status,
            State::Running(running) => ready!(running.poll(cx))?,
        };
        proceed.made_progress();
        Poll::Ready(Ok(self.ended(status)))
    }

    /// Notes that the child was waited for.
    fn ended(&mut self, status: ExitStatus) -> ExitStatus {
        if let State::Running(running) = &mut self.state {
            drop(running.child.take());
            self.state = State::Ended(status);
        }
        status
    }

    /// The child's status if it has ended, without waiting.
    ///
    /// # Errors
    ///
    /// The system's: somebody else in the process has waited for the child.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.state {
            State::Ended(status) => Ok(Some(*status)),
            State::Running(running) => {
                let status = running.child().try_wait()?;
                Ok(status.map(|status| self.ended(status)))
            }
        }
    }

    /// Reads what the child writes to those of its outputs that are pipes, waits
    /// for its end, and gives both.
    ///
    /// Closes `stdin` first. Both pipes are read at once, so a child that fills
    /// either never waits for ever.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait), or of reading.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future drops the child, and what was read
    /// is lost. To keep both, read the pipes and call [`wait`](Self::wait).
    pub async fn wait_with_output(mut self) -> io::Result<Output> {
        async fn read_all(pipe: Option<impl AsyncReadExt + Unpin>) -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes).await?;
            }
            Ok(bytes)
        }
        let stdout = read_all(self.stdout.take());
        let stderr = read_all(self.stderr.take());
        let (status, stdout, stderr) = sinew_core::try_join!(self.wait(), stdout, stderr)?;
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Child");
        match &self.state {
            State::Running(_) => debug.field("id", &self.id()),
            State::Ended(status) => debug.field("status", status),
        };
        debug
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .finish()
    }
}
