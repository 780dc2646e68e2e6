use super::*;

fn lines_found(text: &str) -> Vec<usize> {
    let source = Source::new("crates/x/src/a.rs", text);
    check(&source).into_iter().map(|v| v.line).collect()
}

#[test]
fn explained_blocks_pass() {
    for text in [
        "// SAFETY: it is valid.\nlet a = unsafe { *p };\n",
        "// SAFETY: it is valid,\n// and stays so.\nlet a =\n    f(unsafe { *p });\n",
        "let a = unsafe { *p }; // SAFETY: it is valid.\n",
        "// SAFETY: no interior state.\n#[cfg(unix)]\nunsafe impl Send for A {}\n",
        "match x {\n    // SAFETY: it is valid.\n    A => unsafe { *p },\n}\n",
    ] {
        assert_eq!(lines_found(text), [0; 0], "{text}");
    }
}

#[test]
fn unexplained_blocks_fail() {
    assert_eq!(lines_found("fn f() {\n    unsafe { g() }\n}\n"), [2]);
    assert_eq!(
        lines_found("// Not about safety.\nunsafe impl Send for A {}\n"),
        [2]
    );
    let other = "// SAFETY: the first.\nlet a = unsafe { *p };\nlet b = unsafe { *q };\n";
    assert_eq!(lines_found(other), [3], "one comment serves one statement");
    let apart = "// SAFETY: far away.\n\nlet a = unsafe { *p };\n";
    assert_eq!(lines_found(apart), [3], "a blank line parts them");
    assert_eq!(lines_found("let a = f(unsafe\n{ *p });\n"), [1]);
}

#[test]
fn only_blocks_and_impls_count() {
    for text in [
        "pub unsafe fn f() {}\n",
        "#![forbid(unsafe_code)]\n",
        "let a = \"unsafe {\"; // unsafe {\n",
        "fn unsafe_it() { not_unsafe {} }\n",
        "trait A { unsafe fn f(); }\n",
    ] {
        assert_eq!(lines_found(text), [0; 0], "{text}");
    }
}

#[test]
fn files_outside_of_the_crates_are_left_alone() {
    let source = Source::new("examples/a/src/main.rs", "unsafe { f() }\n");
    assert_eq!(check(&source), []);
}
