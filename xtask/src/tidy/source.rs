//! A Rust file as the checks see it: code and comments apart, test code marked.

mod lexer;
mod regions;

use std::collections::BTreeSet;

/// One Rust file.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the root, with forward slashes.
    pub(super) path: String,
    pub(super) lines: Vec<Line>,
    /// Files that hold the out-of-line modules declared here for tests only.
    test_modules: Vec<String>,
}

/// One line of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// What the compiler sees, with the contents of literals left out.
    pub(super) code: String,
    /// The text of comments, with their markers.
    pub(super) comment: String,
    /// Whether part of a literal was left out of `code`.
    pub(super) literal: bool,
    /// Compiled for tests only.
    pub(super) test: bool,
}

impl Line {
    /// Neither blank nor comment only.
    pub(super) fn is_code(&self) -> bool {
        self.literal || !self.code.trim().is_empty()
    }

    /// A comment and nothing else.
    pub(super) fn is_comment(&self) -> bool {
        !self.is_code() && !self.comment.is_empty()
    }
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let mut lines = lexer::split(text);
        let test_modules = regions::mark_tests(&mut lines)
            .into_iter()
            .map(|module| module_file(path, &module))
            .collect();
        let mut source = Source {
            path: path.to_owned(),
            lines,
            test_modules,
        };
        if is_test_path(path) {
            source.mark_all_test();
        }
        source
    }

    /// In the `src` folder of a crate under `crates/`.
    pub(super) fn is_crate_source(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.next() == Some("crates") && parts.nth(1) == Some("src")
    }

    /// In one of these top-level folders.
    pub(super) fn is_under(&self, folders: &[&str]) -> bool {
        self.path
            .split_once('/')
            .is_some_and(|(first, _)| folders.contains(&first))
    }

    /// The lines with their numbers from 1.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(i, line)| (i + 1, line))
    }

    fn mark_all_test(&mut self) {
        for line in &mut self.lines {
            line.test = true;
        }
    }
}

/// Marks files that are only reached through a module declared under
/// `#[cfg(test)]` in another file, and whatever lies below them.
pub(super) fn mark_test_modules(sources: &mut [Source]) {
    let files: BTreeSet<String> = sources
        .iter()
        .flat_map(|source| source.test_modules.iter().cloned())
        .collect();
    for source in sources {
        let below = |file: &String| {
            let folder = file.strip_suffix("rs").map(|stem| stem.replace('.', "/"));
            folder.is_some_and(|folder| source.path.starts_with(&folder))
        };
        if files.contains(&source.path) || files.iter().any(below) {
            source.mark_all_test();
        }
    }
}

/// The file of `mod module;` in the file `path`.
fn module_file(path: &str, module: &str) -> String {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let folder = match stem.rsplit_once('/') {
        Some((folder, "lib" | "main")) => folder,
        _ => stem,
    };
    format!("{folder}/{module}.rs")
}

/// Test code by where it lies: a `tests` or `benches` folder, a `tests.rs` or
/// the `loom.rs` that holds a module's models.
fn is_test_path(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let in_test_folder = folders
        .split('/')
        .any(|part| part == "tests" || part == "benches");
    let model = path.starts_with("crates/") && path.ends_with("/loom.rs");
    in_test_folder || path.ends_with("/tests.rs") || model
}

/// Whether `word` stands in `code` with no identifier character beside it.
pub(super) fn has_word(code: &str, word: &str) -> bool {
    let ident = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(ident) && !after.is_some_and(ident)
    })
}

#[cfg(test)]
mod tests;
