//! The project's own build tasks. `cargo xtask help` lists them.

mod bench;
mod book;
mod ci;
mod command;
mod error;
mod fuzz;
mod loom;
mod portable;
mod sanitize;
mod stress;
mod tidy;
mod weight;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use error::{Error, Result};
use lexopt::Arg;
use workspace::Workspace;

/// Each verb with its arguments and the line that `help` prints for it.
const VERBS: [(&str, &str, &str); 11] = [
    (
        "ci",
        "",
        "everything a landing must pass; the last line counts the tests",
    ),
    (
        "tidy",
        "[--bless]",
        "the source checks; --bless rewrites examples/*/crates.txt",
    ),
    (
        "loom",
        "[--quick]",
        "all loom models; --quick is the bounded subset that ci runs",
    ),
    (
        "stress",
        "",
        "each channel under eight threads that send, receive and give up, for two minutes",
    ),
    (
        "sanitize",
        "[CRATE...]",
        "the tests of crates with unsafe code under memcheck and AddressSanitizer",
    ),
    (
        "portable",
        "",
        "the published crates checked with the oldest Rust and for other systems",
    ),
    (
        "fuzz",
        "[--seconds N] [TARGET...]",
        "arbitrary bytes against each codec, 5 seconds each by default",
    ),
    (
        "book",
        "",
        "the programs of examples/book, each held to what it says it prints",
    ),
    (
        "bench",
        "[--vs|--turns|--hooks|--count|--net] [FILTER]",
        "benchmarks; --vs: ratios to the peers, --turns: the same with all subjects in turns, --hooks: what each hook costs, --count: instructions, --net: servers under load",
    ),
    (
        "weight",
        "",
        "crates, build time and binary size of a hello world, beside tokio's and smol's",
    ),
    ("help", "", "this list"),
];

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Usage(message)) => {
            eprintln!("xtask: {message}");
            ExitCode::from(2)
        }
        Err(Error::Failed(message)) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
        Err(Error::Reported) => ExitCode::FAILURE,
    }
}

fn run(args: impl Iterator<Item = OsString>) -> Result<()> {
    let mut parser = lexopt::Parser::from_args(args);
    let verb = match parser.next()? {
        Some(Arg::Value(verb)) => verb.to_string_lossy().into_owned(),
        Some(Arg::Long("help") | Arg::Short('h')) => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
        None => return Err(Error::Usage(format!("no verb given; {}", known_verbs()))),
    };
    match verb.as_str() {
        "ci" => {
            no_more(&mut parser)?;
            ci::run(&Workspace::load()?)
        }
        "tidy" => {
            let bless = flag(&mut parser, "bless")?;
            tidy::run(&Workspace::load()?, bless)
        }
        "loom" => {
            let quick = flag(&mut parser, "quick")?;
            loom::run(&Workspace::load()?, quick)
        }
        "stress" => {
            no_more(&mut parser)?;
            stress::run(&Workspace::load()?)
        }
        "sanitize" => {
            let only = values(&mut parser)?;
            sanitize::run(&Workspace::load()?, &only)
        }
        "portable" => {
            no_more(&mut parser)?;
            portable::run(&Workspace::load()?)
        }
        "fuzz" => fuzz::run(&Workspace::load()?, &rest(&mut parser)?),
        "book" => {
            no_more(&mut parser)?;
            book::run(&Workspace::load()?)
        }
        "bench" => {
            let options = bench::Options::parse(&mut parser)?;
            bench::run(&Workspace::load()?, &options)
        }
        "weight" => {
            no_more(&mut parser)?;
            weight::run(&Workspace::load()?)
        }
        "help" => {
            no_more(&mut parser)?;
            print!("{}", help());
            Ok(())
        }
        other => Err(Error::Usage(format!(
            "unknown verb `{other}`; {}",
            known_verbs()
        ))),
    }
}

fn known_verbs() -> String {
    let names: Vec<&str> = VERBS.iter().map(|(name, _, _)| *name).collect();
    format!("the verbs are {}", names.join(", "))
}

fn help() -> String {
    let mut text = String::new();
    for (name, args, line) in VERBS {
        let call = format!("cargo xtask {name} {args}");
        text.push_str(&format!("{call:<42} {line}\n"));
    }
    text
}

/// Fails unless the command line ends here.
fn no_more(parser: &mut lexopt::Parser) -> Result<()> {
    match parser.next()? {
        None => Ok(()),
        Some(arg) => Err(arg.unexpected().into()),
    }
}

/// The rest of the command line as it is, for another program.
fn rest(parser: &mut lexopt::Parser) -> Result<Vec<String>> {
    let args = parser.raw_args()?;
    Ok(args.map(|arg| arg.to_string_lossy().into_owned()).collect())
}

/// The rest of the command line, which has no options.
fn values(parser: &mut lexopt::Parser) -> Result<Vec<String>> {
    let mut values = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(value) => values.push(value.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(values)
}

/// Whether the rest of the command line is `--name`; it may also be empty.
fn flag(parser: &mut lexopt::Parser, name: &str) -> Result<bool> {
    match parser.next()? {
        None => Ok(false),
        Some(Arg::Long(given)) if given == name => {
            no_more(parser)?;
            Ok(true)
        }
        Some(arg) => Err(arg.unexpected().into()),
    }
}

#[cfg(test)]
mod tests;
