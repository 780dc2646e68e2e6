use super::*;

fn lines_found(path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text);
    check(&source).into_iter().map(|v| v.line).collect()
}

const SLEEP: &str = "fn f() {\n    std::thread::sleep(TICK);\n}\n";

#[test]
fn a_sleeping_test_fails() {
    for path in [
        "crates/x/tests/it/main.rs",
        "crates/x/src/a/tests.rs",
        "examples/a/tests/it/main.rs",
    ] {
        assert_eq!(lines_found(path, SLEEP), [2], "{path}");
    }
    let inline = format!("#[cfg(test)]\nmod tests {{\n{SLEEP}}}\n");
    assert_eq!(lines_found("crates/x/src/a.rs", &inline), [4]);
    let import = "use std::thread::sleep;\n";
    assert_eq!(lines_found("crates/x/src/a/tests.rs", import), [1]);
}

#[test]
fn code_that_is_no_test_may_sleep() {
    assert_eq!(lines_found("crates/x/src/a.rs", SLEEP), [0; 0]);
    assert_eq!(lines_found("benches/tests/a.rs", SLEEP), [0; 0]);
}

#[test]
fn an_excuse_needs_a_reason() {
    let path = "crates/x/src/a/tests.rs";
    let above = "// tidy: sleep is the subject: a blocking closure blocks.\nthread::sleep(t);\n";
    assert_eq!(lines_found(path, above), [0; 0]);
    let beside = "thread::sleep(t); // tidy: sleep is the subject, it blocks the worker\n";
    assert_eq!(lines_found(path, beside), [0; 0]);
    let bare = "// tidy: sleep is the subject\nthread::sleep(t);\n";
    assert_eq!(lines_found(path, bare), [2]);
    let far = "// tidy: sleep is the subject: it blocks.\nf();\nthread::sleep(t);\n";
    assert_eq!(lines_found(path, far), [3]);
}
