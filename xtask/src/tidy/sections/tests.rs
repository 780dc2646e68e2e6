use super::*;

const TEXT: &str = "# Title\n## One\na\n### deeper\n```text\n# not a heading\n```\n## Two\nb\n";

#[test]
fn a_section_ends_at_the_next_heading_of_its_level() {
    let lines: Vec<_> = section(TEXT, "One").unwrap();
    assert_eq!(lines.first(), Some(&(3, "a")));
    assert_eq!(lines.len(), 5, "the fenced line is no heading");
    assert_eq!(section(TEXT, "Two").unwrap(), [(9, "b")]);
    assert_eq!(section(TEXT, "Three"), None);
    assert_eq!(section(TEXT, "deeper"), None);
}

#[test]
fn entries_name_what_they_are_about() {
    let one = entry("- `slab`: keys for sources").unwrap();
    assert_eq!((one.names, one.rest), (vec!["slab"], "keys for sources"));
    let three = entry("- `syn`, `quote` and `proc-macro2`: the macros").unwrap();
    assert_eq!(three.names, ["syn", "quote", "proc-macro2"]);
    assert_eq!(three.rest, "the macros");
    let bare = entry("- `slab`").unwrap();
    assert_eq!(bare.rest, "");
    assert_eq!(entry("- slab: keys"), None);
    assert_eq!(entry("`slab`: keys"), None);
    assert_eq!(entry("- `slab"), None);
}
