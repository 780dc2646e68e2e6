//! Children under the cancellation kit: dropped at any await, an operation has lost no
//! child, no end and no byte.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread::JoinHandle;

use futures::FutureExt as _;
use sinew_core::block_on;
use sinew_io::{AsyncReadExt as _, AsyncWriteExt};
use sinew_process::{Child, Command, Stdio};
use sinew_testing::cancel::every_pending;

use crate::shell;

/// A child that reads its input to the end.
fn cat() -> Command {
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    cat
}

/// An operation that may be dropped at any time, after which the child can still be
/// waited for.
async fn leaves_the_end<T>(
    make: impl Fn() -> Child,
    operation: impl AsyncFn(&mut Child) -> T,
    check: impl Fn(&mut Child, ExitStatus, Option<T>),
) {
    let runs = every_pending(
        async || (make(), ()),
        async |child| operation(child).await,
        |(), _| {},
        async |mut child, (), output| {
            if output.is_none() {
                // Not even begun, perhaps: so that it ends in any case.
                drop(child.stdin.take());
            }
            let status = child.wait().await.unwrap();
            check(&mut child, status, output);
            assert_eq!(child.try_wait().unwrap(), Some(status));
        },
    )
    .await;
    assert!(runs > 2, "it waits for the child: {runs}");
}

#[test]
fn waiting() {
    let spawn = || cat().spawn().unwrap();
    let wait = async |child: &mut Child| child.wait().await.unwrap();
    block_on(leaves_the_end(spawn, wait, |_, status, waited| {
        assert!(status.success());
        assert!(waited.is_none_or(|waited| waited == status));
    }));
}

#[test]
fn killing() {
    let sleeper = || Command::new("sleep").arg("1000").spawn().unwrap();
    let mut run = 0;
    block_on(every_pending(
        async || (sleeper(), ()),
        async |child| child.kill().await.unwrap(),
        |(), _| {},
        async |mut child, (), _| {
            if run == 0 {
                // The signal is sent at the first poll, and not before.
                assert_eq!(child.try_wait().unwrap(), None);
                child.start_kill().unwrap();
            }
            run += 1;
            assert!(!child.wait().await.unwrap().success());
        },
    ));
}

/// What a child that is held by a future has to do with the test.
struct Line {
    /// The child's standard input is the other end.
    input: UnixStream,
    /// The child makes this once it has read a line.
    made: PathBuf,
    begun: bool,
    released: bool,
}

impl Line {
    fn release(&mut self) {
        // The child may be gone by then.
        let _ = self.input.write_all(b"\n");
        self.released = true;
    }

    /// The child goes on without the future that was dropped.
    fn goes_on(mut self) {
        self.release();
        while !self.made.exists() {
            std::thread::yield_now();
        }
    }

    /// The child has been killed where it was.
    fn was_killed(mut self) {
        if let Err(error) = self.input.read_to_end(&mut Vec::new()) {
            // It was killed before it had read its line.
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            assert!(self.released);
        }
        assert!(self.released || !self.made.exists());
    }
}

/// Drops a future that holds a child; `check` sees what became of that.
async fn holds_a_child<T>(
    operation: impl AsyncFn(Command) -> T,
    kill_on_drop: bool,
    check: impl Fn(Line),
) {
    let dir = tempfile::tempdir().unwrap();
    let mut run = 0;
    let runs = every_pending(
        async || {
            run += 1;
            let (input, of_child) = UnixStream::pair().unwrap();
            let made = dir.path().join(run.to_string());
            let mut command = shell("read line; echo > \"$0\"; exec cat");
            command.arg(&made).stdin(OwnedFd::from(of_child));
            command.stdout(Stdio::piped()).kill_on_drop(kill_on_drop);
            let line = Line {
                input,
                made,
                begun: run > 1,
                released: false,
            };
            (Some(command), line)
        },
        async |command| operation(command.take().unwrap()).await,
        |line, _| {
            line.release();
            line.input.shutdown(Shutdown::Write).unwrap();
        },
        async |command, line, output| {
            drop(command);
            match output {
                Some(_) => assert!(line.made.exists()),
                None if line.begun => check(line),
                None => assert!(!line.made.exists()),
            }
        },
    )
    .await;
    assert!(runs > 2, "it waits for the child: {runs}");
}

