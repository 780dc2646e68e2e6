//! Tests in a process of their own: those that count descriptors, run out of them, or
//! need them closed for good, which a child that another test has just forked prevents.

use std::env;
use std::process::Command;

use rustix::process::{Resource, getrlimit};

/// Set in the child.
const CHILD: &str = "SINEW_NET_TEST_CHILD";

/// Runs the test `name` in a child with at most `limit` descriptors; returns `true` in the
/// child, which is to do the test.
pub(crate) fn in_child(name: &str, limit: u32) -> bool {
    if env::var_os(CHILD).is_some() {
        return true;
    }
    let most = getrlimit(Resource::Nofile).maximum;
    if most.is_some_and(|most| most < u64::from(limit)) {
        eprintln!("skipped: {limit} descriptors are more than is allowed here");
        return false;
    }
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -n {limit} && exec \"$0\" \"$@\""))
        .arg(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}
