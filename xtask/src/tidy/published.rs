//! What goes to a registry says what it is; nothing else goes there.

use super::Violation;
use crate::workspace::Package;

const RULE: &str = "published";

/// The section that each crate's docs must have.
const WHEN_NOT: &str = "When not to use";

/// Checks one package; `lib` is the path and text of its library.
pub(super) fn check(package: &Package, lib: Option<(&str, &str)>) -> Vec<Violation> {
    let manifest = package.manifest();
    let at = |path: &str, what: &str| Violation::new(path, 1, RULE, what);
    if !package.published {
        return Vec::new();
    }
    if !package.is_house_crate() {
        return vec![at(
            &manifest,
            "add `publish = false`: it is no crate of the house",
        )];
    }
    let mut violations = Vec::new();
    let description = package.description.trim();
    if description.is_empty() || description == "TO WRITE" {
        violations.push(at(&manifest, "add a description"));
    }
    if package.license.trim().is_empty() {
        violations.push(at(&manifest, "add `license.workspace = true`"));
    }
    match lib {
        None => violations.push(at(&manifest, "a published crate needs a library")),
        Some((path, text)) => {
            if !text.starts_with("//!") {
                violations.push(at(path, "begin with the crate's docs: //!"));
            }
            if !crate_docs(text).any(|line| line.contains(WHEN_NOT)) {
                let what = format!("add a section `# {WHEN_NOT} this crate` to the crate's docs");
                violations.push(at(path, &what));
            }
        }
    }
    violations
}

fn crate_docs(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("//!"))
}

#[cfg(test)]
mod tests;
