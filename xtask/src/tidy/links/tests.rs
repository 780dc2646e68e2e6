use super::*;

const FILES: [&str; 4] = ["", "README.md", "crates/README.md", "crates/x"];

fn lines_found(path: &str, text: &str) -> Vec<usize> {
    let violations = check(path, text, &|file| FILES.contains(&file));
    violations.into_iter().map(|v| v.line).collect()
}

#[test]
fn links_that_resolve_pass() {
    for text in [
        "[a](crates/README.md) and [b](./crates/x/)",
        "[a](crates/README.md#codemap \"title\")",
        "![a](<README.md>)",
        "[a]: crates/README.md",
        "[a](/README.md)",
        "[a](https://example.org/no) [b](#here) [c](mailto:a@example.org)",
        "`[a](nowhere.md)`",
        "```\n[a](nowhere.md)\n```",
    ] {
        assert_eq!(lines_found("README.md", text), [0; 0], "{text}");
    }
    assert_eq!(
        lines_found("crates/README.md", "[a](../README.md) [b](x)"),
        [0; 0]
    );
}

#[test]
fn links_that_lead_nowhere_fail() {
    for text in [
        "[a](nowhere.md)",
        "[a](crates/nowhere.md#x)",
        "[a]: nowhere.md",
        "[a](../README.md)",
        "[a](crates/y(1))",
    ] {
        assert_eq!(lines_found("README.md", text), [1], "{text}");
    }
    assert_eq!(
        lines_found("crates/README.md", "ok\n[a](crates/x)\n"),
        [2],
        "links start at their own folder"
    );
    let two = "[a](one.md) [b](two.md)";
    assert_eq!(lines_found("README.md", two), [1, 1]);
}

#[test]
fn rustdoc_checks_items_in_pages_it_renders() {
    let text = "[a](crate::spawn) [b](Runtime)";
    assert_eq!(lines_found("crates/x/src/guide/a.md", text), [0; 0]);
    assert_eq!(lines_found("crates/x/src/guide/a.md", "[a](other.md)"), [1]);
    assert_eq!(lines_found("README.md", text), [1, 1]);
}
