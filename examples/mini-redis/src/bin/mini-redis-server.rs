//! The server as a program. See `mini_redis` for what it is made of.

use std::io::{self, Write};
use std::pin::pin;
use std::process::{self, ExitCode};

use mini_redis::args::{self, Args, Command, HELP};
use mini_redis::server::Server;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sinew::futures::future::maybe_done;
use sinew::futures::poll;
use sinew::runtime::Builder;
use sinew::signal::shutdown;

/// What a shell reports for a program that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let outcome = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(HELP),
        Ok(Command::Serve(args)) => serve(args),
        Err(error) => {
            complain(&format!("{error}; see --help"));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn complain(message: &str) {
    // Without a standard error there is nowhere to say it.
    let _ = writeln!(io::stderr(), "mini-redis-server: {message}");
}

fn serve(args: Args) -> io::Result<()> {
    raise_descriptor_limit();
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = args.workers {
        builder.worker_threads(workers.get());
    }
    builder.enable_all().build()?.block_on(async {
        let mut stop = pin!(maybe_done(shutdown()));
        // Listens from its first poll on: whoever reads the line below may stop us.
        let _ = poll!(stop.as_mut());
        let server = Server::bind(&args.addr, args.options).await?;
        print(&format!("listening on {}\n", server.local_addr()?))?;
        let stopped = async {
            stop.as_mut().await;
            match stop.take_output() {
                Some(Err(error)) => complain(&format!("cannot wait for signals: {error}")),
                _ => exit_when_asked_again(),
            }
        };
        let left = server.run(stopped).await;
        if left > 0 {
            complain(&format!("gave up on {left} clients"));
        }
        Ok(())
    })
}

fn exit_when_asked_again() {
    sinew::spawn(async {
        if shutdown().await.is_ok() {
            process::exit(INTERRUPTED);
        }
    });
}

/// Allows as many descriptors as the system lets us have: the usual limit of 1024
/// is below the limit on clients.
fn raise_descriptor_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    // If not, accepting fails sooner, and is reported.
    let _ = setrlimit(Resource::Nofile, all);
}
