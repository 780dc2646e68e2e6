use super::*;

fn lines_found(path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text);
    check(&[source]).into_iter().map(|v| v.line).collect()
}

const SRC: &str = "crates/x/src/a.rs";

#[test]
fn functions_with_the_section_pass() {
    for text in [
        "/// Reads.\n///\n/// # Cancel safety\n///\n/// Nothing is lost.\npub async fn read() {}\n",
        "/// # Cancel safety\n/// Yes.\n#[inline]\n#[cfg(any(\n    unix,\n))]\npub async fn read() {}\n",
        "pub(crate) async fn read() {}\n",
        "async fn read() {}\n",
        "/// ```\n/// pub async fn read() {}\n/// ```\npub fn other() {}\n",
        "#[cfg(test)]\nmod tests {\n    pub async fn read() {}\n}\n",
    ] {
        assert_eq!(lines_found(SRC, text), [0; 0], "{text}");
    }
}

#[test]
fn functions_without_the_section_fail() {
    assert_eq!(lines_found(SRC, "pub async fn read() {}\n"), [1]);
    let other = "/// Reads.\n/// It is about cancel safety.\npub async fn read() {}\n";
    assert_eq!(lines_found(SRC, other), [3]);
    let neighbour = "/// # Cancel safety\npub async fn a() {}\n/// Reads.\npub async fn b() {}\n";
    assert_eq!(lines_found(SRC, neighbour), [4]);
    let plain = "// # Cancel safety\n    pub async unsafe fn read() {}\n";
    assert_eq!(lines_found(SRC, plain), [2]);
}

#[test]
fn files_elsewhere_are_left_alone() {
    for path in ["crates/x/tests/it/main.rs", "examples/a/src/main.rs"] {
        assert_eq!(lines_found(path, "pub async fn read() {}\n"), [0; 0]);
    }
}

/// A future of the crate, in another file than those that return it.
const FUTURE: &str =
    "pub struct Wait<T>(T);\nimpl<T> Future for Wait<T> {}\nimpl IntoFuture for No {}\n";

fn found_beside(future: &str, text: &str) -> Vec<usize> {
    let sources = [
        Source::new("crates/x/src/wait.rs", future),
        Source::new(SRC, text),
        Source::new("crates/y/src/a.rs", text),
    ];
    let found = check(&sources);
    assert!(found.iter().all(|v| v.path == SRC));
    found.into_iter().map(|v| v.line).collect()
}

#[test]
fn functions_that_return_a_future_are_operations() {
    for text in [
        "pub fn wait() -> Wait<u8> {\n",
        "pub fn wait<T>(\n    value: T,\n) -> crate::Wait<T>\nwhere\n    T: Copy,\n{\n",
        "pub unsafe fn wait() -> wait::Wait<u8>;\n",
        "pub trait Ext {\n}\npub fn wait() -> Wait<u8> {\n",
    ] {
        let line = text
            .lines()
            .position(|line| line.contains("fn wait"))
            .unwrap();
        assert_eq!(found_beside(FUTURE, text), [line + 1], "{text}");
    }
    assert_eq!(
        lines_found(SRC, "pub fn wait(&self) -> impl Future<Output = u8> {\n"),
        [1]
    );
    let method =
        "pub trait Ext {\n    fn wait(self) -> Wait<Self>\n    where\n        Self: Sized;\n}\n";
    assert_eq!(found_beside(FUTURE, method), [2]);
}

#[test]
fn other_functions_and_those_whose_future_says_it_are_not() {
    for text in [
        "pub fn no() -> No {\n",
        "pub fn many() -> Vec<Wait<u8>> {\n",
        "pub fn poll(f: impl Fn() -> Wait<u8>) -> bool {\n",
        "pub(crate) fn wait() -> Wait<u8> {\n",
        "trait Hidden {\n    fn wait(self) -> Wait<u8>;\n}\n",
        "/// # Cancel safety\n/// Yes.\npub fn wait() -> Wait<u8> {\n",
    ] {
        assert_eq!(found_beside(FUTURE, text), [0; 0], "{text}");
    }
    let said = format!("/// # Cancel safety\n/// Yes.\n{FUTURE}");
    assert_eq!(found_beside(&said, "pub fn wait() -> Wait<u8> {\n"), [0; 0]);
}
