//! The programs of `examples/book`: each says in its first lines what it prints, and
//! here it is held to that.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::Cargo;
use crate::error::{Error, Result, at_path};
use crate::workspace::Workspace;

/// Where the programs are, relative to the root.
pub(crate) const PROGRAMS: &str = "examples/book/examples";

/// What stands in an expectation for any part of a line.
const ANYTHING: &str = "[..]";

/// How long a program may take. All take far less; one that hangs must not hold up ci.
const LIMIT: Duration = Duration::from_secs(60);

/// Builds all programs, runs each, and compares what it prints with what it says.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let build = Cargo::new(
        &workspace.root,
        ["build", "--package", "book", "--examples"],
    );
    build.run()?;
    let names = names(&workspace.root)?;
    let mut failed = 0;
    for name in &names {
        let path = workspace.root.join(PROGRAMS).join(format!("{name}.rs"));
        let text = std::fs::read_to_string(&path).map_err(|e| at_path("read", &path, &e))?;
        let program = workspace.target.join("debug/examples").join(name);
        let problem = match expectation(&text) {
            Some(expected) => outcome(&program, &expected)?,
            None => Some("its first comment has no ```text block of what it prints".to_owned()),
        };
        if let Some(problem) = problem {
            failed += 1;
            println!("{name}: {problem}");
        }
    }
    println!("book: {} programs, {failed} failed", names.len());
    match failed {
        0 => Ok(()),
        _ => Err(Error::Reported),
    }
}

/// The names of the programs, sorted.
fn names(root: &Path) -> Result<Vec<String>> {
    let folder = root.join(PROGRAMS);
    let failed = |error| at_path("list", &folder, &error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        names.extend(
            name.to_string_lossy()
                .strip_suffix(".rs")
                .map(str::to_owned),
        );
    }
    names.sort();
    Ok(names)
}

/// The lines of the first `text` block of a file's opening comment.
fn expectation(source: &str) -> Option<Vec<String>> {
    let comment = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut block = comment.skip_while(|line| *line != "```text").skip(1);
    let mut lines = Vec::new();
    loop {
        match block.next()? {
            "```" => return Some(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

/// Runs the program; what is wrong with it, if anything is.
fn outcome(program: &PathBuf, expected: &[String]) -> Result<Option<String>> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| at_path("run", program, &error))?;
    // What the programs print fits into the pipes, so they need not be drained meanwhile.
    while start.elapsed() < LIMIT {
        let ended = child.try_wait();
        if ended
            .map_err(|error| at_path("wait for", program, &error))?
            .is_some()
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    // Does nothing to one that has ended.
    let killed = start.elapsed() >= LIMIT;
    let _ = child.kill();
    let output = child
        .wait_with_output()
        .map_err(|error| at_path("wait for", program, &error))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let problem = match killed {
        true => Some(format!("still running after {LIMIT:?}")),
        false if !output.status.success() => Some(output.status.to_string()),
        false => difference(expected, &printed),
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    Ok(problem.map(|problem| {
        format!("{problem}\n{printed}{errors}")
            .trim_end()
            .to_owned()
    }))
}

/// The first line that is not as expected.
fn difference(expected: &[String], printed: &str) -> Option<String> {
    let mut printed = printed.lines();
    for (index, pattern) in expected.iter().enumerate() {
        match printed.next() {
            Some(line) if matches(pattern, line) => {}
            Some(_) => return Some(format!("line {} is not `{pattern}`", index + 1)),
            None => return Some(format!("line {} is missing: `{pattern}`", index + 1)),
        }
    }
    printed
        .next()
        .map(|line| format!("prints more than it says: `{line}`"))
}

/// Whether the line is as the pattern says, in which `[..]` is any text.
fn matches(pattern: &str, line: &str) -> bool {
    let Some((start, rest)) = pattern.split_once(ANYTHING) else {
        return pattern == line;
    };
    let Some(line) = line.strip_prefix(start) else {
        return false;
    };
    let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    ends.into_iter().any(|at| matches(rest, &line[at..]))
}

#[cfg(test)]
mod tests;
