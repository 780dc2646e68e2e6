//! The programs themselves, as processes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

struct Program {
    child: Child,
    addr: String,
}

impl Program {
    fn start() -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mini-redis-server"))
            .args(["--addr", "127.0.0.1:0", "--workers", "2"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let addr = line.strip_prefix("listening on ").unwrap();
        Program {
            addr: addr.trim_end().to_owned(),
            child,
        }
    }

    fn cli(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mini-redis-cli"));
        command.args(["--addr", &self.addr]).args(args);
        command
    }

    fn say(&self, args: &[&str]) -> String {
        let output = self.cli(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn commands_from_the_command_line_and_from_lines() {
    let program = Program::start();
    assert_eq!(program.say(&["SET", "k", "a b"]), "OK\n");
    assert_eq!(program.say(&["GET", "k"]), "\"a b\"\n");
    assert_eq!(
        program.say(&["MGET", "k", "none"]),
        "1) \"a b\"\n2) (nil)\n"
    );
    let refused = program.cli(&["GET"]).output().unwrap();
    assert!(!refused.status.success());
    let mut child = program
        .cli(&[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"SET k 'c d'\n\nSTRLEN k\n").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let prompt = format!("{}> ", program.addr);
    let expected = format!("{prompt}OK\n{prompt}{prompt}(integer) 3\n{prompt}\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn both_signals_end_it() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut program = Program::start();
        assert_eq!(program.say(&["PING"]), "PONG\n");
        kill_process(Pid::from_child(&program.child), signal).unwrap();
        assert!(program.child.wait().unwrap().success(), "{signal:?}");
    }
}
