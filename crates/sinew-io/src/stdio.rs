//! The standard streams of the process.
//!
//! A terminal or pipe that is shared with other processes cannot be switched to non-blocking mode
//! without surprising them, and a file knows no readiness. So each stream has a thread of its own,
//! started at the first use, which does the reading or writing. No worker of a runtime blocks, no
//! runtime waits for the threads when it is shut down, and they end with the process.
//!
//! - [`input`]: the thread reads when a task asks, into a buffer that all [`Stdin`]s share.
//!   A read that is dropped while it waits loses nothing: what the thread got is there for the next.
//! - [`output`]: the thread writes what the handles give it, in order, each piece under the lock of
//!   `std`'s handle. A handle has one piece on the way at a time.

mod input;
mod output;
mod stderr;
mod stdin;
mod stdout;

pub use self::stderr::{Stderr, stderr};
pub use self::stdin::{Stdin, stdin};
pub use self::stdout::{Stdout, stdout};
