//! The load: `net-load TRANSPORT ADDRESS CONNECTIONS SIZE (--millis N | --requests N)
//! [--pid SERVER] [--churn]`.
//!
//! Each connection sends a message, waits for the whole of it to come back, and
//! sends the next. With `--churn` each message has a connection of its own. One
//! thread, one `mio` loop; the same for every server. Prints one line of JSON.

mod clients;
mod result;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use lexopt::{Arg, ValueExt};
use net_bench::{Address, Transport};

/// What to do.
struct Options {
    transport: Transport,
    address: Address,
    connections: usize,
    size: usize,
    limit: Limit,
    /// The server, whose CPU time is read.
    pid: Option<u32>,
    churn: bool,
}

/// When to end.
#[derive(Clone, Copy)]
enum Limit {
    /// After this time, which begins when the server is warm.
    Time(Duration),
    /// After so many requests.
    Requests(u64),
}

fn options() -> Result<Options, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let mut values = Vec::new();
    let (mut limit, mut pid, mut churn) = (Limit::Time(Duration::from_secs(1)), None, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("millis") => {
                limit = Limit::Time(Duration::from_millis(parser.value()?.parse()?));
            }
            Arg::Long("requests") => limit = Limit::Requests(parser.value()?.parse()?),
            Arg::Long("pid") => pid = Some(parser.value()?.parse()?),
            Arg::Long("churn") => churn = true,
            Arg::Value(value) => values.push(value),
            other => return Err(other.unexpected()),
        }
    }
    let [transport, address, connections, size] = &values[..] else {
        return Err("expected TRANSPORT ADDRESS CONNECTIONS SIZE".into());
    };
    Ok(Options {
        transport: transport.parse()?,
        address: address.parse()?,
        connections: connections.parse()?,
        size: size.parse()?,
        limit,
        pid,
        churn,
    })
}

fn main() -> ExitCode {
    let run = || -> io::Result<()> {
        let options = options().map_err(|error| io::Error::other(error.to_string()))?;
        println!("{}", clients::run(&options)?);
        Ok(())
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("net-load: {error}");
            ExitCode::FAILURE
        }
    }
}
