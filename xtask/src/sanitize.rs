//! Runs the tests of the crates with unsafe code under what can see its faults:
//! valgrind's memcheck and AddressSanitizer, as far as the machine has them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::ci::{Tally, run_tests};
use crate::command::Cargo;
use crate::error::{Error, Result, at_path};
use crate::workspace::{Package, Workspace};

/// What memcheck calls with an exit code that no test has: a fault is then told
/// from a failed assertion.
const FAULT: &str = "97";

/// Cases of a property test. Each takes some thirty times as long as usual.
const CASES: &str = "16";

/// One of the tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Memcheck,
    Address,
}

impl Tool {
    const ALL: [Tool; 2] = [Tool::Memcheck, Tool::Address];

    fn name(self) -> &'static str {
        match self {
            Tool::Memcheck => "memcheck",
            Tool::Address => "AddressSanitizer",
        }
    }

    /// Why the machine cannot run it.
    fn missing(self) -> Option<&'static str> {
        match self {
            Tool::Memcheck if !runs("valgrind", &["--version"]) => {
                Some("valgrind is not installed")
            }
            Tool::Address if !runs("cargo", &["+nightly", "--version"]) => {
                Some("there is no nightly toolchain: rustup toolchain install nightly")
            }
            _ => None,
        }
    }
}

/// Whether a program can be run and succeeds.
fn runs(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        // Set for this program by the cargo that runs it.
        .env_remove("RUSTUP_TOOLCHAIN")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Runs the tools on the crates called `only`, on all if there are none.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<()> {
    let known: BTreeSet<&str> = workspace.packages.iter().map(|p| &*p.name).collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(name.as_str())) {
        return Err(Error::Usage(format!("there is no crate `{unknown}`")));
    }
    let host = host()?;
    let mut tally = Tally::default();
    let mut notes = Vec::new();
    let mut broken = false;
    let mut packages = Vec::new();
    for package in &workspace.packages {
        let asked = only.is_empty() || only.contains(&package.name);
        if !asked || !package.is_house_crate() {
            continue;
        }
        match safe(workspace, package)? {
            true => notes.push(format!("skipped {}: it forbids unsafe code", package.name)),
            false => packages.push(package),
        }
    }
    for tool in Tool::ALL {
        if let Some(reason) = tool.missing() {
            notes.push(format!("skipped {}: {reason}", tool.name()));
            continue;
        }
        for package in &packages {
            let command = command(workspace, package, tool, &host);
            println!("   {}", command.shown());
            let outcome = run_tests(&command, &mut tally);
            let word = if outcome.is_ok() { "clean" } else { "FAILED" };
            broken |= outcome.is_err();
            notes.push(format!("{} under {}: {word}", package.name, tool.name()));
        }
    }
    for note in &notes {
        println!("{note}");
    }
    println!("{tally}");
    match broken {
        true => Err(Error::Reported),
        false => Ok(()),
    }
}

/// Whether the crate forbids unsafe code, so that its tests show nothing that
/// those of the crates beneath do not.
fn safe(workspace: &Workspace, package: &Package) -> Result<bool> {
    let Some(lib) = &package.lib else {
        return Ok(true);
    };
    let lib = workspace.root.join(lib);
    let text = std::fs::read_to_string(&lib).map_err(|error| at_path("read", &lib, &error))?;
    Ok(text.contains("#![forbid(unsafe_code)]"))
}

/// The machine that rustc builds for by itself.
fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|error| Error::Failed(format!("rustc -vV: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Error::Failed("rustc -vV names no host".to_owned()))
}

fn command(workspace: &Workspace, package: &Package, tool: Tool, host: &str) -> Cargo {
    let args = ["test", "-p", &package.name, "--lib", "--tests"];
    let base = |more: &[&str]| {
        let args = args.iter().chain(more);
        Cargo::new(&workspace.root, args).env("PROPTEST_CASES", CASES)
    };
    match tool {
        Tool::Memcheck => {
            let runner = format!(
                "valgrind --quiet --fair-sched=yes --leak-check=full \
                 --errors-for-leak-kinds=definite --show-leak-kinds=definite \
                 --error-exitcode={FAULT}"
            );
            // All threads stand still while one of them waits in an io_uring.
            base(&[])
                .env(&runner_variable(host), runner)
                .env("SINEW_FS_BACKEND", "thread-pool")
        }
        Tool::Address => {
            // A folder of its own, because the flag makes cargo build all anew.
            let target = workspace.target.join("address");
            base(&["--target", host, "--target-dir", &shown(&target)])
                .toolchain("nightly")
                .env_remove("CARGO_ENCODED_RUSTFLAGS")
                // Each cell of a local task from the allocator, which then
                // sees a use of one that was freed.
                .env("RUSTFLAGS", "-Zsanitizer=address --cfg sinew_plain_cells")
                // Leaks are memcheck's business: here they need ptrace.
                .env("ASAN_OPTIONS", "detect_leaks=0")
        }
    }
}

/// The variable by which cargo is told what to run the tests with.
fn runner_variable(host: &str) -> String {
    let host = host.replace(['-', '.'], "_").to_uppercase();
    format!("CARGO_TARGET_{host}_RUNNER")
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
