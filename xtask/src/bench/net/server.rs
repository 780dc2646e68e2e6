//! One server under load.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::scratch;
use crate::error::{Error, Result, at_path};

/// Requests of the shorter of two counted runs; the longer has three times as
/// many.
const COUNTED: u64 = 3_000;

/// The programs of the package.
pub(super) struct Programs {
    pub(super) folder: PathBuf,
}

/// Which server, under which load.
pub(super) struct Cell {
    pub(super) subject: &'static str,
    pub(super) transport: &'static str,
    pub(super) connections: u32,
    pub(super) size: u32,
    pub(super) churn: bool,
}

/// What the load reports.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    pub(super) per_second: f64,
    /// Of the server, user and system, in microseconds.
    pub(super) cpu_per_request: f64,
    /// Microseconds within which this share of the requests is answered.
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
}

impl Sample {
    pub(super) fn parse(line: &str) -> Result<Sample> {
        let value: serde_json::Value = serde_json::from_str(line)
            .map_err(|error| Error::Failed(format!("the load said {line:?}: {error}")))?;
        let number = |key: &str| {
            let number = value.get(key).and_then(serde_json::Value::as_f64);
            number.ok_or_else(|| Error::Failed(format!("the load told no `{key}`")))
        };
        let requests = number("requests")?;
        Ok(Sample {
            per_second: requests / (number("nanos")? / 1e9),
            cpu_per_request: number("cpu_nanos")? / requests / 1e3,
            p50: number("p50")? / 1e3,
            p99: number("p99")? / 1e3,
            p999: number("p999")? / 1e3,
        })
    }
}

/// A running server; ended by closing its standard input.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(mut command: Command) -> Result<Server> {
        let shown = format!("{command:?}");
        let failed = |what: &str| Error::Failed(format!("{what}: {shown}"));
        let spawned = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = spawned.map_err(|error| failed(&error.to_string()))?;
        let mut address = String::new();
        if let Some(out) = child.stdout.take() {
            let read = BufReader::new(out).read_line(&mut address);
            read.map_err(|error| failed(&error.to_string()))?;
        }
        if address.is_empty() {
            return Err(failed("the server did not start"));
        }
        Ok(Server {
            child,
            address: address.trim().to_owned(),
        })
    }

    fn end(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let ended = self.child.wait();
        ended
            .map(drop)
            .map_err(|error| Error::Failed(format!("waiting for a server: {error}")))
    }
}

impl Programs {
    fn server(&self, cell: &Cell, wrapper: &[&str]) -> Command {
        let program = self.folder.join("net-server");
        let mut command = match wrapper {
            [] => Command::new(&program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(&program);
                command
            }
        };
        command.args([cell.subject, cell.transport]);
        command
    }

    fn load(&self, cell: &Cell, server: &Server, limit: &[String]) -> Result<Sample> {
        let mut command = Command::new(self.folder.join("net-load"));
        command
            .args([cell.transport, &server.address])
            .args([cell.connections.to_string(), cell.size.to_string()])
            .args(limit);
        if cell.churn {
            command.arg("--churn");
        }
        let output = command
            .output()
            .map_err(|error| Error::Failed(format!("net-load: {error}")))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(Error::Failed(format!("{}: {}", cell.subject, text.trim())));
        }
        Sample::parse(String::from_utf8_lossy(&output.stdout).trim())
    }

    /// Throughput, latency and CPU time.
    pub(super) fn time(&self, cell: &Cell, millis: u64) -> Result<Sample> {
        let server = Server::start(self.server(cell, &[]))?;
        let pid = server.child.id().to_string();
        let limit = ["--millis", &millis.to_string(), "--pid", &pid].map(str::to_owned);
        let sample = self.load(cell, &server, &limit);
        server.end()?;
        sample
    }

    /// System calls for one request.
    pub(super) fn calls(&self, cell: &Cell) -> Result<f64> {
        let file = scratch("calls");
        let path = file.display().to_string();
        let wrapper = ["strace", "-f", "-c", "-o", &path];
        self.slope(cell, &wrapper, &file, strace_total)
    }

    /// Instructions in user space for one request.
    pub(super) fn instructions(&self, cell: &Cell) -> Result<f64> {
        let file = scratch("instructions");
        let out = format!("--callgrind-out-file={}", file.display());
        let wrapper = ["valgrind", "--tool=callgrind", &out];
        self.slope(cell, &wrapper, &file, callgrind_total)
    }

    /// What `total` finds in the file of a long run, less that of a short one, for
    /// one request.
    fn slope(
        &self,
        cell: &Cell,
        wrapper: &[&str],
        file: &Path,
        total: impl Fn(&str) -> Option<f64>,
    ) -> Result<f64> {
        let mut totals = Vec::new();
        for requests in [COUNTED, 3 * COUNTED] {
            let server = Server::start(self.server(cell, wrapper))?;
            let limit = ["--requests".to_owned(), requests.to_string()];
            let sample = self.load(cell, &server, &limit);
            server.end()?;
            sample?;
            let text = fs::read_to_string(file).map_err(|error| at_path("read", file, &error))?;
            let found = total(&text);
            totals.push(found.ok_or_else(|| Error::Failed(format!("no total in {text:.200}")))?);
        }
        let _ = fs::remove_file(file);
        Ok((totals[1] - totals[0]) / (2 * COUNTED) as f64)
    }

    /// Bytes requested for an idle connection with its task.
    pub(super) fn idle(&self, subject: &str) -> Result<String> {
        let output = Command::new(self.folder.join("net-idle"))
            .arg(subject)
            .output()
            .map_err(|error| Error::Failed(format!("net-idle: {error}")))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// The calls in the last line of `strace -c`: `100.00 SECONDS USECS CALLS … total`.
pub(super) fn strace_total(text: &str) -> Option<f64> {
    let line = text.lines().rev().find(|line| line.ends_with("total"))?;
    let mut words = line.split_whitespace().skip(2);
    // Without a time for each call in old versions, with one in new ones.
    let numbers: Vec<f64> = words
        .by_ref()
        .filter_map(|word| word.parse().ok())
        .collect();
    match numbers[..] {
        [calls] | [_, calls] | [_, calls, _] => Some(calls),
        _ => None,
    }
}

/// The sum that callgrind writes: `summary: N` or `totals: N`.
pub(super) fn callgrind_total(text: &str) -> Option<f64> {
    let of = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        ["summary", "totals"]
            .contains(&key)
            .then(|| value.trim().parse().ok())?
    };
    text.lines().find_map(of)
}