#[test]
fn a_dropped_future_leaves_its_child_to_itself_or_kills_it() {
    block_on(async {
        for (kill, check) in [(false, Line::goes_on as fn(_)), (true, Line::was_killed)] {
            let status = async |mut command: Command| command.status().await.unwrap();
            holds_a_child(status, kill, check).await;
            let output = async |mut command: Command| command.output().await.unwrap();
            holds_a_child(output, kill, check).await;
            let waited = async |mut command: Command| {
                let child = command.spawn().unwrap();
                child.wait_with_output().await.unwrap()
            };
            holds_a_child(waited, kill, check).await;
        }
    });
}

#[test]
fn reading_from_a_child() {
    block_on(async {
        let runs = every_pending(
            async || {
                let (input, of_child) = UnixStream::pair().unwrap();
                let mut child = cat().stdin(OwnedFd::from(of_child)).spawn().unwrap();
                (child.stdout.take().unwrap(), (child, input))
            },
            async |output| {
                let mut buf = [0; 8];
                let count = output.read(&mut buf).await.unwrap();
                buf[..count].to_vec()
            },
            |(_, input), _| {
                input.write_all(b"line").unwrap();
            },
            async |mut output, (mut child, mut input), read| {
                input.write_all(b"rest").unwrap();
                drop(input);
                let mut all = read.unwrap_or_default();
                output.read_to_end(&mut all).await.unwrap();
                assert!(all.ends_with(b"rest"));
                assert!(all[..all.len() - 4].chunks(4).all(|line| line == b"line"));
                assert!(child.wait().await.unwrap().success());
            },
        )
        .await;
        assert!(runs > 2, "{runs}");
    });
}

/// Writes until there is no room, for a child that does not read yet. Gives how much.
fn fill(input: &mut (impl AsyncWriteExt + Unpin)) -> usize {
    let mut total = 0;
    // Whole pages, so that none has room for a few bytes more.
    while let Some(count) = input.write(&[0; 1 << 16]).now_or_never() {
        total += count.unwrap();
    }
    total
}

#[test]
fn writing_to_a_child() {
    let dir = tempfile::tempdir().unwrap();
    let gate = dir.path().join("gate");
    rustix::fs::mkfifoat(rustix::fs::CWD, &gate, rustix::fs::Mode::RWXU).unwrap();
    block_on(async {
        let runs = every_pending(
            async || {
                let mut command = shell("read line < \"$0\"; exec cat");
                command.arg(&gate);
                command.stdin(Stdio::piped()).stdout(Stdio::piped());
                let mut child = command.spawn().unwrap();
                let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take());
                let full = fill(&mut input);
                (input, (child, output, full, None))
            },
            async |input| input.write(b"text").await.unwrap(),
            |(_, output, _, reader), _| {
                if let Some(output) = output.take() {
                    *reader = Some(count(&gate, output));
                }
            },
            async |input, (mut child, output, full, reader), written| {
                drop(input);
                let reader = reader.or_else(|| output.map(|output| count(&gate, output)));
                let said = reader.unwrap().join().unwrap();
                assert_eq!(said, full + written.unwrap_or(0));
                assert!(child.wait().await.unwrap().success());
            },
        )
        .await;
        assert!(runs > 2, "{runs}");
    });
}

/// Lets a child begin to read, and counts what it says, in a thread of its own.
fn count(gate: &Path, mut output: sinew_process::ChildStdout) -> JoinHandle<usize> {
    std::fs::write(gate, "\n").unwrap();
    std::thread::spawn(move || {
        let mut all = Vec::new();
        block_on(output.read_to_end(&mut all)).unwrap()
    })
}
