//! The command line of the server.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use lexopt::prelude::*;

use crate::server::Options;

/// What `--help` prints.
pub const HELP: &str = "\
Serves a database to redis-cli and other clients of Redis.

Usage: mini-redis-server [OPTIONS]

Options:
  --addr ADDR       where to listen, as host:port; port 0 takes a free one
                    [default: 127.0.0.1:6379]
  --workers N       how many threads run connections [default: one per CPU]
  --max-clients N   how many clients there may be at once [default: 10000]
  -h, --help        print this help

Ctrl-C or SIGTERM stops accepting and waits up to 10 seconds for replies that
have been started; a second one ends the program at once.
";

/// Where to listen unless told otherwise.
pub const DEFAULT_ADDR: &str = "127.0.0.1:6379";

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// To print [`HELP`].
    Help,
    /// To serve.
    Serve(Args),
}

/// How to serve.
#[derive(Debug)]
pub struct Args {
    /// Where to listen: `host:port`.
    pub addr: String,
    /// How many threads run connections; `None`: one per CPU.
    pub workers: Option<NonZeroUsize>,
    /// What clients may do.
    pub options: Options,
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
    let mut args = Args {
        addr: DEFAULT_ADDR.to_owned(),
        workers: None,
        options: Options::default(),
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Long("addr") => args.addr = parser.value()?.string()?,
            Long("workers") => args.workers = Some(parser.value()?.parse()?),
            Long("max-clients") => args.options.max_clients = parser.value()?.parse()?,
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve(args))
}

#[cfg(test)]
mod tests {
    use super::{Command, DEFAULT_ADDR, parse};

    #[test]
    fn options() {
        let Ok(Command::Serve(args)) = parse(["--addr", "[::1]:0", "--max-clients=3"]) else {
            panic!("serves");
        };
        assert_eq!(
            (args.addr.as_str(), args.options.max_clients),
            ("[::1]:0", 3)
        );
        let Ok(Command::Serve(args)) = parse::<[&str; 0]>([]) else {
            panic!("serves");
        };
        assert_eq!((args.addr.as_str(), args.workers), (DEFAULT_ADDR, None));
        assert!(matches!(parse(["-h"]), Ok(Command::Help)));
        for wrong in [["--workers", "0"], ["--max-clients", "-1"], ["--port", "1"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
