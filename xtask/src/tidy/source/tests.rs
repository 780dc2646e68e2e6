use super::*;

fn code_of(text: &str) -> Vec<String> {
    lexer::split(text)
        .into_iter()
        .map(|line| line.code)
        .collect()
}

fn comments_of(text: &str) -> Vec<String> {
    lexer::split(text)
        .into_iter()
        .map(|line| line.comment)
        .collect()
}

fn test_lines(path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text);
    source
        .numbered()
        .filter(|(_, line)| line.test)
        .map(|(number, _)| number)
        .collect()
}

#[test]
fn comments_leave_the_code() {
    let text = "let a = 1; // one\n/* two\n/* deeper */ still */ let b;\n";
    assert_eq!(code_of(text), ["let a = 1; ", "", " let b;"]);
    assert_eq!(
        comments_of(text),
        ["// one", "/* two", "/* deeper */ still */"]
    );
}

#[test]
fn contents_of_literals_leave_the_code() {
    assert_eq!(code_of(r#"f("a // b", 'x')"#), [r#"f("", '')"#]);
    assert_eq!(code_of(r#"f("a\"b", '\'', b'\\')"#), [r#"f("", '', b'')"#]);
    assert_eq!(
        code_of("r\"a\" br#\"b\"# c"),
        ["r\"\" br#\"\"# c"],
        "raw strings"
    );
    assert_eq!(code_of("\"one\ntwo\" x"), ["\"", "\" x"]);
}

#[test]
fn lifetimes_and_raw_identifiers_are_code() {
    let text = "fn f<'a>(r#type: &'a str) -> for<'b> fn(&'b u8) {}";
    assert_eq!(code_of(text), [text]);
    assert_eq!(code_of("bar\"x\""), ["bar\"\""]);
}

#[test]
fn a_line_inside_a_literal_counts_as_code() {
    let lines = lexer::split("let a = \"one\n\ntwo\";\n\n// no\n");
    let code: Vec<bool> = lines.iter().map(Line::is_code).collect();
    assert_eq!(code, [true, true, true, false, false]);
    assert!(lines[4].is_comment() && !lines[3].is_comment());
}

#[test]
fn a_last_line_without_newline_is_a_line() {
    assert_eq!(code_of("a\nb").len(), 2);
    assert_eq!(code_of("a\nb\n").len(), 2);
    assert_eq!(code_of("").len(), 0);
}

#[test]
fn inline_test_modules_are_test_code() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
    assert_eq!(test_lines("crates/x/src/lib.rs", text), [2, 3, 4, 5]);
    let text = "#[cfg(all(test, not(loom)))]\nuse a::{b, c};\nfn d() {}\n";
    assert_eq!(test_lines("crates/x/src/lib.rs", text), [1, 2]);
    let text = "#[cfg(not(test))]\nfn a() {}\n";
    assert_eq!(test_lines("crates/x/src/lib.rs", text), [0; 0]);
}

#[test]
fn whole_files_are_test_code_by_their_place() {
    for path in [
        "crates/x/tests/it/main.rs",
        "crates/x/src/wheel/tests.rs",
        "crates/x/src/wheel/tests/loom.rs",
        "crates/x/src/wheel/loom.rs",
        "crates/x/benches/b.rs",
    ] {
        assert_eq!(test_lines(path, "fn a() {}\n"), [1], "{path}");
    }
    for path in ["xtask/src/loom.rs", "crates/x/src/testing.rs"] {
        assert_eq!(test_lines(path, "fn a() {}\n"), [0; 0], "{path}");
    }
    assert_eq!(
        test_lines("crates/x/src/y.rs", "#![cfg(test)]\nfn a() {}\n"),
        [1, 2]
    );
}

#[test]
fn out_of_line_test_modules_mark_their_files() {
    let mut sources = [
        Source::new(
            "crates/x/src/lib.rs",
            "#[cfg(test)]\nmod model;\nmod wheel;\n",
        ),
        Source::new(
            "crates/x/src/wheel.rs",
            "#[cfg(all(test, loom))]\nmod sim;\n",
        ),
        Source::new("crates/x/src/model.rs", "fn a() {}\n"),
        Source::new("crates/x/src/model/part.rs", "fn a() {}\n"),
        Source::new("crates/x/src/wheel/sim.rs", "fn a() {}\n"),
        Source::new("crates/x/src/modelled.rs", "fn a() {}\n"),
    ];
    mark_test_modules(&mut sources);
    let marked: Vec<bool> = sources.iter().map(|s| s.lines[0].test).collect();
    assert_eq!(marked, [true, true, true, true, true, false]);
}

#[test]
fn words_end_at_identifier_characters() {
    assert!(has_word("unsafe {", "unsafe"));
    assert!(!has_word("unsafe_code", "unsafe"));
    assert!(has_word("(x.Acquire)", "Acquire"));
}

#[test]
fn places_are_told_apart() {
    let at = |path: &str| Source::new(path, "");
    assert!(at("crates/x/src/a/b.rs").is_crate_source());
    assert!(!at("crates/x/tests/it/main.rs").is_crate_source());
    assert!(!at("xtask/src/main.rs").is_crate_source());
    assert!(at("xtask/src/main.rs").is_under(&["xtask"]));
    assert!(!at("main.rs").is_under(&["xtask"]));
}
