//! The program itself, as a process of its own, on a port of the system's.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::process::{self, Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use sinew::time::Duration;
use web_server::response::HELLO;

/// How long a test may wait for an answer before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

struct Program {
    child: Child,
    addr: String,
}

impl Program {
    fn start(options: &[&str]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_web-server"))
            .args(["--addr", "127.0.0.1:0", "--workers", "2"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let addr = line.strip_prefix("listening on http://").unwrap();
        Program {
            addr: addr.trim_end().to_owned(),
            child,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Everything that comes back for `request`.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        rest(stream)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Reads one answer with the greeting.
fn greeting(stream: &mut TcpStream) {
    let mut answer = String::new();
    while !answer.ends_with(HELLO) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(char::from(byte[0]));
    }
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn it_answers_what_it_should() {
    let program = Program::start(&[]);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "200 OK"),
        ("HEAD / HTTP/1.1\r\n\r\n", "200 OK"),
        ("GET /else HTTP/1.1\r\n\r\n", "404 Not Found"),
        ("DELETE / HTTP/1.1\r\n\r\n", "405 Method Not Allowed"),
        ("\0\0\0\0", "400 Bad Request"),
        (
            &"x".repeat(1_000_000),
            "431 Request Header Fields Too Large",
        ),
    ] {
        let answer = program.ask(request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
    }
}

#[test]
fn a_connection_serves_several_requests_also_at_once() {
    let program = Program::start(&[]);
    let mut stream = program.connect();
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        greeting(&mut stream);
    }
    let many = "GET / HTTP/1.1\r\n\r\n".repeat(100);
    stream.write_all(many.as_bytes()).unwrap();
    for _ in 0..100 {
        greeting(&mut stream);
    }
}

#[test]
fn files_are_served_whole_and_the_root_is_not_left() {
    let dir = std::env::temp_dir().join(format!("web-server-{}-program", process::id()));
    let root = dir.join("root");
    fs::create_dir_all(&root).unwrap();
    let large: String = ('a'..='z').cycle().take(1_000_000).collect();
    fs::write(root.join("large.txt"), &large).unwrap();
    fs::write(root.join("empty.txt"), "").unwrap();
    fs::write(dir.join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", root.join("link")).unwrap();
    let program = Program::start(&["--root", root.to_str().unwrap()]);
    let get = |path: &str| program.ask(&format!("GET {path} HTTP/1.0\r\n\r\n"));

    let answer = get("/large.txt");
    assert!(answer.contains("\r\nContent-Length: 1000000\r\n"));
    assert!(answer.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, large);
    assert!(get("/empty.txt").ends_with("\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    let head = program.ask("HEAD /large.txt HTTP/1.0\r\n\r\n");
    assert!(head.contains("\r\nContent-Length: 1000000\r\n"));
    assert!(head.ends_with("\r\n\r\n"));
    for path in ["/link", "/../secret", "/%2e%2e/secret", "/.", "//large.txt"] {
        let answer = get(path);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
    fs::remove_dir_all(PathBuf::from(&dir)).unwrap();
}

#[test]
fn ctrl_c_ends_it_with_started_responses_whole() {
    for signal in [Signal::INT, Signal::TERM] {
        let program = Program::start(&[]);
        let idle = program.connect();
        let mut busy = program.connect();
        // The first is answered, so the second, in the same write, was read.
        busy.write_all(b"GET / HTTP/1.1\r\n\r\nGET /sleep HTTP/1.1\r\n\r\n")
            .unwrap();
        greeting(&mut busy);
        program.signal(signal);
        assert_eq!(rest(idle), "");
        let answer = rest(busy);
        assert!(answer.ends_with(HELLO), "{answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
        assert!(program.wait().success());
    }
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let program = Program::start(&[]);
    let mut idle = program.connect();
    let mut busy = program.connect();
    busy.write_all(b"GET / HTTP/1.1\r\n\r\nGET /sleep HTTP/1.1\r\n\r\n")
        .unwrap();
    greeting(&mut busy);
    program.signal(Signal::INT);
    // It has heard the first one when it lets the idle go.
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
    program.signal(Signal::INT);
    assert_eq!(program.wait().code(), Some(130));
}

#[test]
fn mistakes_on_the_command_line_end_it() {
    let run = |options: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_web-server"))
            .args(options)
            .output()
            .unwrap()
    };
    assert_eq!(run(&["--nonsense"]).status.code(), Some(2));
    let output = run(&["--root", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/at/all"));
    let help = run(&["--help"]);
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("--addr"));
}
