//! Real programs: shells that crash, stop, or refuse to.

use std::future::pending;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sinew::io::{AsyncBufReadExt, BufReader};
use sinew::process::Command;
use sinew::sync::oneshot;
use supervisor::{Backoff, Outcome, supervise};

const GRACE: Duration = Duration::from_secs(15);

fn shell(script: &str, directory: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(directory);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn backoff(first: Duration) -> Backoff {
    Backoff::new(first, first * 4, Duration::from_secs(60))
}

#[sinew::test(timeout = "60s")]
async fn a_crashing_program_is_started_until_it_ends_well() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = shell(
        "echo x >> runs; test $(wc -l < runs) -ge 4 || kill -9 $$",
        directory.path(),
    );
    let backoff = backoff(Duration::from_millis(2));
    let outcome = supervise(&mut command, backoff, GRACE, pending()).await;
    assert_eq!(outcome.unwrap(), Outcome::Finished);
    let runs = std::fs::read_to_string(directory.path().join("runs")).unwrap();
    assert_eq!(runs, "x\nx\nx\nx\n");
}

#[sinew::test(timeout = "60s")]
async fn it_can_be_told_to_stop_between_two_runs() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = shell("exit 3", directory.path());
    let (stop, stopped) = oneshot::channel();
    let supervision = sinew::spawn(async move {
        let backoff = backoff(Duration::from_secs(3600));
        let stop = async { stopped.await.unwrap() };
        supervise(&mut command, backoff, GRACE, stop).await
    });
    // In whichever state it is found: what there is to stop ends by itself.
    stop.send(()).unwrap();
    match supervision.await.unwrap().unwrap() {
        Outcome::Stopped | Outcome::Terminated(_) => {}
        other => panic!("{other:?}"),
    }
}

#[sinew::test(timeout = "60s")]
async fn a_program_that_does_not_stop_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().await.unwrap();
    assert!(made.success());
    let mut command = shell(
        "trap '' TERM; echo > pipe; while :; do sleep 1; done",
        directory.path(),
    );
    let stop = async {
        // Opened for reading once the program has opened it for writing.
        sinew::fs::read(&pipe).await.unwrap();
    };
    let grace = Duration::from_millis(20);
    let backoff = backoff(Duration::from_millis(2));
    let outcome = supervise(&mut command, backoff, grace, stop).await;
    assert_eq!(outcome.unwrap(), Outcome::Killed);
}

#[sinew::test(timeout = "60s")]
async fn a_program_that_is_not_there_is_an_error() {
    let mut command = Command::new("/no/such/program");
    let backoff = backoff(Duration::from_millis(2));
    let error = supervise(&mut command, backoff, GRACE, pending()).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("/no/such/program"), "{error}");
}

/// The whole program: SIGTERM reaches the child, what it prints arrives, and the
/// supervisor ends well.
#[sinew::test(timeout = "60s")]
async fn sigterm_stops_the_child_and_then_the_supervisor() {
    // It is the grandchild that says so: one that is still a copy of the shell, with
    // the shell's trap, would lose the signal.
    let script = "trap 'echo bye; exit 0' TERM; sh -c 'echo up; exec sleep 1000' & wait";
    let mut supervisor = Command::new(env!("CARGO_BIN_EXE_supervisor"))
        .args(["sh", "-c", script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(supervisor.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "up");
    let pid = Pid::from_raw(supervisor.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "bye");
    // At the end: nobody holds the pipe any more, so what the child started is
    // gone as well.
    assert_eq!(lines.next_line().await.unwrap(), None);
    let output = supervisor.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("terminate: stopping"), "{told}");
}
