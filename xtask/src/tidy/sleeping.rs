//! Tests wait for events, not for time.

use super::Violation;
use super::source::{Line, Source};

const RULE: &str = "sleeping";

/// The comment that excuses a sleep, followed by a reason.
const EXCUSE: &str = "tidy: sleep is the subject";

/// Checks test code of crates and examples for sleeping threads.
pub(super) fn check(source: &Source) -> Vec<Violation> {
    if !source.is_under(&["crates", "examples"]) {
        return Vec::new();
    }
    let sleeps = |line: &Line| line.test && line.code.contains("thread::sleep");
    source
        .numbered()
        .filter(|(_, line)| sleeps(line))
        .filter(|(number, line)| {
            !is_excused(line) && !above(source, *number).is_some_and(is_excused)
        })
        .map(|(number, _)| {
            let what = format!("wait for an event, or say here: // {EXCUSE}: why");
            Violation::new(&source.path, number, RULE, what)
        })
        .collect()
}

/// The line above the one with this number.
fn above(source: &Source, number: usize) -> Option<&Line> {
    number.checked_sub(2).map(|index| &source.lines[index])
}

/// Whether the line carries the excuse and a reason after it.
fn is_excused(line: &Line) -> bool {
    let reason = line.comment.split_once(EXCUSE).map(|(_, reason)| reason);
    reason.is_some_and(|reason| reason.chars().any(char::is_alphabetic))
}

#[cfg(test)]
mod tests;
