//! What to run, and how.

use std::ffi::OsStr;
use std::fmt;
use std::future::Future;
use std::io;
use std::os::unix::process::CommandExt;
use std::panic::Location;
use std::path::Path;
use std::process::{self, CommandArgs, CommandEnvs, ExitStatus, Output, Stdio};

use sinew_core::error::attempted;

use crate::child::Child;
use crate::orphan;

/// A program to run, with its arguments, environment and streams.
///
/// [`std::process::Command`] with asynchronous [`status`](Self::status) and
/// [`output`](Self::output), and [`kill_on_drop`](Self::kill_on_drop).
///
/// ```
/// use sinew_process::{Command, Stdio};
/// use sinew_io::{AsyncReadExt, AsyncWriteExt};
///
/// # sinew_core::block_on(async {
/// let mut child = Command::new("cat")
///     .stdin(Stdio::piped())
///     .stdout(Stdio::piped())
///     .spawn()?;
///
/// let mut stdin = child.stdin.take().unwrap();
/// stdin.write_all(b"through the cat").await?;
/// drop(stdin); // the end of its input
///
/// let output = child.wait_with_output().await?;
/// assert_eq!(output.stdout, b"through the cat");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct Command {
    std: process::Command,
    kill_on_drop: bool,
}

impl Command {
    /// Runs `program`, looked up in `PATH` if it has no slash, without
    /// arguments, with this process's environment, directory and streams.
    pub fn new(program: impl AsRef<OsStr>) -> Command {
        Command::from(process::Command::new(program))
    }

    /// The command that is handed to `std`.
    #[must_use]
    pub fn as_std(&self) -> &process::Command {
        &self.std
    }

    /// The command that is handed to `std`, to be changed.
    pub fn as_std_mut(&mut self) -> &mut process::Command {
        &mut self.std
    }

    /// The command of `std`. Whether to kill on drop is forgotten.
    #[must_use]
    pub fn into_std(self) -> process::Command {
        self.std
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Command {
        self.std.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args<I, S>(&mut self, args: I) -> &mut Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.std.args(args);
        self
    }

    /// Sets what the program sees as its own name, its argument number zero.
    pub fn arg0(&mut self, arg: impl AsRef<OsStr>) -> &mut Command {
        self.std.arg0(arg);
        self
    }

    /// Sets a variable of the child's environment.
    pub fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Command {
        self.std.env(key, value);
        self
    }

    /// Sets variables of the child's environment.
    pub fn envs<I, K, V>(&mut self, vars: I) -> &mut Command
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.envs(vars);
        self
    }

    /// Takes a variable out of the child's environment.
    pub fn env_remove(&mut self, key: impl AsRef<OsStr>) -> &mut Command {
        self.std.env_remove(key);
        self
    }

    /// Gives the child none of this process's variables.
    pub fn env_clear(&mut self) -> &mut Command {
        self.std.env_clear();
        self
    }

    /// Sets the child's working directory. Whether a relative path of the program
    /// is looked up from there differs between systems; give an absolute one.
    pub fn current_dir(&mut self, dir: impl AsRef<Path>) -> &mut Command {
        self.std.current_dir(dir);
        self
    }

    /// Sets the child's standard input. [`spawn`](Self::spawn) and
    /// [`status`](Self::status) hand down this process's by default, and so does
    /// [`output`](Self::output).
    pub fn stdin(&mut self, stream: impl Into<Stdio>) -> &mut Command {
        self.std.stdin(stream);
        self
    }

    /// Sets the child's standard output; this process's by default.
    pub fn stdout(&mut self, stream: impl Into<Stdio>) -> &mut Command {
        self.std.stdout(stream);
        self
    }

    /// Sets the child's standard error; this process's by default.
    pub fn stderr(&mut self, stream: impl Into<Stdio>) -> &mut Command {
        self.std.stderr(stream);
        self
    }

    /// Whether to end the child by `SIGKILL` when its [`Child`] is dropped before
    /// it was waited for; also when the future of [`status`](Self::status) or
    /// [`output`](Self::output) is. Off by default, as in `std`.
    pub fn kill_on_drop(&mut self, kill_on_drop: bool) -> &mut Command {
        self.kill_on_drop = kill_on_drop;
        self
    }

