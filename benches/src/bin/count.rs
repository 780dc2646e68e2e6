//! Runs one row of one subject some times and ends: what `cargo xtask bench
//! --count` counts instructions of.
//!
//! `count` alone lists the rows as `GROUP/ROW SUBJECT OPERATIONS`.
//! `count GROUP/ROW SUBJECT RUNS` runs one.

use std::process::ExitCode;

use benches::single::{Single, all};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => list(),
        [name, subject, runs] => {
            let mut all = all().into_iter();
            let found = all.find(|single| single.name == name && single.subject == subject);
            match (found, runs.parse()) {
                (Some(single), Ok(runs)) => (single.run)(runs),
                _ => return usage(),
            }
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn list() {
    for Single {
        name,
        subject,
        operations,
        ..
    } in all()
    {
        println!("{name} {subject} {operations}");
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: count [GROUP/ROW SUBJECT RUNS]");
    ExitCode::from(2)
}
