use super::*;

fn lines_found(text: &str) -> Vec<usize> {
    let source = Source::new("crates/x/src/a.rs", text);
    check(&source).into_iter().map(|v| v.line).collect()
}

#[test]
fn explained_orderings_pass() {
    for text in [
        "// ORDERING: pairs with the store in `close`.\na.load(Ordering::Acquire);\n",
        "a.load(Ordering::Acquire); // ORDERING: pairs with `close`.\n",
        "// ORDERING: one\n// two\n// three\na.compare_exchange(\n    1,\n    2,\n    Ordering::AcqRel,\n    Ordering::Relaxed,\n);\n",
        "a.load(Ordering::Relaxed);\n",
        "use std::sync::atomic::{AtomicU8, Ordering};\n",
        "use std::cmp::Ordering::{self, Less};\n",
        "/// See [`Ordering::Acquire`].\nfn f() {}\n",
        "#[cfg(test)]\nmod tests {\n    use std::sync::atomic::Ordering::SeqCst;\n    fn f() { a.load(Ordering::SeqCst); }\n}\n",
    ] {
        assert_eq!(lines_found(text), [0; 0], "{text}");
    }
}

#[test]
fn each_unexplained_ordering_fails() {
    for name in STRONG {
        let text = format!("fn f() {{\n    a.load(atomic::Ordering::{name});\n}}\n");
        assert_eq!(lines_found(&text), [2], "{name}");
    }
    assert_eq!(lines_found("fence(Ordering::SeqCst);\n"), [1]);
}

#[test]
fn a_comment_reaches_six_lines() {
    let text = |lines: usize| {
        let between = "a();\n".repeat(lines);
        format!("// ORDERING: far.\n{between}a.load(Ordering::Acquire);\n")
    };
    assert_eq!(lines_found(&text(5)), [0; 0]);
    assert_eq!(lines_found(&text(6)), [8]);
}

#[test]
fn an_import_that_hides_orderings_fails() {
    for text in [
        "use std::sync::atomic::Ordering::Acquire;\n",
        "pub(crate) use std::sync::atomic::Ordering::*;\n",
        "use std::sync::atomic::Ordering as O;\n",
    ] {
        assert_eq!(lines_found(text), [1], "{text}");
    }
    let text = "use std::sync::atomic::{\n    AtomicU8,\n    Ordering::{self, Release},\n};\n";
    assert_eq!(lines_found(text), [3]);
}

#[test]
fn tests_and_files_elsewhere_are_left_alone() {
    for path in ["crates/x/src/a/tests.rs", "examples/a/src/main.rs"] {
        let source = Source::new(path, "a.load(Ordering::SeqCst);\n");
        assert_eq!(check(&source), [], "{path}");
    }
}
