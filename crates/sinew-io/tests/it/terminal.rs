//! The standard streams of a process at a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Stdio};

use futures::executor::block_on;
use futures::future::{Either, ready, select};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use sinew_io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, stderr, stdin, stdout};

use crate::stdio::{command, is_part};

/// Bounds a test that would hang.
const PATIENCE: Timespec = Timespec {
    tv_sec: 20,
    tv_nsec: 0,
};

/// The other end of a terminal: what is typed, and what is seen.
struct Typist {
    terminal: File,
    seen: String,
}

impl Typist {
    /// Runs the test of this name, as the tested part, at a terminal.
    fn at(test: &str) -> (Typist, Child) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let path = std::ffi::OsStr::from_bytes(name.as_bytes());
        let open = || {
            let terminal = File::options().read(true).write(true).open(path).unwrap();
            assert!(rustix::termios::isatty(terminal.as_fd()));
            Stdio::from(terminal)
        };
        let mut command = command(test);
        command.stdin(open()).stdout(open()).stderr(open());
        let child = command.spawn().unwrap();
        let typist = Typist {
            terminal: File::from(master),
            seen: String::new(),
        };
        // The command is dropped here, and with it our handles of the terminal.
        (typist, child)
    }

    fn types(&mut self, text: &[u8]) {
        self.terminal.write_all(text).unwrap();
    }

    /// Waits for this text, behind what was waited for before.
    fn sees(&mut self, text: &str) {
        let mut buf = [0; 256];
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let mut ready = [PollFd::new(&self.terminal, PollFlags::IN)];
            rustix::event::poll(&mut ready, Some(&PATIENCE)).unwrap();
            assert!(!ready[0].revents().is_empty(), "only {:?}", self.seen);
            let read = self.terminal.read(&mut buf);
            let count = read.unwrap_or_else(|e| panic!("{e}, after {:?}", self.seen));
            self.seen
                .push_str(std::str::from_utf8(&buf[..count]).unwrap());
        }
    }
}

/// Lines come when they are typed, text without an end of line when it is flushed; the end is
/// typed too, and the terminal can be read on after it.
#[test]
fn a_conversation() {
    let name = "terminal::a_conversation";
    if is_part(name) {
        block_on(async {
            let mut out = stdout();
            let mut lines = BufReader::new(stdin()).lines();
            for end in ["first", "second"] {
                out.write_all(b"name? ").await.unwrap();
                out.flush().await.unwrap();
                while let Some(line) = lines.next_line().await.unwrap() {
                    out.write_all(format!("<{line}>\n").as_bytes())
                        .await
                        .unwrap();
                }
                let mut err = stderr();
                err.write_all(format!("{end} end\n").as_bytes())
                    .await
                    .unwrap();
                // Else what comes next on the other stream may be seen first.
                err.flush().await.unwrap();
            }
        });
        return;
    }
    let (mut typist, mut child) = Typist::at(name);
    for end in ["first end", "second end"] {
        typist.sees("name? ");
        typist.types(b"one\n");
        typist.sees("<one>");
        typist.types(b"two\nthree\n");
        typist.sees("<two>");
        typist.sees("<three>");
        // Control-D at the beginning of a line.
        typist.types(b"\x04");
        typist.sees(end);
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_dropped_read_does_not_keep_the_process_alive() {
    let name = "terminal::a_dropped_read_does_not_keep_the_process_alive";
    if is_part(name) {
        block_on(async {
            let mut out = stdout();
            let mut stdin = stdin();
            let mut buf = [0; 8];
            match select(stdin.read(&mut buf), ready(())).await {
                Either::Left(_) => panic!("nothing was typed"),
                Either::Right(((), read)) => drop(read),
            }
            out.write_all(b"given up\n").await.unwrap();
            out.flush().await.unwrap();
        });
        return;
    }
    let (mut typist, mut child) = Typist::at(name);
    typist.sees("given up");
    // The terminal stays open until the process has ended.
    assert!(child.wait().unwrap().success());
}

/// A read that was given up has taken nothing: what is typed then comes with the next one.
#[test]
fn a_dropped_read_takes_nothing() {
    let name = "terminal::a_dropped_read_takes_nothing";
    if is_part(name) {
        block_on(async {
            let mut out = stdout();
            let mut input = stdin();
            match select(input.read(&mut [0; 8]), ready(())).await {
                Either::Left(_) => panic!("nothing was typed"),
                Either::Right(((), read)) => drop(read),
            }
            out.write_all(b"given up\n").await.unwrap();
            let mut line = String::new();
            BufReader::new(input).read_line(&mut line).await.unwrap();
            out.write_all(format!("<{line}>\n").as_bytes())
                .await
                .unwrap();
            out.flush().await.unwrap();
        });
        return;
    }
    let (mut typist, mut child) = Typist::at(name);
    typist.sees("given up");
    typist.types(b"whole line\n");
    typist.sees("<whole line\r\n>");
    assert!(child.wait().unwrap().success());
}
