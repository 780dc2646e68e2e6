//! The long run of the stress tests of `sinew-sync`.

use crate::command::Cargo;
use crate::error::Result;
use crate::workspace::Workspace;

/// How long each test runs.
const SECONDS: u32 = 120;

/// Runs them, one after the other: each has threads enough of its own.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let args = ["test", "--release", "-p", "sinew-sync", "--test", "it"];
    let more = ["stress::", "--", "--test-threads=1"];
    Cargo::new(&workspace.root, args.into_iter().chain(more))
        .env("SINEW_STRESS_SECONDS", SECONDS.to_string())
        .run()
}
