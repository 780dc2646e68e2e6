use super::*;

fn found(architecture: &str, folders: &[&str]) -> Vec<(usize, String)> {
    let folders: Vec<String> = folders.iter().map(|&f| f.to_owned()).collect();
    let violations = check(architecture, &folders);
    violations.into_iter().map(|v| (v.line, v.what)).collect()
}

#[test]
fn a_codemap_equal_to_the_folders_passes() {
    let text = "# House\n## Codemap\nFrom the top:\n- `sinew`: facade\n- `sinew-io` — traits\n";
    assert_eq!(found(text, &["sinew", "sinew-io"]), []);
}

#[test]
fn a_missing_section_fails() {
    assert!(found("# House\n", &[])[0].1.contains("## Codemap"));
}

#[test]
fn a_missing_line_and_a_stale_line_fail() {
    let text = "## Codemap\n- `sinew`: facade\n- `sinew-io`: traits\n";
    let found = found(text, &["sinew", "sinew-net"]);
    assert_eq!(found.len(), 2);
    assert!(
        found[0].1.contains("add a line for crates/sinew-net"),
        "{found:?}"
    );
    assert_eq!(found[1].0, 3);
    assert!(found[1].1.contains("no folder"), "{found:?}");
}

#[test]
fn a_line_that_says_nothing_fails() {
    let found = found("## Codemap\n- `sinew`\n- `sinew`: facade\n", &["sinew"]);
    assert_eq!(found.len(), 2);
    assert!(found[0].1.contains("what it is for"), "{found:?}");
    assert!(found[1].1.contains("twice"), "{found:?}");
}
