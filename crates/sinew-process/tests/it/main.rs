//! Child processes as their users see them, with the real system's programs.
#![cfg(unix)]

mod cancel;
mod errors;
mod life;
mod pipes;
mod reaping;

use sinew_process::{Command, Stdio};

/// A shell that runs `script`, without input.
fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::null());
    command
}
