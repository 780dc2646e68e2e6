//! What cannot be started, and what the error says.

use std::io::ErrorKind;

use sinew_core::block_on;
use sinew_core::error::raw_os_error;
use sinew_process::Command;

const ENOENT: i32 = 2;

#[test]
fn a_missing_program_is_named() {
    for error in [
        Command::new("/nowhere/at-all").spawn().unwrap_err(),
        block_on(Command::new("/nowhere/at-all").status()).unwrap_err(),
        block_on(Command::new("/nowhere/at-all").output()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(
            error.to_string().starts_with("start /nowhere/at-all: "),
            "{error}"
        );
        assert_eq!(raw_os_error(&error), Some(ENOENT));
    }
}

#[test]
fn a_directory_or_a_name_with_a_nul_is_refused() {
    let error = Command::new("/").spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let error = Command::new("tr\0ue").spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("start "), "{error}");
}
