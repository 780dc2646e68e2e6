use crate::portable::{command, first_words, of_version};
use crate::workspace::{Package, Workspace};

#[test]
fn a_toolchain_is_known_by_its_version() {
    assert!(of_version("1.85.0-x86_64-unknown-linux-gnu", "1.85"));
    assert!(of_version("1.85-x86_64-unknown-linux-gnu", "1.85"));
    assert!(!of_version("1.850.0-x86_64-unknown-linux-gnu", "1.85"));
    assert!(!of_version("stable-x86_64-unknown-linux-gnu", "1.85"));
}

#[test]
fn marks_behind_a_name_are_not_part_of_it() {
    let names = first_words("stable-host (active, default)\nnightly-host\n");
    assert!(names.contains("stable-host"));
    assert!(names.contains("nightly-host"));
    assert_eq!(names.len(), 2);
}

#[test]
fn only_published_crates_are_checked() {
    let package = |name: &str, published| Package {
        name: name.to_owned(),
        published,
        ..Package::default()
    };
    let workspace = Workspace {
        root: "/project".into(),
        target: "/project/target".into(),
        rust_version: "1.85".to_owned(),
        packages: vec![package("sinew", true), package("benches", false)],
    };
    let shown = command(&workspace, "oldest", &["--target", "t"]).shown();
    assert_eq!(
        shown,
        "cargo check --all-features -p sinew --target t --target-dir /project/target/oldest"
    );
}
