//! No zombie and no descriptor is left. One test, because it counts descriptors
//! and children of the whole process; it runs itself in a process of its own.

use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use sinew_core::block_on;

use crate::shell;

/// Set in the process that counts.
const ALONE: &str = "SINEW_PROCESS_REAPING";

/// Long enough for a busy machine; the test goes on as soon as it can.
const PATIENCE: Duration = Duration::from_secs(60);

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Our children as the system lists them, in whatever state.
fn children() -> usize {
    let mine = process::id().to_string();
    let stats = fs::read_dir("/proc").unwrap().flatten();
    let parents = stats.filter_map(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let after_name = stat.rsplit_once(')')?.1.to_owned();
        after_name.split_whitespace().nth(1).map(str::to_owned)
    });
    parents.filter(|parent| *parent == mine).count()
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        thread::yield_now();
    }
}

/// 500 children and a few more.
fn all() {
    // Starts what stays for good: the default reactor.
    assert!(block_on(shell("exit 0").output()).unwrap().status.success());
    let before = descriptors();

    let dropped_while_running: Vec<_> = (0..150)
        .map(|_| {
            let mut command = shell("read line");
            command.stdin(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    drop(dropped_while_running);
    for _ in 0..200 {
        drop(shell("exit 0").stdout(Stdio::piped()).spawn().unwrap());
    }
    for _ in 0..150 {
        let mut command = shell("exec sleep 600");
        drop(command.kill_on_drop(true).spawn().unwrap());
    }
    let mut killed = shell("exec sleep 600");
    drop(killed.kill_on_drop(true).status());
    eventually("zombies are left", || children() == 0);
    eventually("descriptors are left", || descriptors() == before);

    // One that others started is left to them.
    let mut other = process::Command::new("true").spawn().unwrap();
    drop(shell("exit 0").spawn().unwrap());
    eventually("zombies are left", || children() == 1);
    assert!(other.wait().unwrap().success());
}

#[test]
#[cfg(target_os = "linux")]
fn a_dropped_child_leaves_neither_zombie_nor_descriptor() {
    if env::var_os(ALONE).is_some() {
        return all();
    }
    let output = process::Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "reaping::a_dropped_child_leaves_neither_zombie_nor_descriptor",
        ])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
