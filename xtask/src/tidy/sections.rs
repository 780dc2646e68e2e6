//! Sections and list lines of a Markdown file.

/// The numbered lines between the heading `## title` and the next heading of
/// its level or above; `None` if there is no such heading.
pub(super) fn section<'a>(text: &'a str, title: &str) -> Option<Vec<(usize, &'a str)>> {
    let mut found = None;
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let heading = !fenced && (line.starts_with("# ") || line.starts_with("## "));
        match &mut found {
            None if heading && line.strip_prefix("## ").map(str::trim) == Some(title) => {
                found = Some(Vec::new());
            }
            Some(_) if heading => break,
            Some(lines) => lines.push((index + 1, line)),
            None => {}
        }
    }
    found
}

/// A list line that begins with names in backticks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) names: Vec<&'a str>,
    /// What stands after the names, without leading punctuation.
    pub(super) rest: &'a str,
}

/// Reads "- `one`, `two`: why"; `None` for a line of another form.
pub(super) fn entry(line: &str) -> Option<Entry<'_>> {
    let mut rest = line.strip_prefix("- ")?.trim_start();
    let mut names = Vec::new();
    while let Some(opened) = rest.strip_prefix('`') {
        let (name, after) = opened.split_once('`')?;
        names.push(name);
        let after = after.trim_start();
        rest = match after
            .strip_prefix(',')
            .or_else(|| after.strip_prefix("and "))
        {
            Some(more) => more.trim_start(),
            None => after,
        };
    }
    let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '`');
    (!names.is_empty()).then_some(Entry { names, rest })
}

#[cfg(test)]
mod tests;
