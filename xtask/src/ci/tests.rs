use super::*;

fn workspace() -> Workspace {
    Workspace {
        root: env!("CARGO_MANIFEST_DIR").into(),
        target: "/t".into(),
        rust_version: "1.85".to_owned(),
        packages: Vec::new(),
    }
}

#[test]
fn the_steps_come_in_their_order() {
    let names: Vec<&str> = steps(&workspace()).iter().map(|step| step.name).collect();
    assert_eq!(
        names,
        [
            "format",
            "tidy",
            "clippy",
            "features",
            "examples",
            "docs",
            "tests",
            "doc tests",
            "book",
            "loom"
        ]
    );
}

#[test]
fn a_step_says_how_to_repeat_it() {
    let steps = steps(&workspace());
    let repeat = |name: &str| {
        let step = steps.iter().find(|step| step.name == name);
        step.map(Step::repeat).unwrap_or_default()
    };
    assert_eq!(repeat("tidy"), "cargo xtask tidy");
    assert_eq!(repeat("loom"), "cargo xtask loom --quick");
    assert_eq!(
        repeat("docs"),
        "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps"
    );
}

#[test]
fn a_run_without_tests_is_a_failure() {
    let command = Cargo::new(&workspace().root, ["--version"]);
    let mut tally = Tally::default();
    let Err(Error::Failed(message)) = run_tests(&command, &mut tally) else {
        panic!("expected a failure");
    };
    assert!(message.contains("ran no test"), "{message}");
}
