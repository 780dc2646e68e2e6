use super::*;

fn lines_found(path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text);
    check(&source).into_iter().map(|v| v.line).collect()
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
