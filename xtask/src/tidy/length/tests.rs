use super::*;

/// How many violations and warnings a file of `lines` lines of code has.
fn counts(path: &str, lines: usize) -> (usize, usize) {
    let text = "a();\n\n// Neither of these two counts.\n".repeat(lines);
    let source = Source::new(path, &text);
    (check(&source).len(), warnings(&source).len())
}

#[test]
fn code_lines_decide() {
    let path = "crates/x/src/a.rs";
    assert_eq!(counts(path, 400), (0, 0));
    assert_eq!(counts(path, 401), (0, 1));
    assert_eq!(counts(path, 600), (0, 1));
    assert_eq!(counts(path, 601), (1, 0));
}

#[test]
fn every_source_folder_counts_and_no_other() {
    assert_eq!(counts("xtask/src/a.rs", 601), (1, 0));
    assert_eq!(counts("examples/a/src/main.rs", 601), (1, 0));
    assert_eq!(counts("benches/a.rs", 601), (1, 0));
    assert_eq!(counts("vendor/a.rs", 601), (0, 0));
}
