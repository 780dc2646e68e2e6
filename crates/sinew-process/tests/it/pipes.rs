//! Talking to a child.

use std::future::Future;
use std::pin::pin;
use std::process::Stdio;
use std::task::{Context, Waker};

use sinew_core::{block_on, join};
use sinew_io::{AsyncReadExt, AsyncWriteExt};
use sinew_process::{ChildStdout, Command};

use crate::shell;

/// More than a pipe holds, so that both sides have to wait for each other.
const LARGE: usize = 1 << 20;

#[test]
fn what_goes_in_comes_out() {
    block_on(async {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let sent: Vec<u8> = (0..LARGE).map(|i| (i % 251) as u8).collect();
        let mut received = Vec::new();
        let (written, read) = join!(
            async {
                stdin.write_all(&sent).await.unwrap();
                drop(stdin);
            },
            stdout.read_to_end(&mut received)
        );
        let () = written;
        assert_eq!(read.unwrap(), LARGE);
        assert!(received == sent);
        assert!(child.wait().await.unwrap().success());
    });
}

#[test]
fn output_takes_both_streams_however_much_there_is() {
    let script = format!("head -c {LARGE} /dev/zero; head -c {LARGE} /dev/zero >&2; exit 9");
    let output = block_on(shell(&script).output()).unwrap();
    assert_eq!(output.status.code(), Some(9));
    assert_eq!(output.stdout.len(), LARGE);
    assert_eq!(output.stderr.len(), LARGE);
}

#[test]
fn waiting_closes_the_input() {
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(block_on(child.wait()).unwrap().success());
    assert!(child.stdin.is_none());

    let child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = block_on(child.wait_with_output()).unwrap();
    assert!(output.stdout.is_empty());
}

#[test]
fn a_read_waits_for_the_child_and_loses_nothing_when_dropped() {
    block_on(async {
        let mut child = shell("read line; echo $line")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut byte = [0; 1];
        {
            let mut read = pin!(stdout.read(&mut byte));
            let mut cx = Context::from_waker(Waker::noop());
            assert!(read.as_mut().poll(&mut cx).is_pending());
        }
        child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(b"pong\n")
            .await
            .unwrap();
        let mut line = String::new();
        stdout.read_to_string(&mut line).await.unwrap();
        assert_eq!(line, "pong\n");
        assert!(child.wait().await.unwrap().success());
    });
}

#[test]
fn writing_to_a_child_that_is_gone_is_an_error() {
    block_on(async {
        let mut child = shell("exit 0").stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        child.wait().await.unwrap();
        // A child of another test has our descriptors until it runs its program.
        let error = loop {
            if let Err(error) = stdin.write_all(b"anyone?").await {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_pipe_goes_from_one_child_to_the_next() {
    block_on(async {
        let mut first = shell("printf 'b\\na\\n'")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let between: Stdio = first.stdout.take().unwrap().try_into().unwrap();
        let second = Command::new("sort").stdin(between).output().await.unwrap();
        assert_eq!(second.stdout, b"a\nb\n");
        assert!(first.wait().await.unwrap().success());
    });
}

#[test]
fn a_pipe_of_std_is_taken_over() {
    let mut child = std::process::Command::new("echo")
        .arg("hi")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
    let mut text = String::new();
    block_on(stdout.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "hi\n");
    child.wait().unwrap();
}

/// Readiness is told once for each change: a second piece must be told too, also
/// to a reader that has seen the pipe empty in between.
#[test]
fn each_piece_of_a_child_that_goes_on_is_received() {
    block_on(async {
        let mut command = shell("echo one; read line; echo two; read line");
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut piece = [0; 4];
        for expected in [b"one\n", b"two\n"] {
            stdout.read_exact(&mut piece).await.unwrap();
            assert_eq!(&piece, expected);
            {
                let mut byte = [0; 1];
                let mut read = pin!(stdout.read(&mut byte));
                let mut cx = Context::from_waker(Waker::noop());
                assert!(read.as_mut().poll(&mut cx).is_pending(), "it waits for us");
            }
            stdin.write_all(b"go on\n").await.unwrap();
        }
        assert_eq!(stdout.read(&mut piece).await.unwrap(), 0);
        assert!(child.wait().await.unwrap().success());
    });
}
