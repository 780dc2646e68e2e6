//! Public async functions say what a drop loses.

use super::Violation;
use super::source::{Line, Source};

const RULE: &str = "cancel safety";

/// Checks the docs of each `pub async fn`.
pub(super) fn check(source: &Source) -> Vec<Violation> {
    if !source.is_crate_source() {
        return Vec::new();
    }
    let what = "add a section `# Cancel safety` to its docs: what a drop before completion loses";
    source
        .numbered()
        .filter(|(_, line)| !line.test && is_public_async(line.code.trim_start()))
        .filter(|(number, _)| !has_section(&source.lines[..number - 1]))
        .map(|(number, _)| Violation::new(&source.path, number, RULE, what))
        .collect()
}

fn is_public_async(code: &str) -> bool {
    code.starts_with("pub async fn ") || code.starts_with("pub async unsafe fn ")
}

/// Whether the docs at the end of these lines have the section. Attributes
/// may stand between and after the docs, over several lines too.
fn has_section(above: &[Line]) -> bool {
    above
        .iter()
        .rev()
        .take_while(|line| !ends_item(line))
        .any(|line| {
            let text = line.comment.trim_start();
            let heading = text.strip_prefix("///").map(str::trim);
            heading == Some("# Cancel safety")
        })
}

/// A line that belongs to what stands before the docs.
fn ends_item(line: &Line) -> bool {
    let blank = !line.is_code() && line.comment.is_empty();
    blank || line.code.trim_end().ends_with([';', '{', '}'])
}

#[cfg(test)]
mod tests;
