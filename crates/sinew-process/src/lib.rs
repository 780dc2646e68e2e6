//! Child processes: start them, talk to them over pipes, wait for their end.
//!
//! | you want to | look at |
//! |---|---|
//! | run a program and have its output | [`Command::output`] |
//! | run a program and know how it ended | [`Command::status`] |
//! | talk to a program while it runs | [`Command::spawn`], [`Child`], [`ChildStdin`], [`ChildStdout`], [`ChildStderr`] |
//! | end a program | [`Child::kill`], [`Child::start_kill`], [`Command::kill_on_drop`] |
//!
//! Works under any executor and in any number of runtimes at once.
//!
//! # How it works
//!
//! Programs are started by `std::process`, so everything that holds for its
//! [`Command`](std::process::Command) holds here. Pipes are made non-blocking
//! and watched by the reactor. For the end of a child the reactor watches its
//! pidfd on Linux; elsewhere, and where the kernel refuses one, each `SIGCHLD`
//! makes the waiting task look.
//!
//! Only the crate's own children are ever waited for, each by its own number.
//! Children that other code of the process started are not touched.
//!
//! # No zombies
//!
//! A dropped [`Child`] goes on running, as in `std`, unless
//! [`kill_on_drop`](Command::kill_on_drop) was asked for. `std` would leave it
//! as a zombie when it ends. Here it is handed to a thread, named `sinew-reaper`,
//! that waits for such children and ends when there are none.
//!
//! # When not to use this crate
//!
//! Starting a program takes about a millisecond and is done on the calling
//! thread, as `fork` and `exec` have no asynchronous form. A program that does
//! nothing but run others one after the other is served as well by
//! `std::process`.
//!
//! Unix only at present: on other systems the crate is empty.
//!
//! # Example
//!
#![cfg_attr(unix, doc = "```")]
#![cfg_attr(not(unix), doc = "```ignore")]
//! use sinew_process::Command;
//!
//! # fn main() -> std::io::Result<()> {
//! let output = sinew_core::block_on(Command::new("echo").arg("hello").output())?;
//! assert!(output.status.success());
//! assert_eq!(output.stdout, b"hello\n");
//! # Ok(())
//! # }
//! ```

#![cfg(unix)]

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod child;
mod command;
mod exit;
mod orphan;
mod stdio;

pub use child::Child;
pub use command::Command;
pub use stdio::{ChildStderr, ChildStdin, ChildStdout};

#[doc(no_inline)]
pub use std::process::{ExitStatus, Output, Stdio};
