//! Finds the lines that are compiled for tests only.

use super::{Line, has_word};

/// Marks the items under `#[cfg(test)]` and returns the names of modules that
/// are declared so without a body.
pub(super) fn mark_tests(lines: &mut [Line]) -> Vec<String> {
    let mut modules = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let code = lines[at].code.trim();
        if code.starts_with("#![cfg(") && is_test_cfg(code) {
            lines.iter_mut().for_each(|line| line.test = true);
            return modules;
        }
        if code.starts_with("#[cfg(") && is_test_cfg(code) {
            let end = item_end(lines, at);
            modules.extend(module_name(&lines[at..=end]));
            lines[at..=end].iter_mut().for_each(|line| line.test = true);
            at = end;
        }
        at += 1;
    }
    modules
}

/// Whether the attribute asks for `test`, alone or together with more.
fn is_test_cfg(code: &str) -> bool {
    has_word(code, "test") && !code.contains("not(test)") && !code.contains("any(test")
}

/// The last line of the item that starts at `start`: the one with its `;`
/// outside of brackets, or the `}` that closes its body.
fn item_end(lines: &[Line], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, line) in lines.iter().enumerate().skip(start) {
        for c in line.code.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                ';' if depth == 0 => return at,
                _ => {}
            }
        }
    }
    lines.len() - 1
}

/// `name` if the item is `mod name;`.
fn module_name(item: &[Line]) -> Option<String> {
    let last = item.last()?.code.trim();
    let (_, rest) = last.split_once("mod ")?;
    rest.strip_suffix(';').map(|name| name.trim().to_owned())
}
