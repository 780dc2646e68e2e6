use super::*;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_command_is_shown_as_a_shell_takes_it() {
    let cargo = Cargo::new(here(), ["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    assert_eq!(
        cargo.shown(),
        "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
    );
    assert_eq!(quoted("it's"), r"'it'\''s'");
    assert_eq!(quoted(""), "''");
}

#[test]
fn capture_returns_what_was_printed() {
    let version = Cargo::new(here(), ["--version"]).capture().unwrap();
    assert!(version.starts_with("cargo 1."), "{version}");
}

#[test]
fn tee_shows_each_line() {
    let mut seen = Vec::new();
    Cargo::new(here(), ["--version"])
        .tee(&mut |line| seen.push(line.to_owned()))
        .unwrap();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("cargo 1."));
}

#[test]
fn a_failing_command_names_itself() {
    let error = Cargo::new(here(), ["locate-project", "--manifest-path", "nowhere"])
        .run()
        .unwrap_err();
    let Error::Failed(message) = error else {
        panic!("expected a failure, got {error:?}");
    };
    assert!(
        message.contains("cargo locate-project --manifest-path nowhere"),
        "{message}"
    );
}
