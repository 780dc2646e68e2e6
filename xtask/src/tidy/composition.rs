//! Examples that prove composition pull in what their lists say.

use std::collections::BTreeSet;

use super::Violation;
use crate::command::Cargo;
use crate::error::{Result, at_path};
use crate::workspace::{Package, Workspace};

const RULE: &str = "composition";

/// The list, beside the example's manifest.
const LIST: &str = "crates.txt";

/// The lists are of this target, so that they are the same on every machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Compares each example's list with what it pulls in.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for package in listed(workspace) {
        let list = list_of(package);
        let written = match std::fs::read_to_string(workspace.root.join(&list)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(at_path("read", list.as_ref(), &error)),
        };
        let pulled_in = pulled_in(workspace, package)?;
        violations.extend(compare(&list, written.as_deref(), &pulled_in));
    }
    Ok(violations)
}

/// Writes each example's list anew.
pub(super) fn bless(workspace: &Workspace) -> Result<()> {
    for package in listed(workspace) {
        let list = list_of(package);
        let mut text = String::new();
        for name in pulled_in(workspace, package)? {
            text.push_str(&name);
            text.push('\n');
        }
        std::fs::write(workspace.root.join(&list), text)
            .map_err(|error| at_path("write", list.as_ref(), &error))?;
        println!("wrote {list}");
    }
    Ok(())
}

/// The examples that have a list or must have one.
fn listed(workspace: &Workspace) -> impl Iterator<Item = &Package> {
    workspace.packages.iter().filter(|package| {
        let list = workspace.root.join(list_of(package));
        must_list(&package.dir) || (package.dir.starts_with("examples/") && list.exists())
    })
}

/// Whether the example proves something about what it pulls in.
fn must_list(dir: &str) -> bool {
    dir.strip_prefix("examples/").is_some_and(|name| {
        name.starts_with("only-") || name == "own-executor" || name == "foreign-executor"
    })
}

fn list_of(package: &Package) -> String {
    format!("{}/{LIST}", package.dir)
}

/// The names of all crates that the package needs to run.
fn pulled_in(workspace: &Workspace, package: &Package) -> Result<BTreeSet<String>> {
    let args = ["tree", "-p", &package.name, "-e", "normal"];
    let more = ["--prefix", "none", "--target", TARGET];
    let tree = Cargo::new(&workspace.root, args.into_iter().chain(more)).capture()?;
    Ok(names(&tree))
}

/// The names in the output of `cargo tree --prefix none`, each once.
fn names(tree: &str) -> BTreeSet<String> {
    let first_words = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    first_words.map(str::to_owned).collect()
}

fn compare(list: &str, written: Option<&str>, pulled_in: &BTreeSet<String>) -> Option<Violation> {
    let Some(written) = written else {
        let what = "write the list: cargo xtask tidy --bless";
        return Some(Violation::new(list, 1, RULE, what));
    };
    let sorted: Vec<&str> = pulled_in.iter().map(String::as_str).collect();
    if written.lines().eq(sorted.iter().copied()) {
        return None;
    }
    let listed: BTreeSet<&str> = written.lines().collect();
    let now: BTreeSet<&str> = sorted.into_iter().collect();
    let new: Vec<&str> = now.difference(&listed).copied().collect();
    let gone: Vec<&str> = listed.difference(&now).copied().collect();
    let what = format!(
        "new: [{}], gone: [{}]; if that is meant: cargo xtask tidy --bless",
        new.join(", "),
        gone.join(", ")
    );
    Some(Violation::new(list, 1, RULE, what))
}

#[cfg(test)]
mod tests;
