use super::*;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_first_text_block_of_the_opening_comment_is_the_expectation() {
    let source = "//! Title.\n//!\n//! ```text\n//! one\n//!   two\n//!\n//! ```\n\nfn main() {}\n";
    assert_eq!(expectation(source), Some(lines("one\n  two\n\n")));
}

#[test]
fn no_block_or_an_open_one_is_no_expectation() {
    assert_eq!(expectation("//! Title.\nfn main() {}\n"), None);
    assert_eq!(expectation("//! ```text\n//! one\nfn main() {}\n"), None);
}

#[test]
fn a_pattern_stands_for_any_text_in_its_line() {
    assert!(matches("same", "same"));
    assert!(!matches("same", "same."));
    assert!(matches("took [..] ms, [..]", "took 12 ms, all"));
    assert!(matches("[..]", ""));
    assert!(!matches("took [..] ms", "took 12 s"));
}

#[test]
fn the_first_line_that_differs_is_named() {
    let expected = lines("one\n[..]");
    assert_eq!(difference(&expected, "one\nmore\n"), None);
    let other = difference(&expected, "two\n").unwrap();
    assert!(other.contains("line 1"), "{other}");
    let missing = difference(&expected, "one\n").unwrap();
    assert!(missing.contains("missing"), "{missing}");
    let more = difference(&expected, "one\ntwo\nthree\n").unwrap();
    assert!(more.contains("three"), "{more}");
}
