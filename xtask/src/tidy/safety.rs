//! Unsafe code says why it is sound.

use super::Violation;
use super::source::{Line, Source};

const RULE: &str = "safety";

/// Checks each unsafe block and impl for a comment at its statement.
pub(super) fn check(source: &Source) -> Vec<Violation> {
    if !source.is_crate_source() {
        return Vec::new();
    }
    let what = "say above the statement why each precondition holds: // SAFETY: ...";
    source
        .numbered()
        .filter(|(_, line)| opens_unsafe(&line.code))
        .filter(|(number, _)| !is_explained(&source.lines[..*number]))
        .map(|(number, _)| Violation::new(&source.path, number, RULE, what))
        .collect()
}

fn opens_unsafe(code: &str) -> bool {
    let ident = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices("unsafe").any(|(at, word)| {
        let begins = !code[..at].ends_with(ident);
        let after = code[at + word.len()..].trim();
        begins && (after.is_empty() || after.starts_with('{') || after.starts_with("impl"))
    })
}

/// Whether the last of these lines, or one above it that belongs to the same
/// statement or to the comment before it, says `SAFETY:`.
fn is_explained(lines: &[Line]) -> bool {
    let Some((last, above)) = lines.split_last() else {
        return false;
    };
    if last.comment.contains("SAFETY:") {
        return true;
    }
    for line in above.iter().rev() {
        if line.comment.contains("SAFETY:") {
            return true;
        }
        let code = line.code.trim_end();
        let blank = !line.is_code() && !line.is_comment();
        if blank || code.ends_with([';', '{', '}']) {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests;
