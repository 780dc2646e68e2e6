//! An echo server over one runtime: `net-server SUBJECT TRANSPORT [--threads N]`.
//!
//! Prints its address, and serves until its standard input ends. The servers do
//! the same work by the same means: one task for each connection, a buffer of
//! 16 KiB, one read and one write of everything for each message, `TCP_NODELAY`.

mod bare;
mod over_sinew;
mod over_smol;
mod over_tokio;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::thread;

use lexopt::{Arg, ValueExt};
use net_bench::{Address, Transport};

/// The longest message, which a server reads at once if it has come at once.
const BUFFER: usize = 16 * 1024;

struct Options {
    subject: String,
    transport: Transport,
    threads: usize,
}

fn options() -> Result<Options, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let (mut subject, mut transport, mut threads) = (None, None, 2);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("threads") => threads = parser.value()?.parse()?,
            Arg::Value(value) if subject.is_none() => subject = Some(value.string()?),
            Arg::Value(value) if transport.is_none() => transport = Some(value.parse()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Options {
        subject: subject.ok_or("which subject?")?,
        transport: transport.ok_or("which transport?")?,
        threads,
    })
}

/// Tells the load where to go, and ends the process when the load has ended.
fn announce(address: &Address) {
    println!("{address}");
    let _ = io::stdout().flush();
    let path = match address {
        Address::Path(path) => Some(path.clone()),
        Address::Ip(_) => None,
    };
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        if let Some(path) = path {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(0);
    });
}

fn serve(options: &Options) -> io::Result<()> {
    let Options {
        transport, threads, ..
    } = *options;
    match options.subject.as_str() {
        "sinew" => over_sinew::multi_thread(transport, threads),
        "sinew-current" => over_sinew::current_thread(transport),
        "tokio" => over_tokio::multi_thread(transport, threads),
        "tokio-current" => over_tokio::current_thread(transport),
        "smol" => over_smol::serve(transport, threads),
        "bare" => bare::serve(transport),
        other => Err(io::Error::other(format!("unknown subject `{other}`"))),
    }
}

fn main() -> ExitCode {
    let result = options()
        .map_err(|error| error.to_string())
        .and_then(|options| serve(&options).map_err(|error| error.to_string()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("net-server: {error}");
            ExitCode::FAILURE
        }
    }
}
