//! `fuzz [--seconds N] [--seed N] [TARGET...]`: runs the targets, all by default, for so many
//! seconds each. An input that fails is printed before the panic.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fuzz::{Mutator, TARGETS, Target};
use lexopt::{Arg, ValueExt};

/// How many inputs are run between two looks at the clock.
const BATCH: usize = 256;

struct Options {
    each: Duration,
    seed: u64,
    names: Vec<String>,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("fuzz: {error}");
            return ExitCode::from(2);
        }
    };
    println!(
        "not guided by coverage: inputs are changed at random, from seed {}",
        options.seed
    );
    for target in TARGETS {
        if options.names.is_empty() || options.names.iter().any(|name| name == target.name) {
            run(target, &options);
        }
    }
    ExitCode::SUCCESS
}

fn parse(args: impl Iterator<Item = OsString>) -> Result<Options, lexopt::Error> {
    let mut options = Options {
        each: Duration::from_secs(5),
        seed: 1,
        names: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("seconds") => {
                options.each = Duration::from_secs(parser.value()?.parse()?);
            }
            Arg::Long("seed") => options.seed = parser.value()?.parse()?,
            Arg::Value(name) => {
                let name = name.string()?;
                if !TARGETS.iter().any(|target| target.name == name) {
                    let known = TARGETS.map(|target| target.name).join(", ");
                    return Err(format!("no target `{name}`; there are {known}").into());
                }
                options.names.push(name);
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

fn run(target: Target, options: &Options) {
    let mut mutator = Mutator::new(options.seed);
    let start = Instant::now();
    let mut count = 0_u64;
    while start.elapsed() < options.each {
        for _ in 0..BATCH {
            let input = mutator.input();
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(&input))) {
                eprintln!(
                    "fuzz: {} fails on {:?}",
                    target.name,
                    input.escape_ascii().to_string()
                );
                resume_unwind(panic);
            }
            count += 1;
        }
    }
    println!("{:<18} {count:>9} inputs, no failure", target.name);
}
