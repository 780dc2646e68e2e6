//! Each published crate alone, with each of its features.

use crate::workspace::{Package, Workspace};

/// The arguments of one cargo call for each crate and choice of features.
///
/// Clippy rather than check: it is a check that can be told to take warnings
/// as errors without flags that would make cargo build everything anew.
pub(super) fn commands(workspace: &Workspace) -> Vec<String> {
    workspace.published().flat_map(of_package).collect()
}

fn of_package(package: &Package) -> Vec<String> {
    let name = &package.name;
    choices(&package.features)
        .into_iter()
        .map(|choice| format!("clippy -p {name} --lib{choice} -- -D warnings"))
        .collect()
}

/// Cargo's feature arguments: the defaults, none, each one, all. Choices that
/// would come to the same are left out.
fn choices(features: &[String]) -> Vec<String> {
    let mut choices = vec![String::new()];
    if features.iter().any(|name| name == "default") {
        choices.push(" --no-default-features".to_owned());
    }
    let single = features.iter().filter(|name| *name != "default");
    let single: Vec<String> = single
        .map(|name| format!(" --no-default-features --features {name}"))
        .collect();
    let several = single.len() > 1;
    choices.extend(single);
    if several {
        choices.push(" --all-features".to_owned());
    }
    choices
}

#[cfg(test)]
mod tests;
