//! Runs the benchmarks of the package `benches` and sums up what they say.

mod count;
mod net;
mod results;
mod table;
mod turns;

use std::time::SystemTime;

use lexopt::Arg;

use crate::command::Cargo;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// The package that holds the benchmarks.
const PACKAGE: &str = "benches";

/// The criterion group that measures the hooks of the leaves.
const HOOKS: &str = "hooks";

/// What to print after the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Summary {
    /// Nothing but what the benchmarks print.
    #[default]
    Plain,
    /// A table of ratios: a peer's time over ours.
    Ratios,
    /// What each hook adds.
    Hooks,
    /// Instructions, counted under valgrind instead of a run against the clock.
    Count,
    /// Times of subjects that take turns, instead of criterion's.
    Turns,
}

/// The command line after `bench`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    summary: Summary,
    /// Only benchmarks whose name contains this.
    filter: Option<String>,
    /// Servers under load instead.
    net: Option<net::Options>,
}

impl Options {
    pub(crate) fn parse(parser: &mut lexopt::Parser) -> Result<Self> {
        let mut options = Options::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("vs") if options.summary == Summary::Plain => {
                    options.summary = Summary::Ratios;
                }
                Arg::Long("hooks") if options.summary == Summary::Plain => {
                    options.summary = Summary::Hooks;
                }
                Arg::Long("count") if options.summary == Summary::Plain => {
                    options.summary = Summary::Count;
                }
                Arg::Long("turns") if options.summary == Summary::Plain => {
                    options.summary = Summary::Turns;
                }
                // What follows belongs to it.
                Arg::Long("net") if options == Options::default() => {
                    options.net = Some(net::Options::parse(parser)?);
                }
                Arg::Value(filter) if options.filter.is_none() => {
                    options.filter = Some(filter.to_string_lossy().into_owned());
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    /// What criterion is to select by.
    fn selection(&self) -> Option<String> {
        match (self.summary, &self.filter) {
            (Summary::Hooks, Some(filter)) => Some(format!("{HOOKS}/{filter}")),
            (Summary::Hooks, None) => Some(format!("{HOOKS}/")),
            (_, filter) => filter.clone(),
        }
    }
}

/// Runs the benchmarks that the options select, then prints the summary.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if let Some(options) = &options.net {
        return net::run(workspace, options);
    }
    if !workspace.packages.iter().any(|p| p.name == PACKAGE) {
        return Err(Error::Failed(format!(
            "the workspace has no package `{PACKAGE}`"
        )));
    }
    if options.summary == Summary::Count {
        return count::run(workspace, options.filter.as_deref());
    }
    if options.summary == Summary::Turns {
        return turns::run(workspace, options.filter.as_deref());
    }
    let mut args = vec!["bench".to_owned(), "-p".to_owned(), PACKAGE.to_owned()];
    if let Some(selection) = options.selection() {
        args.extend(["--".to_owned(), selection]);
    }
    let home = workspace.target.join("criterion");
    let start = SystemTime::now();
    Cargo::new(&workspace.root, args)
        .env("CRITERION_HOME", home.to_string_lossy())
        .run()?;
    if options.summary == Summary::Plain {
        return Ok(());
    }
    let measurements = results::since(&home, start)?;
    let table = match options.summary {
        Summary::Hooks => table::hooks(&measurements),
        _ => table::ratios(&measurements),
    };
    if table.is_empty() {
        return Err(Error::Failed(
            "no benchmark of this run has the names that the table needs".to_owned(),
        ));
    }
    println!("\n{table}");
    Ok(())
}

#[cfg(test)]
mod tests;
