//! The codemap in the architecture file names the folders of `crates/`.

use std::collections::BTreeMap;

use super::sections::{entry, section};
use super::{ARCHITECTURE, Violation};

const RULE: &str = "codemap";

/// Compares the section `## Codemap` with the folders.
pub(super) fn check(architecture: &str, folders: &[String]) -> Vec<Violation> {
    let at = |line, what| Violation::new(ARCHITECTURE, line, RULE, what);
    let Some(lines) = section(architecture, "Codemap") else {
        return vec![at(1, "add a section `## Codemap`".to_owned())];
    };
    let mut violations = Vec::new();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for (line, text) in lines {
        let Some(entry) = entry(text) else { continue };
        if entry.rest.is_empty() || entry.names.len() != 1 {
            let what = "write one crate and what it is for: - `name`: text".to_owned();
            violations.push(at(line, what));
        }
        for name in entry.names {
            if named.insert(name, line).is_some() {
                violations.push(at(line, format!("`{name}` is listed twice: keep one")));
            }
        }
    }
    for folder in folders {
        if named.remove(folder.as_str()).is_none() {
            let what = format!("add a line for crates/{folder}: - `{folder}`: what it is for");
            violations.push(at(1, what));
        }
    }
    for (name, line) in named {
        let what = format!("`{name}` is no folder of crates/: drop the line");
        violations.push(at(line, what));
    }
    violations
}

#[cfg(test)]
mod tests;
