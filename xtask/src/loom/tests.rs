use super::*;

fn shown(quick: bool) -> String {
    let workspace = Workspace {
        root: "/w".into(),
        target: "/w/target".into(),
        rust_version: "1.85".to_owned(),
        packages: Vec::new(),
    };
    let package = Package {
        name: "sinew-core".to_owned(),
        ..Package::default()
    };
    command(&workspace, &package, quick).shown()
}

#[test]
fn a_crate_with_a_loom_file_has_models() {
    let folder = std::env::temp_dir().join(format!("xtask-loom-{}", std::process::id()));
    let deep = folder.join("state/tests");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(folder.join("bloom.rs"), "").unwrap();
    let before = has_models(&folder);
    std::fs::write(deep.join("loom.rs"), "").unwrap();
    let after = has_models(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(!before.unwrap() && after.unwrap());
}

#[test]
fn the_full_run_has_two_preemptions() {
    assert_eq!(
        shown(false),
        "RUSTFLAGS='--cfg sinew_loom' LOOM_MAX_PREEMPTIONS=2 cargo test --release -p sinew-core --lib loom --target-dir /w/target/loom"
    );
}

#[test]
fn the_quick_run_is_bounded() {
    let shown = shown(true);
    for part in [
        "LOOM_QUICK=1",
        "LOOM_MAX_PREEMPTIONS=1",
        "LOOM_MAX_DURATION=10",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn a_workspace_without_models_is_told_so() {
    let workspace = Workspace {
        root: "/w".into(),
        target: "/w/target".into(),
        rust_version: "1.85".to_owned(),
        packages: Vec::new(),
    };
    assert!(models(&workspace, true, &mut Tally::default()).is_err());
}
