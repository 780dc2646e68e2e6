//! Checks the published crates with the oldest compiler that they promise and for
//! other systems, as far as rustup has their toolchain and standard libraries: no
//! linker and no other machine is needed for that.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::command::Cargo;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// The systems, by what is different about them.
const TARGETS: [(&str, &str); 7] = [
    ("x86_64-apple-darwin", "kqueue, no pidfd"),
    ("aarch64-apple-ios", "kqueue, other options of sockets"),
    ("x86_64-unknown-freebsd", "kqueue, SO_NOSIGPIPE"),
    ("x86_64-unknown-netbsd", "kqueue, other credentials"),
    ("x86_64-unknown-illumos", "event ports"),
    ("aarch64-linux-android", "epoll, other options of sockets"),
    ("aarch64-unknown-linux-gnu", "another memory model"),
];

/// Checks what can be checked here and says what was skipped.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let oldest = &workspace.rust_version;
    let toolchains = installed(&["toolchain", "list"])?;
    let targets = installed(&["target", "list", "--installed"])?;
    let mut notes = Vec::new();
    let mut failed = false;
    let mut check = |what: &str, command: Cargo| {
        println!("   {}", command.shown());
        let fine = command.run().is_ok();
        failed |= !fine;
        notes.push(format!("{what}: {}", if fine { "ok" } else { "FAILED" }));
    };
    let mut skipped = Vec::new();
    match toolchains.iter().find(|name| of_version(name, oldest)) {
        Some(name) => {
            let command = command(workspace, "oldest", &[]).toolchain(name.clone());
            check(&format!("Rust {oldest}"), command);
        }
        None => skipped.push(format!(
            "Rust {oldest}: rustup toolchain install {oldest}.0 --profile minimal"
        )),
    }
    for (target, what) in TARGETS {
        match targets.contains(target) {
            true => {
                let command = command(workspace, "systems", &["--target", target]);
                check(&format!("{target} ({what})"), command);
            }
            false => skipped.push(format!("{target} ({what}): rustup target add {target}")),
        }
    }
    for note in &notes {
        println!("{note}");
    }
    for note in &skipped {
        println!("skipped {note}");
    }
    match failed {
        true => Err(Error::Reported),
        false => Ok(()),
    }
}

/// A check of all published crates with all features, in a folder of its own so
/// that the common one is not built anew for another compiler.
fn command(workspace: &Workspace, folder: &str, more: &[&str]) -> Cargo {
    let target = workspace.target.join(folder);
    let mut args = vec!["check".to_owned(), "--all-features".to_owned()];
    for package in workspace.published() {
        args.extend(["-p".to_owned(), package.name.clone()]);
    }
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    args.extend(["--target-dir".to_owned(), target.to_string_lossy().into()]);
    Cargo::new(&workspace.root, args)
}

/// Whether rustup's name of a toolchain is that of Rust `version`.
fn of_version(name: &str, version: &str) -> bool {
    name.strip_prefix(version)
        .is_some_and(|rest| rest.starts_with(['.', '-']))
}

/// The first word of each line that rustup prints; nothing if there is no rustup.
fn installed(args: &[&str]) -> Result<BTreeSet<String>> {
    let output = Command::new("rustup")
        .args(args)
        // Set for this program by the cargo that runs it.
        .env_remove("RUSTUP_TOOLCHAIN")
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) => Ok(first_words(&String::from_utf8_lossy(&output.stdout))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(Error::Failed(format!("rustup: {error}"))),
    }
}

fn first_words(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
