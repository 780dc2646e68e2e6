//! Source checks that need no compiler.
//!
//! Each check is a function from what it reads to the violations it finds, in
//! a file of its own with its tests beside it. This file finds the input and
//! prints the result.

mod cancel_safety;
mod codemap;
mod composition;
mod dependencies;
mod examples;
mod files;
mod floors;
mod length;
mod links;
mod lints;
mod naming;
mod ordering;
mod published;
mod safety;
mod sections;
mod sleeping;
mod source;

use std::fmt;
use std::path::Path;

use crate::book::PROGRAMS;
use crate::error::{Error, Result, at_path};
use crate::workspace::Workspace;
use files::Tree;
use source::Source;

/// The architecture file, which several checks hold against the code.
const ARCHITECTURE: &str = "crates/README.md";

/// One place that breaks one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    rule: &'static str,
    /// What to do about it.
    what: String,
}

impl Violation {
    /// `line` counts from 1.
    fn new(path: &str, line: usize, rule: &'static str, what: impl Into<String>) -> Self {
        Violation {
            path: path.to_owned(),
            line,
            rule,
            what: what.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation {
            path,
            line,
            rule,
            what,
        } = self;
        write!(f, "{path}:{line}: {rule}: {what}")
    }
}

/// Runs every check; with `bless`, first writes the composition lists anew.
pub(crate) fn run(workspace: &Workspace, bless: bool) -> Result<()> {
    if bless {
        composition::bless(workspace)?;
    }
    let tree = Tree::walk(&workspace.root)?;
    let sources = load_sources(&workspace.root, &tree)?;
    for source in &sources {
        for warning in length::warnings(source) {
            println!("warning: {warning}");
        }
    }
    let mut violations = check_sources(&sources);
    violations.extend(check_documents(workspace, &tree)?);
    violations.extend(check_workspace(workspace)?);
    violations.sort();
    violations.dedup();
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => {
            let (sources, files) = (sources.len(), tree.files.len());
            println!("tidy: nothing to do in {sources} sources and {files} files");
            Ok(())
        }
        1 => Err(Error::Failed("tidy found 1 violation".to_owned())),
        count => Err(Error::Failed(format!("tidy found {count} violations"))),
    }
}

/// The checks of Rust files.
fn check_sources(sources: &[Source]) -> Vec<Violation> {
    let checks: [fn(&Source) -> Vec<Violation>; 5] = [
        safety::check,
        ordering::check,
        length::check,
        sleeping::check,
        naming::check_source,
    ];
    let on_all = |check: fn(&Source) -> Vec<Violation>| sources.iter().flat_map(check);
    let mut violations: Vec<_> = checks.into_iter().flat_map(on_all).collect();
    violations.extend(cancel_safety::check(sources));
    violations
}

/// The checks of file names and Markdown.
fn check_documents(workspace: &Workspace, tree: &Tree) -> Result<Vec<Violation>> {
    let mut violations = naming::check_paths(&tree.files);
    for path in tree.files.iter().filter(|path| path.ends_with(".md")) {
        let text = read(&workspace.root, path)?;
        violations.extend(links::check(path, &text, &|target| tree.has(target)));
        if path == examples::TABLE {
            violations.extend(examples::check(&tree.files, PROGRAMS, &text));
        }
    }
    Ok(violations)
}

/// The checks that hold manifests against the architecture file.
fn check_workspace(workspace: &Workspace) -> Result<Vec<Violation>> {
    let root = &workspace.root;
    let architecture = match std::fs::read_to_string(root.join(ARCHITECTURE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(at_path("read", &root.join(ARCHITECTURE), &error)),
    };
    let packages = &workspace.packages;
    let mut violations = floors::check(packages, &architecture);
    violations.extend(codemap::check(&architecture, &files::crate_folders(root)?));
    violations.extend(dependencies::check(packages, &architecture));
    for package in packages {
        let manifest = read(root, &package.manifest())?;
        violations.extend(lints::check_manifest(&package.manifest(), &manifest));
        let lib = match &package.lib {
            Some(path) => Some((path.as_str(), read(root, path)?)),
            None => None,
        };
        let lib = lib.as_ref().map(|(path, text)| (*path, text.as_str()));
        violations.extend(published::check(package, lib));
        if let Some((path, text)) = lib {
            violations.extend(lints::check_forbid(&package.name, &Source::new(path, text)));
        }
    }
    violations.extend(composition::check(workspace)?);
    Ok(violations)
}

/// All Rust files, with each one's test lines known.
fn load_sources(root: &Path, tree: &Tree) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in tree.files.iter().filter(|path| path.ends_with(".rs")) {
        sources.push(Source::new(path, &read(root, path)?));
    }
    source::mark_test_modules(&mut sources);
    Ok(sources)
}

fn read(root: &Path, path: &str) -> Result<String> {
    let path = root.join(path);
    std::fs::read_to_string(&path).map_err(|error| at_path("read", &path, &error))
}
