//! Runs the loom models of the crates that have some.

use std::path::Path;

use crate::ci::{Tally, run_tests};
use crate::command::Cargo;
use crate::error::{Error, Result, at_path};
use crate::workspace::{Package, Workspace};

/// How often loom may preempt a thread in one execution. Nearly every bug of
/// a lock-free protocol shows within two.
const PREEMPTIONS: u32 = 2;
/// The bound of the quick subset.
const QUICK_PREEMPTIONS: u32 = 1;
/// Seconds after which the quick subset leaves a model that has not failed.
const QUICK_SECONDS: u32 = 10;

/// Runs all models; with `quick`, within bounds that suit every landing.
pub(crate) fn run(workspace: &Workspace, quick: bool) -> Result<()> {
    let mut tally = Tally::default();
    let outcome = models(workspace, quick, &mut tally);
    println!("{tally}");
    outcome
}

/// Runs the models of each crate and adds their number to `tally`.
pub(crate) fn models(workspace: &Workspace, quick: bool, tally: &mut Tally) -> Result<()> {
    let mut found = false;
    for package in &workspace.packages {
        let src = workspace.root.join(&package.dir).join("src");
        if package.is_house_crate() && has_models(&src)? {
            found = true;
            let command = command(workspace, package, quick);
            println!("   {}", command.shown());
            run_tests(&command, tally)?;
        }
    }
    match found {
        true => Ok(()),
        false => Err(Error::Failed(
            "no crate has a file loom.rs, so there is no model to run".to_owned(),
        )),
    }
}

/// Whether a `loom.rs`, which is where models live, is in the folder or below.
fn has_models(folder: &Path) -> Result<bool> {
    let entries = std::fs::read_dir(folder).map_err(|error| at_path("list", folder, &error))?;
    for entry in entries {
        let path = entry
            .map_err(|error| at_path("list", folder, &error))?
            .path();
        if path.ends_with("loom.rs") || (path.is_dir() && has_models(&path)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn command(workspace: &Workspace, package: &Package, quick: bool) -> Cargo {
    // A folder of its own, because the flag would make cargo build all that
    // is in the common one anew.
    let target = workspace.target.join("loom");
    let target = target.to_string_lossy().into_owned();
    let args = ["test", "--release", "-p", &package.name, "--lib"];
    let more = ["loom", "--target-dir", &target];
    let cargo = Cargo::new(&workspace.root, args.into_iter().chain(more))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        // Not plain `loom`: several foreign crates read that one too.
        .env("RUSTFLAGS", "--cfg sinew_loom");
    if quick {
        cargo
            .env("LOOM_QUICK", "1")
            .env("LOOM_MAX_PREEMPTIONS", QUICK_PREEMPTIONS.to_string())
            .env("LOOM_MAX_DURATION", QUICK_SECONDS.to_string())
    } else {
        cargo.env("LOOM_MAX_PREEMPTIONS", PREEMPTIONS.to_string())
    }
}

#[cfg(test)]
mod tests;
