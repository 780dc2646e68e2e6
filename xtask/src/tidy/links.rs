//! Relative links in Markdown lead to files.

use super::Violation;

const RULE: &str = "links";

/// Checks the links of one Markdown file; `has` knows what there is.
pub(super) fn check(path: &str, text: &str, has: &dyn Fn(&str) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let broken = targets(&without_code(line))
            .into_iter()
            .filter(|target| !is_elsewhere(path, target))
            .filter(|target| !resolve(path, target).is_some_and(|file| has(&file)));
        violations.extend(broken.map(|target| {
            let what = format!("`{target}` leads nowhere: correct the link");
            Violation::new(path, index + 1, RULE, what)
        }));
    }
    violations
}

/// The line without its code spans.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// What the line's inline links and reference definitions point at.
fn targets(line: &str) -> Vec<String> {
    let inline = line.match_indices("](").map(|(at, opened)| {
        let rest = &line[at + opened.len()..];
        &rest[..closing(rest)]
    });
    let definition = line
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]:"))
        .map(|(_, target)| target);
    inline
        .chain(definition)
        .filter_map(|target| target.split_whitespace().next())
        .map(|target| target.trim_matches(['<', '>']).to_owned())
        .collect()
}

/// Where the bracket that was opened before `rest` closes.
fn closing(rest: &str) -> usize {
    let mut depth = 1;
    for (at, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Another site, a place in the same file, or (in pages that rustdoc renders,
/// which checks them itself) an item.
fn is_elsewhere(path: &str, target: &str) -> bool {
    let scheme = target.split_once(':').is_some_and(|(scheme, rest)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        !rest.starts_with(':') && scheme.chars().all(plain)
    });
    let item = path.contains("/src/") && !target.contains(['/', '.']);
    scheme || target.starts_with('#') || item
}

/// The path that `target` names when it stands in the file `path`; `None` if
/// it leads out of the repository.
fn resolve(path: &str, target: &str) -> Option<String> {
    let target = target.split(['#', '?']).next().unwrap_or(target);
    let mut parts: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => path.split('/').collect(),
    };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests;
