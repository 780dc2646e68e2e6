//! Public operations that wait say what a drop loses.
//!
//! An operation is a `pub async fn`, or a public function, or a method of a public
//! trait, that returns `impl Future` or a type of its crate that implements `Future`.
//! Its docs have the section `# Cancel safety`. For what returns a named type, the docs
//! of that type may have it instead: a handle says once for all that give it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Violation;
use super::source::{Line, Source};

const RULE: &str = "cancel safety";

const WHAT: &str = "add a section `# Cancel safety` to its docs, or to those of the future that it \
                    returns: what a drop before completion loses";

/// Lines that a signature takes at most.
const SIGNATURE: usize = 30;

/// The types of one crate that are futures.
#[derive(Default)]
struct Futures {
    all: BTreeSet<String>,
    documented: BTreeSet<String>,
}

impl Futures {
    fn add(&mut self, source: &Source) {
        for (at, line) in source.lines.iter().enumerate() {
            let code = line.code.trim_start();
            if line.test {
                continue;
            }
            if code.starts_with("impl") {
                self.all.extend(future_of(&joined(source, at)));
            }
            if let Some(name) = code.strip_prefix("pub struct ").map(first_word) {
                if has_section(&source.lines[..at]) {
                    self.documented.insert(name.to_owned());
                }
            }
        }
    }

    /// Whether a function with this return type has to say something.
    fn demands(&self, returned: &str) -> bool {
        if returned.contains("impl Future") {
            return true;
        }
        let path = returned.split('<').next().unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or_default().trim();
        self.all.contains(name) && !self.documented.contains(name)
    }
}

/// Checks the docs of each public operation of the crates.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut crates: BTreeMap<&str, Futures> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_crate_source()) {
        crates.entry(crate_of(source)).or_default().add(source);
    }
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| source.is_crate_source()) {
        let futures = &crates[crate_of(source)];
        let traits = PublicTraits::of(source);
        for (number, line) in source.numbered() {
            let at = number - 1;
            let public = is_public(&line.code) || traits.has_method(&line.code, at);
            if line.test || !public || has_section(&source.lines[..at]) {
                continue;
            }
            let signature = joined(source, at);
            if is_async(&signature) || futures.demands(returned(&signature)) {
                violations.push(Violation::new(&source.path, number, RULE, WHAT));
            }
        }
    }
    violations
}

fn crate_of(source: &Source) -> &str {
    source.path.split('/').nth(1).unwrap_or_default()
}

fn is_public(code: &str) -> bool {
    let code = code.trim_start();
    [
        "pub fn ",
        "pub async fn ",
        "pub unsafe fn ",
        "pub async unsafe fn ",
    ]
    .iter()
    .any(|start| code.starts_with(start))
}

fn is_async(signature: &str) -> bool {
    let head = signature.split("fn ").next().unwrap_or_default();
    head.contains("async ")
}

/// A signature, or the head of an item, from its first line to its brace or semicolon.
fn joined(source: &Source, at: usize) -> String {
    let mut text = String::new();
    for line in source.lines[at..].iter().take(SIGNATURE) {
        text.push_str(line.code.trim());
        text.push(' ');
        if line.code.contains('{') || line.code.trim_end().ends_with(';') {
            break;
        }
    }
    text
}

/// What stands behind the last arrow.
fn returned(signature: &str) -> &str {
    let Some((_, returned)) = signature.rsplit_once("-> ") else {
        return "";
    };
    let end = returned.find('{').unwrap_or(returned.len());
    let returned = &returned[..end];
    returned.split(" where ").next().unwrap_or_default()
}

/// The type for which this `impl` makes a future, if it does.
fn future_of(head: &str) -> Option<String> {
    let (before, after) = head.split_once("Future for ")?;
    // Not another trait whose name ends so.
    let whole = before.ends_with([' ', ':']);
    whole.then(|| first_word(after).to_owned())
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The lines of a file that are inside of public traits.
struct PublicTraits(Vec<std::ops::Range<usize>>);

impl PublicTraits {
    fn of(source: &Source) -> PublicTraits {
        let mut found = Vec::new();
        let mut begin = None;
        for (at, line) in source.lines.iter().enumerate() {
            if line.code.starts_with("pub trait ") {
                begin = Some(at);
            }
            if line.code.starts_with('}') {
                found.extend(begin.take().map(|begin| begin..at));
            }
        }
        PublicTraits(found)
    }

    fn has_method(&self, code: &str, at: usize) -> bool {
        let code = code.trim_start();
        let method = code.starts_with("fn ") || code.starts_with("async fn ");
        method && self.0.iter().any(|lines| lines.contains(&at))
    }
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
