//! Times the rows whose name contains FILTER and prints a table: what `cargo xtask
//! bench --turns` runs.
//!
//! `turns [FILTER [ROUNDS]]`
//!
//! The subjects of a row take turns of some milliseconds, and a peer's turn is compared
//! with ours of the same round. So what else the machine does meets all of them alike,
//! and a table is right where criterion's, which measures one subject after the other,
//! shows when the machine was busy.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::single::{Single, all};

/// How long a turn is at least.
const TURN: Duration = Duration::from_millis(3);
/// How many turns each subject takes unless the command line says.
const ROUNDS: usize = 41;
/// Who is compared with the others.
const OURS: &str = "sinew";

/// A row: its subjects, the first of which is ours.
struct Row {
    name: String,
    subjects: Vec<Single>,
}

/// What was measured of one subject.
struct Figure {
    subject: &'static str,
    /// Nanoseconds of an operation; of a peer, how many times ours.
    median: f64,
    /// The median deviation from that, relative.
    spread: f64,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let filter = args.first().map_or("", String::as_str);
    let rounds = args.get(1).map_or(Ok(ROUNDS), |rounds| rounds.parse());
    let (Ok(rounds @ 1..), 0..=2) = (rounds, args.len()) else {
        eprintln!("usage: turns [FILTER [ROUNDS]]");
        return ExitCode::from(2);
    };
    let rows = rows(filter);
    let mut columns: Vec<&str> = Vec::new();
    for single in rows.iter().flat_map(|row| &row.subjects) {
        if !columns.contains(&single.subject) {
            columns.push(single.subject);
        }
    }
    println!("| row | {} |", columns.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len()));
    for row in rows {
        let figures = measure(&row, rounds);
        println!(
            "| {} | {} |",
            row.name,
            cells(&figures, &columns).join(" | ")
        );
    }
    ExitCode::SUCCESS
}

/// Those that have this in their name, and us among their subjects.
fn rows(filter: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for single in all() {
        if !single.name.contains(filter) {
            continue;
        }
        match rows.iter_mut().find(|row| row.name == single.name) {
            Some(row) => row.subjects.push(single),
            None => rows.push(Row {
                name: single.name.clone(),
                subjects: vec![single],
            }),
        }
    }
    for row in &mut rows {
        row.subjects.sort_by_key(|single| single.subject != OURS);
    }
    rows.retain(|row| row.subjects.first().is_some_and(|s| s.subject == OURS));
    rows
}

fn measure(row: &Row, rounds: usize) -> Vec<Figure> {
    let runs: Vec<u64> = row.subjects.iter().map(runs_of_a_turn).collect();
    let mut turns = vec![Vec::with_capacity(rounds); runs.len()];
    for _ in 0..rounds {
        for ((single, &runs), turns) in row.subjects.iter().zip(&runs).zip(&mut turns) {
            let operations = (runs * single.operations) as f64;
            turns.push(timed(single, runs).as_nanos() as f64 / operations);
        }
    }
    let ours = turns.first().cloned().unwrap_or_default();
    let figure = |(single, turns): (&Single, Vec<f64>)| match single.subject {
        OURS => figure(single.subject, turns),
        peer => {
            let ratios = turns.iter().zip(&ours).map(|(peer, ours)| peer / ours);
            figure(peer, ratios.collect())
        }
    };
    row.subjects.iter().zip(turns).map(figure).collect()
}

/// How many runs a turn has, after one to warm up.
fn runs_of_a_turn(single: &Single) -> u64 {
    timed(single, 1);
    let mut runs = 1;
    loop {
        let took = timed(single, runs);
        if took >= TURN {
            return runs;
        }
        let missing = TURN.as_nanos() / took.as_nanos().max(1) + 1;
        runs *= u64::try_from(missing.min(10)).unwrap_or(10);
    }
}

fn timed(single: &Single, runs: u64) -> Duration {
    let start = Instant::now();
    (single.run)(runs);
    start.elapsed()
}

fn figure(subject: &'static str, values: Vec<f64>) -> Figure {
    let middle = median(values.clone());
    let deviations = values.iter().map(|value| (value - middle).abs());
    Figure {
        subject,
        median: middle,
        spread: median(deviations.collect()) / middle,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn cells(figures: &[Figure], columns: &[&str]) -> Vec<String> {
    let cell = |column: &&str| {
        let figure = figures.iter().find(|figure| figure.subject == *column);
        figure.map_or(String::new(), |figure| {
            let Figure { median, spread, .. } = figure;
            let value = match *column {
                OURS => nanoseconds(*median),
                _ => format!("{median:.2}"),
            };
            format!("{value} ±{:.0} %", spread * 100.0)
        })
    };
    columns.iter().map(cell).collect()
}

fn nanoseconds(time: f64) -> String {
    match time {
        ..1e3 => format!("{time:.1} ns"),
        _ => format!("{:.2} µs", time / 1e3),
    }
}
