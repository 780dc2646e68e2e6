//! The command line.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use lexopt::prelude::*;

/// What `--help` prints.
pub const HELP: &str = "\
Serves web pages: / says hello, /sleep says it after five seconds.

Usage: web-server [OPTIONS]

Options:
  --addr ADDR    where to listen, as host:port; port 0 takes a free one
                 [default: 127.0.0.1:7878]
  --workers N    how many threads run connections [default: one per CPU]
  --root DIR     also serve the files in DIR [default: none]
  -h, --help     print this help

Ctrl-C or SIGTERM stops accepting and waits up to 10 seconds for responses
that have been started; a second one ends the program at once.
";

/// Where to listen unless told otherwise.
pub const DEFAULT_ADDR: &str = "127.0.0.1:7878";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// To print [`HELP`].
    Help,
    /// To serve.
    Serve(Args),
}

/// How to serve.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// Where to listen: `host:port`.
    pub addr: String,
    /// How many threads run connections; `None`: one per CPU.
    pub workers: Option<NonZeroUsize>,
    /// The directory whose files are served; `None`: the built-in pages only.
    pub root: Option<PathBuf>,
}

impl Default for Args {
    fn default() -> Self {
        Args {
            addr: DEFAULT_ADDR.to_owned(),
            workers: None,
            root: None,
        }
    }
}

/// Reads a command line, without the program's name.
///
/// # Errors
///
/// An option that is not known, a value that is missing or does not fit, with
/// a message for the user.
pub fn parse<I>(args: I) -> Result<Command, lexopt::Error>
where
    I: IntoIterator,
    I::Item: Into<OsString>,
{
    let mut parser = lexopt::Parser::from_args(args);
    let mut args = Args::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("addr") => args.addr = parser.value()?.string()?,
            Long("workers") => args.workers = Some(parser.value()?.parse()?),
            Long("root") => args.root = Some(parser.value()?.into()),
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve(args))
}

#[cfg(test)]
mod tests;
