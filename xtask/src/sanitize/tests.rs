use std::path::PathBuf;

use crate::sanitize::{Tool, command, run, runner_variable, runs};
use crate::workspace::{Package, Workspace};

fn workspace() -> Workspace {
    Workspace {
        root: PathBuf::from("/project"),
        target: PathBuf::from("/project/target"),
        rust_version: "1.85".to_owned(),
        packages: vec![package()],
    }
}

fn package() -> Package {
    Package {
        name: "sinew-task".to_owned(),
        dir: "crates/sinew-task".to_owned(),
        ..Package::default()
    }
}

#[test]
fn the_runner_variable_is_cargos() {
    assert_eq!(
        runner_variable("x86_64-unknown-linux-gnu"),
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER"
    );
}

#[test]
fn commands_can_be_pasted_into_a_shell() {
    let host = "x86_64-unknown-linux-gnu";
    let memcheck = command(&workspace(), &package(), Tool::Memcheck, host).shown();
    assert!(
        memcheck.contains("_RUNNER='valgrind --quiet "),
        "{memcheck}"
    );
    assert!(memcheck.ends_with("cargo test -p sinew-task --lib --tests"));
    let address = command(&workspace(), &package(), Tool::Address, host).shown();
    assert!(
        address.contains("RUSTFLAGS='-Zsanitizer=address "),
        "{address}"
    );
    assert!(address.contains("cargo +nightly test"), "{address}");
    assert!(address.contains("--target-dir /project/target/address"));
}

#[test]
fn an_unknown_crate_is_a_usage_error() {
    assert!(run(&workspace(), &["sinew-typo".to_owned()]).is_err());
}

#[test]
fn programs_are_probed() {
    assert!(runs("cargo", &["--version"]));
    assert!(!runs("no-such-program-anywhere", &[]));
}
