//! Everything a landing must pass, in the order of what fails soonest.

mod features;
mod tally;

use std::time::{Duration, Instant};

use crate::command::Cargo;
use crate::error::{Error, Result};
use crate::workspace::Workspace;
use crate::{book, loom, tidy};
pub(crate) use tally::Tally;

/// Runs all steps up to the first that fails. The last line of output counts
/// the tests; it names a failure whenever the run is one.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut tally = Tally::default();
    let outcome = run_steps(workspace, &mut tally);
    if outcome.is_err() {
        tally.count_broken_step();
    }
    println!("{tally}");
    outcome
}

/// One part of the run.
struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    /// The source checks, in this process.
    Tidy,
    /// Commands whose output is only shown.
    Commands(Vec<Cargo>),
    /// A command that runs tests.
    Tests(Cargo),
    /// The programs of the book.
    Book,
    /// The bounded subset of the loom models.
    Loom,
}

impl Step {
    /// How to repeat the step by hand, as far as it is one command.
    fn repeat(&self) -> String {
        match &self.work {
            Work::Tidy => "cargo xtask tidy".to_owned(),
            Work::Commands(commands) => match commands.as_slice() {
                [command] => command.shown(),
                many => format!("{} commands", many.len()),
            },
            Work::Tests(command) => command.shown(),
            Work::Book => "cargo xtask book".to_owned(),
            Work::Loom => "cargo xtask loom --quick".to_owned(),
        }
    }

    fn run(&self, workspace: &Workspace, tally: &mut Tally) -> Result<()> {
        match &self.work {
            Work::Tidy => tidy::run(workspace, false),
            Work::Commands(commands) => commands.iter().try_for_each(|command| {
                if commands.len() > 1 {
                    println!("   {}", command.shown());
                }
                command.run()
            }),
            Work::Tests(command) => run_tests(command, tally),
            Work::Book => book::run(workspace),
            Work::Loom => loom::models(workspace, true, tally),
        }
    }
}

fn steps(workspace: &Workspace) -> Vec<Step> {
    let cargo = |args: &str| Cargo::new(&workspace.root, args.split(' '));
    let step = |name, work| Step { name, work };
    let one = |command| Work::Commands(vec![command]);
    let alone = features::commands(workspace)
        .into_iter()
        .map(|args| cargo(&args));
    let docs = cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings");
    // All tests run even if one fails: the count is then that of the whole.
    let tests = "test --workspace --lib --bins --tests --examples --no-fail-fast";
    vec![
        step("format", one(cargo("fmt --all --check"))),
        step("tidy", Work::Tidy),
        step(
            "clippy",
            one(cargo("clippy --workspace --all-targets -- -D warnings")),
        ),
        step("features", Work::Commands(alone.collect())),
        step(
            "examples",
            one(cargo("build --workspace --exclude xtask --bins --examples")),
        ),
        step("docs", one(docs)),
        step("tests", Work::Tests(cargo(tests))),
        step(
            "doc tests",
            Work::Tests(cargo("test --workspace --doc --no-fail-fast")),
        ),
        step("book", Work::Book),
        step("loom", Work::Loom),
    ]
}

fn run_steps(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let steps = steps(workspace);
    let count = steps.len();
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let name = step.name;
        println!("== [{}/{count}] {name}: {}", index + 1, step.repeat());
        let start = Instant::now();
        let outcome = step.run(workspace, tally);
        let elapsed = start.elapsed();
        let seconds = elapsed.as_secs_f64();
        match outcome {
            Ok(()) => println!("== {name}: passed in {seconds:.1} s"),
            Err(error) => {
                let why = match error {
                    Error::Failed(message) | Error::Usage(message) => message,
                    Error::Reported => "see above".to_owned(),
                };
                println!("== {name}: FAILED after {seconds:.1} s: {why}");
                if !matches!(&step.work, Work::Commands(commands) if commands.len() > 1) {
                    println!("== repeat it with: {}", step.repeat());
                }
                return Err(Error::Reported);
            }
        }
        times.push((name, elapsed));
    }
    print_times(&times);
    Ok(())
}

fn print_times(times: &[(&str, Duration)]) {
    for (name, elapsed) in times {
        println!("{name:>10} {:>7.1} s", elapsed.as_secs_f64());
    }
    let total: Duration = times.iter().map(|(_, elapsed)| *elapsed).sum();
    println!("{:>10} {:>7.1} s", "total", total.as_secs_f64());
}

/// Runs a command that runs tests, and fails if it ran none.
pub(crate) fn run_tests(command: &Cargo, tally: &mut Tally) -> Result<()> {
    let before = tally.run();
    command.tee(&mut |line| tally.see(line))?;
    if tally.run() == before {
        return Err(Error::Failed(format!(
            "`{}` ran no test at all",
            command.shown()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
