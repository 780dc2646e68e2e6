//! `tail FILE [LINES]`: prints the last lines of FILE, 10 if it is not said, and then
//! what is added to it, until it is interrupted or nobody reads any more.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use sinew::io::stdout;
use sinew::prelude::*;
use tail::{Event, Tail};

#[sinew::main]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(path), Ok(lines)) = (args.next(), args.next().map_or(Ok(10), |n| n.parse())) else {
        eprintln!("usage: tail FILE [LINES], as in: tail /var/log/syslog 20");
        return ExitCode::from(2);
    };
    match follow(Path::new(&path), lines).await {
        // As in `tail FILE | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Ok(never) => match never {},
    }
}

async fn follow(path: &Path, lines: usize) -> io::Result<std::convert::Infallible> {
    let mut tail = Tail::open(path, lines, Duration::from_millis(250)).await?;
    let mut output = stdout();
    loop {
        match tail.next().await? {
            Event::Added(bytes) => {
                output.write_all(bytes).await?;
                output.flush().await?;
            }
            Event::Truncated => eprintln!("{}: truncated", path.display()),
            Event::Replaced => eprintln!("{}: a new file", path.display()),
        }
    }
}
