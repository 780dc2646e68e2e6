//! Files have telling names; code that is not finished is not there.

use std::collections::BTreeSet;

use super::Violation;
use super::source::{Source, has_word};

const RULE: &str = "naming";
const UNFINISHED: &str = "unfinished";

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["util", "utils", "common", "misc", "helper", "helpers"];

/// Macros that mark unfinished code.
const MACROS: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

/// Words in comments that mark unfinished code.
const MARKS: [&str; 2] = ["FIXME", "XXX"];

/// Checks the names of all files and folders.
pub(super) fn check_paths(files: &[String]) -> Vec<Violation> {
    let mut violations = BTreeSet::new();
    for path in files {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        violations.extend(folders.chain([path.as_str()]).filter_map(empty_name));
        if path == "mod.rs" || path.ends_with("/mod.rs") {
            let what = "name the file after its module: foo.rs beside foo/";
            violations.insert(Violation::new(path, 1, RULE, what));
        }
    }
    violations.into_iter().collect()
}

/// A violation if the last part of the path is one of the empty names.
fn empty_name(path: &str) -> Option<Violation> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    EMPTY_NAMES.contains(&stem).then(|| {
        let what = format!("`{stem}` says nothing: name it after what is inside");
        Violation::new(path, 1, RULE, what)
    })
}

/// Checks one Rust file for marks of unfinished code.
pub(super) fn check_source(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in source.numbered() {
        let called = |name: &&str| {
            let word = name.trim_end_matches('!');
            line.code.contains(*name) && has_word(&line.code, word)
        };
        let marked = |mark: &&str| has_word(&line.comment, mark);
        let found = MACROS.iter().filter(|m| called(m));
        for mark in found.chain(MARKS.iter().filter(|m| marked(m))) {
            let what = format!("`{mark}` is in the way: finish it or open an issue");
            violations.push(Violation::new(&source.path, number, UNFINISHED, what));
        }
    }
    violations
}

#[cfg(test)]
mod tests;
