//! Starting, waiting, killing.

use std::future::Future;
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::Stdio;
use std::task::{Context, Waker};

use sinew_core::{block_on, join};
use sinew_process::Command;

use crate::shell;

const SIGKILL: i32 = 9;

#[test]
fn waits_for_the_end_and_says_how_it_ended() {
    let mut child = shell("exit 7").spawn().unwrap();
    assert!(child.id().unwrap() > 0);
    let status = block_on(child.wait()).unwrap();
    assert_eq!(status.code(), Some(7));
    assert_eq!(child.id(), None, "the number may belong to another by now");
    assert_eq!(block_on(child.wait()).unwrap(), status, "waiting is fused");
    assert_eq!(child.try_wait().unwrap(), Some(status));
}

#[test]
fn waits_for_many_at_once() {
    let children = (0..20).map(|number| {
        let mut child = shell(&format!("exit {number}")).spawn().unwrap();
        async move { child.wait().await.unwrap().code() }
    });
    let codes = block_on(futures::future::join_all(children));
    assert_eq!(codes, (0..20).map(Some).collect::<Vec<_>>());
}

#[test]
fn a_running_child_is_not_waited_for() {
    let mut child = shell("exec sleep 600").spawn().unwrap();
    assert_eq!(child.try_wait().unwrap(), None);
    {
        let mut wait = pin!(child.wait());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    block_on(child.kill()).unwrap();
    let status = child.try_wait().unwrap().unwrap();
    assert_eq!(status.signal(), Some(SIGKILL));
}

#[test]
fn killing_a_child_that_has_ended_is_nothing() {
    let mut child = shell("exit 2").spawn().unwrap();
    block_on(child.wait()).unwrap();
    child.start_kill().unwrap();
    block_on(child.kill()).unwrap();
    assert_eq!(block_on(child.wait()).unwrap().code(), Some(2));
}

#[test]
fn a_dropped_wait_is_taken_up_by_the_next() {
    let mut child = shell("read line; exit 3")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take();
    for _ in 0..3 {
        let mut wait = pin!(child.wait());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    drop(stdin);
    assert_eq!(block_on(child.wait()).unwrap().code(), Some(3));
}

#[test]
fn the_command_can_be_used_again() {
    let mut command = shell("exit 4");
    let (first, second) = block_on(async { join!(command.status(), command.status()) });
    assert_eq!(first.unwrap().code(), Some(4));
    assert_eq!(second.unwrap().code(), Some(4));
}

#[test]
fn everything_of_the_command_reaches_the_child() {
    let dir = std::env::temp_dir().canonicalize().unwrap();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .args(["echo $0 $1 $A $B $C; pwd"])
        .args(["zero", "one"])
        .env("A", "a")
        .envs([("B", "b"), ("C", "c")])
        .env_remove("C")
        .current_dir(&dir)
        .process_group(0);
    assert_eq!(command.get_program(), "sh");
    assert_eq!(command.get_args().count(), 4);
    assert_eq!(command.get_envs().count(), 3);
    assert_eq!(command.get_current_dir(), Some(&*dir));
    let output = block_on(command.output()).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, format!("zero one a b\n{}\n", dir.display()));

    let output = block_on(
        Command::new("sh")
            .arg0("other")
            .args(["-c", "echo $0"])
            .output(),
    );
    assert_eq!(output.unwrap().stdout, b"other\n");
}

#[test]
fn a_closure_runs_in_the_child_before_the_program() {
    let mut command = shell("exit 0");
    // SAFETY: the closure makes one value and calls nothing.
    unsafe { command.pre_exec(|| Err(std::io::Error::from_raw_os_error(13))) };
    let error = command.spawn().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn a_command_of_std_goes_in_and_out() {
    let mut command = Command::from(std::process::Command::new("true"));
    assert!(!command.get_kill_on_drop());
    command.kill_on_drop(true);
    assert!(command.get_kill_on_drop());
    command.as_std_mut().arg("ignored");
    assert_eq!(command.as_std().get_args().count(), 1);
    assert!(command.into_std().status().unwrap().success());
}

#[test]
fn the_wait_outlives_the_reactor_it_began_on() {
    let mut child = shell("read line; exit 5")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap().into_owned_fd().unwrap();
    let reactor = sinew_reactor::Reactor::new().unwrap();
    {
        let _entered = reactor.clone().enter();
        let mut wait = pin!(child.wait());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    reactor.shutdown();
    drop(stdin);
    assert_eq!(block_on(child.wait()).unwrap().code(), Some(5));
}

#[test]
fn debug_output_names_what_there_is() {
    let mut child = shell("exit 0").spawn().unwrap();
    assert!(format!("{child:?}").contains("id: Some("));
    block_on(child.wait()).unwrap();
    assert!(format!("{child:?}").contains("status: "));
    assert!(format!("{:?}", Command::new("ls")).contains("ls"));
}
