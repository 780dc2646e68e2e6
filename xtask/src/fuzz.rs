//! Fuzzing of the codecs.

use crate::command::Cargo;
use crate::error::Result;
use crate::workspace::Workspace;

/// Runs the fuzz targets with these arguments.
///
/// The driver is our own and runs on stable: it changes inputs at random and is not guided by
/// coverage, which would need a nightly compiler and `cargo-fuzz`.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    println!("skipped: coverage guidance, which needs a nightly compiler and cargo-fuzz");
    let fixed = ["run", "--release", "--quiet", "--package", "fuzz", "--"];
    let args = fixed.into_iter().chain(args.iter().map(String::as_str));
    Cargo::new(&workspace.root, args).run()
}
