//! Child processes, always cargo: shown as a person would type them.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::error::{Error, Result, at_path};

/// Variables that `cargo run` sets for this program and that a nested cargo
/// must not see, so that it behaves as when called from a shell.
const SET_BY_CARGO_RUN: [&str; 4] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
];

/// One call of cargo.
#[derive(Clone, Debug)]
pub(crate) struct Cargo {
    dir: PathBuf,
    args: Vec<String>,
    set: Vec<(String, String)>,
    unset: Vec<String>,
    toolchain: Option<String>,
}

impl Cargo {
    /// Cargo with these arguments, run in `dir`.
    pub(crate) fn new<S: AsRef<str>>(dir: &Path, args: impl IntoIterator<Item = S>) -> Self {
        Cargo {
            dir: dir.to_owned(),
            args: args.into_iter().map(|a| a.as_ref().to_owned()).collect(),
            set: Vec::new(),
            unset: Vec::new(),
            toolchain: None,
        }
    }

    /// Sets a variable for the child only.
    pub(crate) fn env(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set.push((key.to_owned(), value.into()));
        self
    }

    /// Takes the cargo of another toolchain, by way of rustup.
    pub(crate) fn toolchain(mut self, name: impl Into<String>) -> Self {
        self.toolchain = Some(name.into());
        self
    }

    /// Hides a variable from the child.
    pub(crate) fn env_remove(mut self, key: &str) -> Self {
        self.unset.push(key.to_owned());
        self
    }

    /// The command line, to be pasted into a shell.
    pub(crate) fn shown(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for (key, value) in &self.set {
            words.push(format!("{key}={}", quoted(value)));
        }
        words.push("cargo".to_owned());
        words.extend(self.toolchain.as_ref().map(|name| format!("+{name}")));
        words.extend(self.args.iter().map(|arg| quoted(arg)));
        words.join(" ")
    }

    /// Runs it with its output going where ours goes.
    pub(crate) fn run(&self) -> Result<()> {
        let status = self
            .command()
            .status()
            .map_err(|error| self.not_started(&error))?;
        self.checked(status)
    }

    /// Runs it, passing its standard output on line by line as it comes and
    /// showing each line to `see` too. Standard error is passed on untouched.
    pub(crate) fn tee(&self, see: &mut dyn FnMut(&str)) -> Result<()> {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| self.not_started(&error))?;
        let Some(pipe) = child.stdout.take() else {
            return Err(self.failed("gave no standard output"));
        };
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        let mut out = std::io::stdout();
        let copied = loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) => break Ok(()),
                Ok(_) => {
                    see(String::from_utf8_lossy(&line).trim_end());
                    if let Err(error) = out.write_all(&line).and_then(|()| out.flush()) {
                        break Err(error);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        // The pipe is closed before the wait, so that a child whose output
        // could not be passed on ends instead of blocking on a full pipe.
        drop(reader);
        let status = child.wait().map_err(|error| self.not_started(&error))?;
        copied.map_err(|error| self.failed(&format!("its output was cut short: {error}")))?;
        self.checked(status)
    }

    /// Runs it and returns its standard output.
    pub(crate) fn capture(&self) -> Result<String> {
        let output = self
            .command()
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| self.not_started(&error))?;
        self.checked(output.status)?;
        String::from_utf8(output.stdout).map_err(|_| self.failed("printed what is not UTF-8"))
    }

    fn command(&self) -> Command {
        let own = std::env::var_os("CARGO").filter(|_| self.toolchain.is_none());
        let cargo = own.unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        if let Some(name) = &self.toolchain {
            command.env_remove("CARGO").env_remove("RUSTC");
            command.env("RUSTUP_TOOLCHAIN", name);
        }
        command.args(&self.args).current_dir(&self.dir);
        command.stdin(Stdio::null());
        for key in SET_BY_CARGO_RUN {
            command.env_remove(key);
        }
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("CARGO_PKG_") {
                command.env_remove(key);
            }
        }
        // A build that starts from nothing gains nothing from incremental
        // compilation and pays for it in time and space.
        if std::env::var_os("CI").is_some() && std::env::var_os("CARGO_INCREMENTAL").is_none() {
            command.env("CARGO_INCREMENTAL", "0");
        }
        for key in &self.unset {
            command.env_remove(key);
        }
        command.envs(self.set.iter().map(|(k, v)| (k, v)));
        command
    }

    fn checked(&self, status: ExitStatus) -> Result<()> {
        if status.success() {
            Ok(())
        } else {
            Err(self.failed(&status.to_string()))
        }
    }

    fn not_started(&self, error: &std::io::Error) -> Error {
        at_path(
            &format!("run `{}` in", self.shown()),
            self.dir.as_path(),
            error,
        )
    }

    fn failed(&self, how: &str) -> Error {
        Error::Failed(format!("`{}` failed: {how}", self.shown()))
    }
}

/// The word as a POSIX shell needs it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;
