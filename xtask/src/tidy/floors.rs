//! The floors: which crate may depend on which.

use std::collections::{BTreeMap, BTreeSet};

use super::sections::section;
use super::{ARCHITECTURE, Violation};
use crate::workspace::Package;

const RULE: &str = "floors";

/// The floor of each crate; arrows point down only.
const FLOORS: [(&str, u8); 20] = [
    ("sinew", 6),
    ("sinew-runtime", 5),
    ("sinew-sim", 5),
    ("sinew-hyper", 5),
    ("sinew-net", 4),
    ("sinew-fs", 4),
    ("sinew-process", 4),
    ("sinew-signal", 4),
    ("sinew-executor", 3),
    ("sinew-reactor", 3),
    ("sinew-blocking", 3),
    ("sinew-testing", 3),
    ("sinew-codec", 3),
    ("sinew-task", 2),
    ("sinew-time", 2),
    ("sinew-sync", 2),
    ("sinew-io", 2),
    ("sinew-stream", 2),
    ("sinew-core", 1),
    ("sinew-macros", 0),
];

/// Crates that run under any executor, so must not reach one.
const EXECUTOR_FREE: [&str; 5] = [
    "sinew-net",
    "sinew-fs",
    "sinew-process",
    "sinew-signal",
    "sinew-time",
];

/// What those must not reach, even through others.
const EXECUTORS: [&str; 2] = ["sinew-executor", "sinew-runtime"];

/// The section of the architecture file that excuses an edge within a floor.
const EXCUSES: &str = "Edges with a reason";

/// Who depends on whom among the crates of the house; tests left out.
type Edges<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Checks all crates under `crates/` against the floors.
pub(super) fn check(packages: &[Package], architecture: &str) -> Vec<Violation> {
    let house: Vec<&Package> = packages.iter().filter(|p| p.is_house_crate()).collect();
    let edges: Edges<'_> = house
        .iter()
        .map(|package| {
            let below = package.dependencies.iter().filter(|d| d.local && !d.dev);
            let below = below.map(|d| d.name.as_str()).collect();
            (package.name.as_str(), below)
        })
        .collect();
    let mut violations = Vec::new();
    for package in house {
        let manifest = package.manifest();
        let name = package.name.as_str();
        let Some(floor) = floor_of(name) else {
            let what =
                format!("`{name}` has no floor: add it to FLOORS in xtask/src/tidy/floors.rs");
            violations.push(Violation::new(&manifest, 1, RULE, what));
            continue;
        };
        let wrong = edges[name]
            .iter()
            .filter_map(|below| wrong_edge(name, floor, below, architecture));
        let reached = forbidden_reach(name, &edges);
        violations.extend(
            wrong
                .chain(reached)
                .map(|what| Violation::new(&manifest, 1, RULE, what)),
        );
    }
    violations
}

fn floor_of(name: &str) -> Option<u8> {
    let found = FLOORS.iter().find(|(crate_name, _)| *crate_name == name);
    found.map(|(_, floor)| *floor)
}

/// What is wrong with the edge from `name` to `below`, if anything.
fn wrong_edge(name: &str, floor: u8, below: &str, architecture: &str) -> Option<String> {
    let Some(other) = floor_of(below) else {
        return Some(format!(
            "`{name}` depends on `{below}`, which has no floor: depend on crates of the house only"
        ));
    };
    if other > floor {
        return Some(format!(
            "`{name}` (floor {floor}) depends on `{below}` (floor {other}): arrows point down, turn it round or move code"
        ));
    }
    (other == floor && !is_excused(name, below, architecture)).then(|| {
        format!(
            "`{name}` and `{below}` share floor {floor}: drop the edge or give its reason in {ARCHITECTURE}, section `## {EXCUSES}`"
        )
    })
}

/// Whether one line of the section names both crates.
fn is_excused(name: &str, below: &str, architecture: &str) -> bool {
    let (name, below) = (format!("`{name}`"), format!("`{below}`"));
    section(architecture, EXCUSES).is_some_and(|lines| {
        lines
            .iter()
            .any(|(_, line)| line.contains(&name) && line.contains(&below))
    })
}

/// A line for each executor that `name` must not reach and does, with the way.
fn forbidden_reach(name: &str, edges: &Edges<'_>) -> Vec<String> {
    if !EXECUTOR_FREE.contains(&name) {
        return Vec::new();
    }
    let mut ways = vec![vec![name]];
    let mut seen = BTreeSet::from([name]);
    let mut found = Vec::new();
    while let Some(way) = ways.pop() {
        let Some(last) = way.last() else { continue };
        for &next in edges.get(last).into_iter().flatten() {
            if seen.insert(next) {
                let mut way = way.clone();
                way.push(next);
                if EXECUTORS.contains(&next) {
                    let shown = way.join(" -> ");
                    found.push(format!(
                        "`{name}` must run under any executor but reaches one: cut {shown}"
                    ));
                }
                ways.push(way);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
