//! Running one test of this binary in a process of its own.

use std::env;
use std::process::Command;

const MARK: &str = "SINEW_SIGNAL_TEST_CHILD";

/// True in the child; in the parent, runs the child and checks that it passed.
pub(crate) fn is_child(test: &str) -> bool {
    if env::var_os(MARK).is_some() {
        return true;
    }
    let output = Command::new(env::current_exe().expect("this binary has a path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(MARK, "1")
        .output()
        .expect("the test binary starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test} in a child: {}\n{stdout}\n{stderr}",
        output.status,
    );
    false
}
