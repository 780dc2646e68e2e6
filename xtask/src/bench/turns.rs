//! Times the benchmarks' rows with their subjects in turns.
//!
//! The program `turns` of the package `benches` does it and prints the table; it says
//! why there is such a thing beside criterion.

use crate::command::Cargo;
use crate::error::Result;
use crate::workspace::Workspace;

use super::PACKAGE;

/// The program of the package `benches`.
const PROGRAM: &str = "turns";

/// Times the rows whose name contains `filter`.
pub(super) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    let args = [
        "run",
        "--profile",
        "bench",
        "-p",
        PACKAGE,
        "--bin",
        PROGRAM,
        "--",
    ];
    Cargo::new(&workspace.root, args.into_iter().chain(filter)).run()
}