    /// What [`kill_on_drop`](Self::kill_on_drop) was set to.
    #[must_use]
    pub fn get_kill_on_drop(&self) -> bool {
        self.kill_on_drop
    }

    /// Sets the child's user.
    pub fn uid(&mut self, id: u32) -> &mut Command {
        self.std.uid(id);
        self
    }

    /// Sets the child's group.
    pub fn gid(&mut self, id: u32) -> &mut Command {
        self.std.gid(id);
        self
    }

    /// Sets the child's process group; 0 makes a new one with the child's number.
    /// A child in a group of its own gets no Ctrl-C of this process's terminal.
    pub fn process_group(&mut self, group: i32) -> &mut Command {
        self.std.process_group(group);
        self
    }

    /// Runs `f` in the child, after `fork` and before `exec`. An error that it
    /// returns is that of [`spawn`](Self::spawn).
    ///
    /// # Safety
    ///
    /// That of [`std::os::unix::process::CommandExt::pre_exec`]: the child has one
    /// thread, and locks that others held stay locked for ever, that of the
    /// allocator among them. Only calls that are safe in a signal handler may be
    /// made.
    pub unsafe fn pre_exec<F>(&mut self, f: F) -> &mut Command
    where
        F: FnMut() -> io::Result<()> + Send + Sync + 'static,
    {
        // SAFETY: the caller vouches for `f`.
        unsafe { self.std.pre_exec(f) };
        self
    }

    /// The program.
    #[must_use]
    pub fn get_program(&self) -> &OsStr {
        self.std.get_program()
    }

    /// The arguments, without the program itself.
    pub fn get_args(&self) -> CommandArgs<'_> {
        self.std.get_args()
    }

    /// What is changed in the environment: variables that are set, or taken out.
    pub fn get_envs(&self) -> CommandEnvs<'_> {
        self.std.get_envs()
    }

    /// The working directory, if one was set.
    #[must_use]
    pub fn get_current_dir(&self) -> Option<&Path> {
        self.std.get_current_dir()
    }

    /// Starts the program.
    ///
    /// The calling thread does it, and is held up for as long as that takes:
    /// about a millisecond.
    ///
    /// # Errors
    ///
    /// The system's; the message names the program, and
    /// [`raw_os_error`](sinew_core::error::raw_os_error) finds the number.
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no such program, or no
    /// such working directory. When a pipe cannot be watched by the reactor, the
    /// child was started and is left to itself, or killed if
    /// [`kill_on_drop`](Self::kill_on_drop) is set.
    #[track_caller]
    pub fn spawn(&mut self) -> io::Result<Child> {
        let location = Location::caller();
        orphan::take_up();
        let child = self.std.spawn().map_err(|error| self.failed(error))?;
        Child::new(child, self.kill_on_drop, location).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> io::Error {
        attempted("start", Path::new(self.std.get_program()).display(), error)
    }

    /// Runs the program to its end. What it writes to a pipe is not read; it sees
    /// the pipe closed.
    ///
    /// The program is started by the call, before the future is polled.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn) and [`Child::wait`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the child to itself, or kills it if
    /// [`kill_on_drop`](Self::kill_on_drop) is set.
    #[track_caller]
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        let child = self.spawn();
        async move {
            let mut child = child?;
            drop((child.stdout.take(), child.stderr.take()));
            child.wait().await
        }
    }

    /// Runs the program to its end and gives what it wrote to its standard output
    /// and its standard error, whatever these were set to.
    ///
    /// The program is started by the call, before the future is polled. Its
    /// standard input is what it was set to: this process's by default, unlike
    /// `std`'s.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn) and [`Child::wait_with_output`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses what was read, and leaves the child to itself,
    /// or kills it if [`kill_on_drop`](Self::kill_on_drop) is set.
    #[track_caller]
    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + use<> {
        self.std.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.spawn();
        async move { child?.wait_with_output().await }
    }
}

impl From<process::Command> for Command {
    fn from(std: process::Command) -> Command {
        Command {
            std,
            kill_on_drop: false,
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("std", &self.std)
            .field("kill_on_drop", &self.kill_on_drop)
            .finish()
    }
}
