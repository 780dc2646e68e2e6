//! Counts the instructions of the benchmarks' rows under valgrind.
//!
//! Callgrind counts each instruction that a program executes, and each locked
//! one ("global bus event"). Each row is run a few times and once more than
//! that, and the difference divided by its operations: so what starting and
//! ending the program costs is not in it. The counts hardly vary from run to
//! run, on a busy machine too.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::command::Cargo;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

use super::PACKAGE;

/// The program of the package `benches` that runs one row.
const PROGRAM: &str = "count";

/// Runs before those that are counted, so that caches of memory are filled.
const WARM: u64 = 1;
/// Runs that are counted.
const RUNS: u64 = 1;

/// One line of what the program lists.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    name: String,
    subject: String,
    operations: u64,
}

/// What callgrind has counted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counts {
    instructions: f64,
    locked: f64,
}

/// Counts the rows whose name contains `filter` and prints a table.
pub(super) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    check_valgrind()?;
    let args = [
        "build",
        "--profile",
        "bench",
        "-p",
        PACKAGE,
        "--bin",
        PROGRAM,
    ];
    Cargo::new(&workspace.root, args).run()?;
    let program = workspace.target.join("release").join(PROGRAM);
    let mut table = BTreeMap::new();
    for row in rows(&output_of(Command::new(&program))?) {
        if filter.is_some_and(|filter| !row.name.contains(filter)) {
            continue;
        }
        println!("   {} {}", row.name, row.subject);
        let less = counted(&program, &row, WARM)?;
        let more = counted(&program, &row, WARM + RUNS)?;
        let operations = (row.operations * RUNS) as f64;
        let counts = Counts {
            instructions: (more.instructions - less.instructions) / operations,
            locked: (more.locked - less.locked) / operations,
        };
        table.insert((row.name, row.subject), counts);
    }
    if table.is_empty() {
        return Err(Error::Failed(
            "no row that can be counted has such a name".to_owned(),
        ));
    }
    println!("\n{}", show(&table));
    Ok(())
}

fn check_valgrind() -> Result<()> {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    match version {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Error::Failed(
            "counting needs valgrind, and there is none: nothing was counted".to_owned(),
        )),
    }
}

fn counted(program: &Path, row: &Row, runs: u64) -> Result<Counts> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--collect-bus=yes"])
        .args(["--callgrind-out-file=/dev/null", "--"])
        .arg(program)
        .args([&row.name, &row.subject, &runs.to_string()]);
    let said = output_of(command)?;
    counts(&said).ok_or_else(|| Error::Failed(format!("valgrind gave no counts:\n{said}")))
}

/// Both outputs of a program, which must succeed.
fn output_of(mut command: Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| Error::Failed(format!("cannot run {command:?}: {error}")))?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    match output.status.success() {
        true => Ok(said),
        false => Err(Error::Failed(format!("{command:?} failed:\n{said}"))),
    }
}

/// The rows that the program lists: `NAME SUBJECT OPERATIONS`.
fn rows(list: &str) -> Vec<Row> {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        Some(Row {
            name: words.next()?.to_owned(),
            subject: words.next()?.to_owned(),
            operations: words.next()?.parse().ok()?,
        })
    };
    list.lines().filter_map(row).collect()
}

/// The totals, in the order of the events: `Collected : Ir Ge`.
fn counts(said: &str) -> Option<Counts> {
    let line = said.lines().find(|line| line.contains("Collected"))?;
    let (_, numbers) = line.split_once(':')?;
    let mut numbers = numbers.split_whitespace().map(str::parse);
    Some(Counts {
        instructions: numbers.next()?.ok()?,
        locked: numbers.next()?.ok()?,
    })
}

fn show(table: &BTreeMap<(String, String), Counts>) -> String {
    let mut lines =
        String::from("Instructions for each operation, and how many of them locked.\n\n");
    super::table::push_heads(&mut lines, &["row", "subject", "instructions", "locked"]);
    for ((name, subject), counts) in table {
        let Counts {
            instructions,
            locked,
        } = counts;
        lines.push_str(&format!(
            "| {name} | {subject} | {instructions:.0} | {locked:.2} |\n"
        ));
    }
    lines
}

#[cfg(test)]
mod tests;
