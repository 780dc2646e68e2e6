//! Markdown tables of measurements.

use std::collections::{BTreeMap, BTreeSet};

use super::results::Measurement;

/// Whose ratio is one.
const OURS: &str = "sinew";

/// The two sides of a hook's benchmark.
const WITHOUT: &str = "without";
const WITH: &str = "with";

/// Nanoseconds that a hook may cost.
const HOOK_BOUND: f64 = 2.0;

type Rows<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Measurement>>;

/// Each peer's time over ours; above 1, we are faster. Rows without a
/// measurement of ours are left out. Empty if none is left.
pub(super) fn ratios(measurements: &[Measurement]) -> String {
    let mut rows = by_row(measurements);
    rows.retain(|_, row| row.contains_key(OURS));
    let peers: BTreeSet<&str> = rows
        .values()
        .flat_map(|row| row.keys().copied())
        .filter(|subject| *subject != OURS)
        .collect();
    if peers.is_empty() {
        return String::new();
    }
    let mut table = format!("Time of a peer / time of {OURS}, ± relative spread of both.\n\n");
    let heads = [
        &["benchmark", OURS],
        &Vec::from_iter(peers.iter().copied())[..],
    ]
    .concat();
    push_heads(&mut table, &heads);
    for (name, row) in rows {
        let ours = row[OURS];
        table.push_str(&format!(
            "| {name} | {} ±{} |",
            time(ours.median),
            percent(ours.spread)
        ));
        for peer in &peers {
            let cell = row.get(peer).map_or("–".to_owned(), |theirs| {
                let ratio = theirs.median / ours.median;
                format!("{ratio:.2} ±{}", percent(theirs.spread + ours.spread))
            });
            table.push_str(&format!(" {cell} |"));
        }
        table.push('\n');
    }
    table
}

/// What each hook adds: benchmarks `hooks/NAME/without` and `hooks/NAME/with`.
/// Empty if there is no such pair.
pub(super) fn hooks(measurements: &[Measurement]) -> String {
    let mut lines = String::new();
    for (name, row) in by_row(measurements) {
        if let (Some(without), Some(with)) = (row.get(WITHOUT), row.get(WITH)) {
            let added = with.median - without.median;
            let verdict = match added <= HOOK_BOUND {
                true => "within",
                false => "OVER",
            };
            lines.push_str(&format!(
                "| {name} | {} ±{} | {} ±{} | {added:.2} ns | {verdict} |\n",
                time(without.median),
                percent(without.spread),
                time(with.median),
                percent(with.spread),
            ));
        }
    }
    if lines.is_empty() {
        return lines;
    }
    let mut table = String::new();
    let bound = format!("bound {HOOK_BOUND} ns");
    push_heads(&mut table, &["hook", WITHOUT, WITH, "adds", &bound]);
    table + &lines
}

fn by_row(measurements: &[Measurement]) -> Rows<'_> {
    let mut rows = Rows::new();
    for measurement in measurements {
        rows.entry(&measurement.row)
            .or_default()
            .insert(&measurement.subject, measurement);
    }
    rows
}

pub(super) fn push_heads(table: &mut String, heads: &[&str]) {
    table.push_str(&format!("| {} |\n|---|", heads.join(" | ")));
    table.push_str(&"---:|".repeat(heads.len() - 1));
    table.push('\n');
}

fn percent(spread: f64) -> String {
    format!("{:.1} %", spread * 100.0)
}

/// Nanoseconds in the unit that keeps the number short.
fn time(nanoseconds: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let unit = units.iter().find(|(size, _)| nanoseconds >= *size);
    let (size, name) = unit.copied().unwrap_or((1.0, "ns"));
    format!("{:.2} {name}", nanoseconds / size)
}

#[cfg(test)]
mod tests;
