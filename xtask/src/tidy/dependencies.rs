//! Every foreign crate that a published crate leans on has its reason.

use std::collections::{BTreeMap, BTreeSet};

use super::sections::{entry, section};
use super::{ARCHITECTURE, Violation};
use crate::workspace::Package;

const RULE: &str = "dependencies";

/// The section of the architecture file that holds the reasons.
const SECTION: &str = "Dependencies";

/// Compares the section with what the manifests say, both ways.
pub(super) fn check(packages: &[Package], architecture: &str) -> Vec<Violation> {
    let lines = section(architecture, SECTION).unwrap_or_default();
    let mut violations = Vec::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (line, text) in lines {
        let Some(entry) = entry(text) else { continue };
        if entry.rest.is_empty() {
            let what = format!("give the reason: - `{}`: why", entry.names.join("`, `"));
            violations.push(Violation::new(ARCHITECTURE, line, RULE, what));
        }
        reasons.extend(entry.names.into_iter().map(|name| (name, line)));
    }
    let mut used = BTreeSet::new();
    for package in packages.iter().filter(|package| package.published) {
        let foreign = package.dependencies.iter().filter(|d| !d.local && !d.dev);
        for name in foreign.map(|d| d.name.as_str()) {
            used.insert(name);
            if !reasons.contains_key(name) {
                let what = format!(
                    "`{name}` has no reason: add to {ARCHITECTURE}, section `## {SECTION}`: - `{name}`: why"
                );
                violations.push(Violation::new(&package.manifest(), 1, RULE, what));
            }
        }
    }
    for (name, line) in reasons {
        if !used.contains(name) {
            let what = format!("no published crate depends on `{name}`: drop it here");
            violations.push(Violation::new(ARCHITECTURE, line, RULE, what));
        }
    }
    violations
}

#[cfg(test)]
mod tests;
