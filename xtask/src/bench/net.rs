//! Servers over several runtimes under the same load, in processes of their own.
//!
//! One table for each kind of traffic. Each server is run for itself, the servers
//! take turns, and the medians of the rounds are shown. System calls and
//! instructions are counted in runs of their own, because the tools that count
//! them change how fast a server is: two runs with a known number of requests,
//! and the difference is what the requests took. `--table` does all of it, with
//! shorter runs, and prints one table in Markdown: some six minutes.

mod server;
mod table;

use std::path::PathBuf;

use lexopt::{Arg, ValueExt};

use crate::command::Cargo;
use crate::error::Result;
use crate::workspace::Workspace;
use server::{Cell, Programs};
use table::Row;

/// The package of the servers and the load.
const PACKAGE: &str = "net-bench";

/// Who is measured.
const SUBJECTS: [&str; 6] = [
    "sinew",
    "sinew-current",
    "tokio",
    "tokio-current",
    "smol",
    "bare",
];

/// Kinds of traffic: name, transport, connections, bytes, a connection for each
/// message.
const TRAFFIC: [(&str, &str, u32, u32, bool); 14] = [
    ("tcp/1x64", "tcp", 1, 64, false),
    ("tcp/50x64", "tcp", 50, 64, false),
    ("tcp/500x64", "tcp", 500, 64, false),
    ("tcp/5000x64", "tcp", 5_000, 64, false),
    ("tcp/1x16384", "tcp", 1, 16_384, false),
    ("tcp/50x16384", "tcp", 50, 16_384, false),
    ("tcp/500x16384", "tcp", 500, 16_384, false),
    ("tcp/5000x16384", "tcp", 5_000, 16_384, false),
    ("churn/1x64", "tcp", 1, 64, true),
    ("churn/50x64", "tcp", 50, 64, true),
    ("udp/1x64", "udp", 1, 64, false),
    ("udp/50x64", "udp", 50, 64, false),
    ("unix/1x64", "unix", 1, 64, false),
    ("unix/50x64", "unix", 50, 64, false),
];

/// The command line after `bench --net`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Only traffic whose name contains this.
    filter: String,
    /// Only subjects whose name contains this.
    subject: String,
    millis: u64,
    rounds: usize,
    calls: bool,
    instructions: bool,
    /// One table of everything, in Markdown.
    table: bool,
}

/// How long each run of a table takes, unless it is said: as many as there are fit into
/// a few minutes then.
const TABLE_MILLIS: u64 = 250;

impl Options {
    pub(crate) fn parse(parser: &mut lexopt::Parser) -> Result<Self> {
        let mut options = Options {
            filter: String::new(),
            subject: String::new(),
            millis: 1_000,
            rounds: 3,
            calls: false,
            instructions: false,
            table: false,
        };
        let mut millis = None;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("millis") => millis = Some(parser.value()?.parse()?),
                Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
                Arg::Long("subject") => options.subject = parser.value()?.string()?,
                Arg::Long("calls") => options.calls = true,
                Arg::Long("instructions") => options.instructions = true,
                Arg::Long("table") => options.table = true,
                Arg::Value(filter) if options.filter.is_empty() => {
                    options.filter = filter.to_string_lossy().into_owned();
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if options.table {
            options.millis = TABLE_MILLIS;
        }
        options.millis = millis.unwrap_or(options.millis);
        Ok(options)
    }

    /// Whether the calls and the instructions of this traffic are counted. For a table
    /// they are where a message is small and connections are few: elsewhere the same
    /// code runs, and it takes long.
    fn counts(&self, connections: u32, size: u32, churn: bool) -> (bool, bool) {
        let telling = self.table && connections <= 50 && size <= 64 && !churn;
        (self.calls || telling, self.instructions || telling)
    }
}

/// Builds the programs, runs them, prints the tables.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    // Not with the profile of benchmarks: its link-time optimisation takes minutes
    // for these programs, and changes little where the kernel does most of the work.
    let args = ["build", "--release", "-p", PACKAGE];
    Cargo::new(&workspace.root, args).run()?;
    let programs = Programs {
        folder: workspace.target.join("release"),
    };
    let subjects = SUBJECTS.iter().copied();
    let subjects: Vec<&str> = subjects.filter(|s| s.contains(&options.subject)).collect();
    let mut tables = Vec::new();
    for traffic in TRAFFIC.iter().filter(|t| t.0.contains(&options.filter)) {
        let rows = measure(&programs, &subjects, *traffic, options)?;
        if options.table {
            eprintln!("{}", traffic.0);
            tables.push((traffic.0, rows));
        } else {
            println!("\n{}\n{}", traffic.0, table::render(&rows));
        }
    }
    if options.table {
        println!("\n{}", table::render_markdown(&tables));
    }
    if "idle".contains(&options.filter) {
        println!("\nbytes requested for an idle TCP connection with its task");
        for subject in subjects.iter().filter(|s| **s != "bare") {
            println!("{subject:<16}{:>8}", programs.idle(subject)?);
        }
    }
    Ok(())
}

fn measure(
    programs: &Programs,
    subjects: &[&'static str],
    (_, transport, connections, size, churn): (&str, &'static str, u32, u32, bool),
    options: &Options,
) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = subjects.iter().map(|subject| Row::new(subject)).collect();
    let cell = |subject| Cell {
        subject,
        transport,
        connections,
        size,
        churn,
    };
    for _ in 0..options.rounds {
        for row in &mut rows {
            let sample = programs.time(&cell(row.subject), options.millis)?;
            row.samples.push(sample);
        }
    }
    let (calls, instructions) = options.counts(connections, size, churn);
    for row in &mut rows {
        if calls {
            row.calls = Some(programs.calls(&cell(row.subject))?);
        }
        if instructions {
            row.instructions = Some(programs.instructions(&cell(row.subject))?);
        }
    }
    Ok(rows)
}

/// Where counting tools write to.
fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("sinew-bench-{}-{name}", std::process::id()))
}
