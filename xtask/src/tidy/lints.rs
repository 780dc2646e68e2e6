//! Every package has the workspace's lints; some forbid unsafe code.

use super::Violation;
use super::source::Source;

const RULE: &str = "lints";

/// Crates whose library must begin with `#![forbid(unsafe_code)]`.
const SAFE: [&str; 3] = ["sinew", "sinew-runtime", "sinew-stream"];

/// Checks that a manifest has `[lints] workspace = true`.
pub(super) fn check_manifest(path: &str, text: &str) -> Vec<Violation> {
    let mut table = "";
    for line in text.lines().map(str::trim) {
        let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        let opted_in = match table {
            "" => bare == "lints.workspace=true",
            "[lints]" => bare == "workspace=true",
            _ => false,
        };
        if opted_in {
            return Vec::new();
        }
        if line.starts_with('[') {
            table = line;
        }
    }
    let what = "add the lines `[lints]` and `workspace = true`";
    vec![Violation::new(path, 1, RULE, what)]
}

/// Checks the library of a crate that is to hold no unsafe code.
pub(super) fn check_forbid(name: &str, lib: &Source) -> Vec<Violation> {
    let forbids = |code: &str| code.trim() == "#![forbid(unsafe_code)]";
    if !SAFE.contains(&name) || lib.lines.iter().any(|line| forbids(&line.code)) {
        return Vec::new();
    }
    let what = format!("`{name}` holds no unsafe code: add `#![forbid(unsafe_code)]`");
    vec![Violation::new(&lib.path, 1, RULE, what)]
}

#[cfg(test)]
mod tests;
