//! `supervisor PROGRAM [ARG...]`: keeps PROGRAM running until it ends well, or until
//! Ctrl-C or SIGTERM; those stop it, and after ten seconds kill it.

use std::process::ExitCode;
use std::time::Duration;

use sinew::process::Command;
use sinew::signal::shutdown;
use supervisor::{Backoff, Outcome, supervise};

const GRACE: Duration = Duration::from_secs(10);

#[sinew::main]
async fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let Some(program) = args.next() else {
        eprintln!("usage: supervisor PROGRAM [ARG...]");
        return ExitCode::from(2);
    };
    let backoff = Backoff::new(
        Duration::from_millis(100),
        Duration::from_secs(30),
        Duration::from_secs(60),
    );
    let mut command = Command::new(program);
    let stop = async {
        match shutdown().await {
            Ok(why) => eprintln!("{why}: stopping"),
            Err(error) => eprintln!("no signals, stopping: {error}"),
        }
    };
    match supervise(command.args(args), backoff, GRACE, stop).await {
        Ok(outcome) => {
            eprintln!("{outcome}");
            if outcome == Outcome::Killed {
                return ExitCode::FAILURE;
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
