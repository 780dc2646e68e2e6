//! Which signal.

use std::os::raw::c_int;

/// A kind of signal, by its number.
#[derive(Debug, Clone, Copy, Hash, PartialEq, Eq)]
pub struct SignalKind(c_int);

impl SignalKind {
    /// The signal of this number, also one that is peculiar to a system, such
    /// as the real-time signals of Linux. Whether it exists and can be handled
    /// is found out by [`signal`](super::signal).
    #[must_use]
    pub const fn from_raw(signum: c_int) -> Self {
        SignalKind(signum)
    }

    /// The signal's number.
    #[must_use]
    pub const fn as_raw_value(&self) -> c_int {
        self.0
    }

    /// `SIGALRM`: a timer of `alarm` or `setitimer` has expired. Ends the
    /// process by default.
    #[must_use]
    pub const fn alarm() -> Self {
        SignalKind(libc::SIGALRM)
    }

    /// `SIGCHLD`: a child process has stopped, gone on or exited. Ignored by
    /// default.
    #[must_use]
    pub const fn child() -> Self {
        SignalKind(libc::SIGCHLD)
    }

    /// `SIGHUP`: the terminal is gone; by custom, daemons reload their
    /// configuration. Ends the process by default.
    #[must_use]
    pub const fn hangup() -> Self {
        SignalKind(libc::SIGHUP)
    }

    /// `SIGINFO`: somebody asks for the status, with Ctrl-T. Ignored by default.
    #[cfg(any(
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "macos",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "illumos"
    ))]
    #[must_use]
    pub const fn info() -> Self {
        SignalKind(libc::SIGINFO)
    }

    /// `SIGINT`: Ctrl-C. Ends the process by default.
    #[must_use]
    pub const fn interrupt() -> Self {
        SignalKind(libc::SIGINT)
    }

    /// `SIGIO`, on Haiku `SIGPOLL`: a descriptor is ready, for those who asked
    /// to be told so by signal.
    #[must_use]
    pub const fn io() -> Self {
        #[cfg(target_os = "haiku")]
        return SignalKind(libc::SIGPOLL);
        #[cfg(not(target_os = "haiku"))]
        return SignalKind(libc::SIGIO);
    }

    /// `SIGPIPE`: a write to a pipe or socket that nobody reads. Rust programs
    /// start with it ignored and get an error from the write instead.
    #[must_use]
    pub const fn pipe() -> Self {
        SignalKind(libc::SIGPIPE)
    }

    /// `SIGQUIT`: Ctrl-\\. Ends the process with a core dump by default.
    #[must_use]
    pub const fn quit() -> Self {
        SignalKind(libc::SIGQUIT)
    }

    /// `SIGTERM`: the request to stop. Ends the process by default.
    #[must_use]
    pub const fn terminate() -> Self {
        SignalKind(libc::SIGTERM)
    }

    /// `SIGUSR1`: whatever the program wants. Ends the process by default.
    #[must_use]
    pub const fn user_defined1() -> Self {
        SignalKind(libc::SIGUSR1)
    }

    /// `SIGUSR2`: whatever the program wants. Ends the process by default.
    #[must_use]
    pub const fn user_defined2() -> Self {
        SignalKind(libc::SIGUSR2)
    }

    /// `SIGWINCH`: the terminal's window has another size. Ignored by default.
    #[must_use]
    pub const fn window_change() -> Self {
        SignalKind(libc::SIGWINCH)
    }

    /// The name, for messages about the signals that cannot be listened for.
    pub(crate) fn forbidden_name(self) -> Option<&'static str> {
        match self.0 {
            libc::SIGKILL => Some("SIGKILL"),
            libc::SIGSTOP => Some("SIGSTOP"),
            libc::SIGILL => Some("SIGILL"),
            libc::SIGFPE => Some("SIGFPE"),
            libc::SIGSEGV => Some("SIGSEGV"),
            _ => None,
        }
    }
}

impl From<c_int> for SignalKind {
    fn from(signum: c_int) -> Self {
        SignalKind::from_raw(signum)
    }
}

impl From<SignalKind> for c_int {
    fn from(kind: SignalKind) -> Self {
        kind.as_raw_value()
    }
}
