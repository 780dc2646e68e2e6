use super::*;

const TREE: &str = "\
only-x v0.1.0 (/w/examples/only-x)
sinew-core v0.1.0 (/w/crates/sinew-core)
parking v2.2.1
slab v0.4.11
slab v0.5.0
sinew-core v0.1.0 (/w/crates/sinew-core) (*)
";

fn what(written: Option<&str>) -> Option<String> {
    compare("examples/only-x/crates.txt", written, &names(TREE)).map(|v| v.what)
}

#[test]
fn an_equal_list_passes() {
    assert_eq!(what(Some("only-x\nparking\nsinew-core\nslab\n")), None);
}

#[test]
fn a_different_list_fails_and_says_how() {
    let what = what(Some("only-x\nparking\npolling\nsinew-core\n")).unwrap();
    assert!(what.contains("new: [slab], gone: [polling]"), "{what}");
}

#[test]
fn a_list_out_of_order_or_absent_fails() {
    assert!(what(Some("parking\nonly-x\nsinew-core\nslab\n")).is_some());
    assert!(what(None).unwrap().contains("--bless"));
}

#[test]
fn the_proofs_must_have_a_list() {
    for name in [
        "only-executor",
        "only-sync",
        "own-executor",
        "foreign-executor",
    ] {
        assert!(must_list(&format!("examples/{name}")), "{name}");
    }
    assert!(!must_list("examples/web-server"));
    assert!(!must_list("crates/only-x"));
}
