//! Atomic orderings stronger than relaxed say what they pair with.

use super::Violation;
use super::source::{Line, Source, has_word};

const RULE: &str = "ordering";

/// The orderings that synchronise.
const STRONG: [&str; 4] = ["Acquire", "Release", "AcqRel", "SeqCst"];

/// How many lines of code may stand between the comment and the ordering.
const REACH: usize = 6;

/// Checks each use of a strong ordering for a comment near above it.
pub(super) fn check(source: &Source) -> Vec<Violation> {
    if !source.is_crate_source() {
        return Vec::new();
    }
    let mut violations = Vec::new();
    let mut in_use = false;
    for (number, line) in source.numbered() {
        let code = line.code.trim();
        in_use |= starts_use(code);
        if !line.test && in_use && imports_ordering(code) {
            let what = "import Ordering alone and write Ordering::X in full, so that its comment can be checked";
            violations.push(Violation::new(&source.path, number, RULE, what));
        }
        if !line.test && !in_use && is_strong(code) && !is_explained(&source.lines[..number]) {
            let what = "name the partner in one of the lines above: // ORDERING: ...";
            violations.push(Violation::new(&source.path, number, RULE, what));
        }
        in_use &= !code.ends_with(';');
    }
    violations
}

fn starts_use(code: &str) -> bool {
    let item = match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')').map_or("", |(_, item)| item),
        Some(rest) => rest,
        None => code,
    };
    item.trim_start().starts_with("use ")
}

/// Brings an ordering into scope by its bare name, or renames the type.
fn imports_ordering(code: &str) -> bool {
    let strong = STRONG.iter().any(|name| has_word(code, name));
    strong || code.contains("atomic::Ordering as ") || code.contains("atomic::Ordering::*")
}

fn is_strong(code: &str) -> bool {
    STRONG.iter().any(|name| {
        let written = format!("Ordering::{name}");
        code.contains(&written) && has_word(code, name)
    })
}

/// Whether the last of these lines or one of the few above says `ORDERING:`.
fn is_explained(lines: &[Line]) -> bool {
    let mut code_lines = 0;
    for line in lines.iter().rev() {
        if line.comment.contains("ORDERING:") {
            return true;
        }
        code_lines += usize::from(!line.is_comment());
        if code_lines > REACH {
            break;
        }
    }
    false
}

#[cfg(test)]
mod tests;
