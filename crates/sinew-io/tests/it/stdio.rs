//! The standard streams of a process, which is this test program again.

use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, Command, Stdio};

use futures::executor::block_on;
use futures::future::{Either, ready, select};
use sinew_io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, copy, stderr, stdin, stdout};

/// Says to the tests below that they are what is tested.
const PART: &str = "SINEW_IO_STDIO_PART";

/// Runs the test of this name in a process of its own, as the tested part.
fn part(test: &str) -> Child {
    command(test)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs the test of this name as the tested part.
pub(crate) fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(PART, test);
    command
}

pub(crate) fn is_part(test: &str) -> bool {
    std::env::var(PART).is_ok_and(|part| part == test)
}

#[test]
fn echo() {
    let name = "stdio::echo";
    if is_part(name) {
        block_on(async {
            let count = copy(&mut stdin(), &mut stdout()).await.unwrap();
            stderr()
                .write_all(count.to_string().as_bytes())
                .await
                .unwrap();
            stderr().flush().await.unwrap();
            stdout().flush().await.unwrap();
        });
        return;
    }
    let mut child = part(name);
    let input = "line\n".repeat(50_000) + "end\n";
    let mut feed = child.stdin.take().unwrap();
    let output = std::thread::scope(|s| {
        s.spawn(|| {
            feed.write_all(input.as_bytes()).unwrap();
            drop(feed);
        });
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success());
    // The test harness talks before and after.
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains(&input),
        "{} bytes of {}",
        out.len(),
        input.len()
    );
}

#[test]
fn a_pending_read_does_not_keep_the_process_alive() {
    let name = "stdio::a_pending_read_does_not_keep_the_process_alive";
    if is_part(name) {
        block_on(async {
            let mut stdin = stdin();
            let mut buf = [0; 8];
            match select(stdin.read(&mut buf), ready(())).await {
                Either::Left(_) => panic!("nothing was sent"),
                Either::Right(((), read)) => drop(read),
            }
        });
        return;
    }
    let mut child = part(name);
    // It stays open until the process has ended.
    let _feed = child.stdin.take().unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn lines_of_many_tasks_stay_whole() {
    let name = "stdio::lines_of_many_tasks_stay_whole";
    if is_part(name) {
        let writer = |letter: &'static str| {
            std::thread::spawn(move || {
                block_on(async {
                    let mut out = stdout();
                    for _ in 0..200 {
                        // In pieces, between which the others may come.
                        for part in ["<", &letter.repeat(50), ">\n"] {
                            out.write_all(part.as_bytes()).await.unwrap();
                        }
                    }
                    out.flush().await.unwrap();
                });
            })
        };
        for thread in ["a", "b", "c"].map(writer) {
            thread.join().unwrap();
        }
        return;
    }
    let child = part(name);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    // The test harness may have begun the first line.
    let whole = BufReader::new(&output.stdout[..])
        .lines()
        .map(Result::unwrap)
        .filter_map(|line| line.find('<').map(|at| line[at..].to_owned()))
        .inspect(|line| assert!(line.len() == 52 && line.ends_with('>'), "{line}"));
    assert_eq!(whole.count(), 600);
}

#[test]
fn a_file_gets_everything() {
    let name = "stdio::a_file_gets_everything";
    if is_part(name) {
        block_on(async {
            let mut out = stdout();
            for number in 0..10_000 {
                out.write_all(format!("line {number}\n").as_bytes())
                    .await
                    .unwrap();
            }
            out.write_all(b"without an end").await.unwrap();
            out.flush().await.unwrap();
            let mut err = stderr();
            err.write_all(b"and errors\n").await.unwrap();
            err.flush().await.unwrap();
        });
        return;
    }
    let mut file = tempfile::tempfile().unwrap();
    let mut command = command(name);
    // One file for both: each writes where the other has come to.
    command.stdout(file.try_clone().unwrap());
    command.stderr(file.try_clone().unwrap());
    assert!(command.status().unwrap().success());
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    let expected: String = (0..10_000)
        .map(|number| format!("line {number}\n"))
        .collect();
    assert!(
        text.contains(&(expected + "without an endand errors\n")),
        "{} bytes",
        text.len()
    );
}

#[test]
fn a_file_is_read_to_its_end() {
    let name = "stdio::a_file_is_read_to_its_end";
    if is_part(name) {
        block_on(async {
            let mut lines = sinew_io::BufReader::new(stdin()).lines();
            let mut count = 0;
            while let Some(_line) = lines.next_line().await.unwrap() {
                count += 1;
            }
            let mut out = stdout();
            out.write_all(format!("lines: {count}\n").as_bytes())
                .await
                .unwrap();
            out.flush().await.unwrap();
        });
        return;
    }
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = command(name)
        .stdin(std::fs::File::open(source).unwrap())
        .output()
        .unwrap();
    let mut text = String::new();
    std::fs::File::open(source)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let expected = format!("lines: {}\n", text.lines().count());
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains(&expected), "{out}");
}
