//! Runs one row of one subject some times and ends: what `cargo xtask bench
//! --count` counts instructions of.
//!
//! `count` alone lists the rows as `GROUP/ROW SUBJECT OPERATIONS`.
//! `count GROUP/ROW SUBJECT RUNS` runs one.

use std::process::ExitCode;

use benches::single_thread::Subject;
use benches::single_thread::rows::{ROWS, Row, run};
use benches::single_thread::subjects::{CurrentThread, Local, Smol, Tokio, TokioLocalSet};

/// What can be counted: a group of the benchmarks, a subject, and how to run it.
type Counted = (&'static str, &'static str, fn(&str, u64));

const COUNTED: [Counted; 7] = [
    (
        "rt-current-thread",
        CurrentThread::NAME,
        repeat::<CurrentThread>,
    ),
    ("rt-current-thread", Tokio::NAME, repeat::<Tokio>),
    ("rt-current-thread", Smol::NAME, repeat::<Smol>),
    ("rt-local", Local::NAME, repeat::<Local>),
    ("rt-local", Tokio::NAME, repeat::<Tokio>),
    ("rt-local", TokioLocalSet::NAME, repeat::<TokioLocalSet>),
    ("rt-local", Smol::NAME, repeat::<Smol>),
];

fn repeat<S: Subject>(row: &str, runs: u64) {
    let subject = S::new();
    for _ in 0..runs {
        run(&subject, row);
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => list(),
        [name, subject, runs] => {
            let runs = runs.parse().ok();
            let found = COUNTED.iter().find_map(|(group, counted, repeat)| {
                let row = name.strip_prefix(group)?.strip_prefix('/')?;
                let row = ROWS.iter().find(|known| known.name == row)?;
                (subject == *counted).then_some((row, repeat))
            });
            match (found, runs) {
                (Some((row, repeat)), Some(runs)) => repeat(row.name, runs),
                _ => return usage(),
            }
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn list() {
    for (group, subject, _) in COUNTED {
        for Row { name, operations } in ROWS {
            println!("{group}/{name} {subject} {operations}");
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: count [GROUP/ROW SUBJECT RUNS]");
    ExitCode::from(2)
}
