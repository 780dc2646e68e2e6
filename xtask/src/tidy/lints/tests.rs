use super::*;

#[test]
fn a_manifest_that_opts_in_passes() {
    let table = "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n";
    assert_eq!(check_manifest("a/Cargo.toml", table), []);
    let dotted = "lints.workspace = true\n\n[package]\nname = \"a\"\n";
    assert_eq!(check_manifest("a/Cargo.toml", dotted), []);
}

#[test]
fn a_manifest_that_does_not_opt_in_fails() {
    for text in [
        "[package]\nname = \"a\"\n",
        "[package]\nworkspace = true\n",
        "[lints]\nworkspace = false\n",
        "[lints]\n\n[dependencies]\nworkspace = true\n",
        "[lints.rust]\nunsafe_code = \"forbid\"\n",
    ] {
        let found = check_manifest("a/Cargo.toml", text);
        assert_eq!(found.len(), 1, "{text}");
    }
}

#[test]
fn the_facade_must_forbid_unsafe_code() {
    let lib = |text| Source::new("crates/sinew/src/lib.rs", text);
    let good = lib("//! Docs.\n#![forbid(unsafe_code)]\n");
    assert_eq!(check_forbid("sinew", &good), []);
    let commented = lib("//! Docs.\n// #![forbid(unsafe_code)]\n");
    assert_eq!(check_forbid("sinew", &commented).len(), 1);
    assert_eq!(check_forbid("sinew-runtime", &lib("//! Docs.\n")).len(), 1);
    assert_eq!(check_forbid("sinew-task", &lib("//! Docs.\n")), []);
}
