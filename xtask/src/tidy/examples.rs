//! The table in `examples/README.md` names each program of the book.

use super::Violation;

const RULE: &str = "examples";

/// The page with the table.
pub(super) const TABLE: &str = "examples/README.md";

/// Checks that each program among `files` has a row with a link to it.
pub(super) fn check(files: &[String], programs: &str, table: &str) -> Vec<Violation> {
    let folder = format!("{programs}/");
    let missing = files.iter().filter(|path| {
        let is_program = path.starts_with(&folder) && path.ends_with(".rs");
        let link = path.trim_start_matches("examples/");
        is_program && !table.contains(&format!("]({link})"))
    });
    let violation = |path: &String| {
        let what = format!("no row in {TABLE} links to it: say there what it shows");
        Violation::new(path, 1, RULE, what)
    };
    missing.map(violation).collect()
}

#[cfg(test)]
mod tests;
