//! Files stay short.

use super::Violation;
use super::source::{Line, Source};

const RULE: &str = "length";

/// Lines of code from which a file is long.
const LONG: usize = 400;
/// Lines of code that no file may exceed.
const LIMIT: usize = 600;

/// Where it is checked.
const FOLDERS: [&str; 4] = ["crates", "xtask", "examples", "benches"];

/// A file over the limit.
pub(super) fn check(source: &Source) -> Vec<Violation> {
    found(source, LIMIT + 1, usize::MAX)
}

/// A file that is long but within the limit.
pub(super) fn warnings(source: &Source) -> Vec<Violation> {
    found(source, LONG + 1, LIMIT)
}

fn found(source: &Source, least: usize, most: usize) -> Vec<Violation> {
    let count = source
        .lines
        .iter()
        .filter(|line| Line::is_code(line))
        .count();
    if !source.is_under(&FOLDERS) || count < least || count > most {
        return Vec::new();
    }
    let what = format!("{count} lines of code: split it ({LONG} is long, {LIMIT} is the limit)");
    vec![Violation::new(&source.path, 1, RULE, what)]
}

#[cfg(test)]
mod tests;
