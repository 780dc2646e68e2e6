//! `walk ROOT [PART]`: prints the paths below ROOT whose names contain PART. On a
//! terminal a line at the bottom says how far it is.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use sinew::time::interval;
use walk::Walk;

/// Directories that are listed at once. More keep a disk busy that can do several
/// things at a time; names that the kernel remembers need no more than one.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(16).expect("not zero");

#[sinew::main]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(root), part) = (args.next(), args.next().unwrap_or_default()) else {
        eprintln!("usage: walk ROOT [PART], as in: walk /etc host");
        return ExitCode::from(2);
    };
    match print(Walk::new(root.into(), AT_ONCE), &part).await {
        Ok(true) => ExitCode::SUCCESS,
        // As in `walk ROOT | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the paths whose names contain `part`. Whether all directories could be listed.
async fn print(mut walk: Walk, part: &str) -> io::Result<bool> {
    let mut progress = interval(Duration::from_millis(100));
    let shows_progress = io::stderr().is_terminal();
    let mut output = io::stdout().lock();
    let (mut seen, mut failed) = (0_u64, false);
    loop {
        sinew::select! {
            biased;
            _ = progress.tick(), if shows_progress => {
                eprint!("\r{seen} entries, {} directories\x1b[K\r", walk.listed());
            }
            next = walk.next() => match next {
                Some(Ok(found)) => {
                    seen += 1;
                    let name = found.path.file_name().unwrap_or_default();
                    if name.to_string_lossy().contains(part) {
                        writeln!(output, "{}", found.path.display())?;
                    }
                }
                Some(Err(error)) => {
                    failed = true;
                    eprintln!("{error}");
                }
                None => break,
            }
        }
    }
    if shows_progress {
        eprintln!("{seen} entries, {} directories\x1b[K", walk.listed());
    }
    Ok(!failed)
}
