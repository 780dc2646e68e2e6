//! What a hello world weighs on sinew and on its peers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::command::Cargo;
use crate::error::{Error, Result, at_path};
use crate::workspace::Workspace;

/// How often each program is built from clean; the median counts.
const ROUNDS: usize = 3;

/// How many foreign crates the facade's default features may pull in.
const CRATE_BOUND: usize = 24;

/// Variables that would change how the programs are built.
const FLAGS: [&str; 6] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
    "CARGO_INCREMENTAL",
];

/// A hello world to be weighed.
struct Subject {
    /// Also the name of its package.
    name: &'static str,
    dependency: String,
    source: &'static str,
}

/// What a hello world weighs.
#[derive(Clone, Debug, Default)]
struct Weight {
    crates: usize,
    /// Seconds of each clean build.
    builds: Vec<f64>,
    /// Bytes of the stripped binary.
    binary: u64,
}

const SINEW: usize = 0;
const TOKIO_FULL: usize = 1;
const TOKIO_THREADS: usize = 2;

/// Builds all subjects and prints the figures side by side.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let facade = workspace.packages.iter().find(|p| p.name == "sinew");
    let Some(facade) = facade else {
        return Err(Error::Failed(
            "the workspace has no package `sinew`".to_owned(),
        ));
    };
    let subjects = subjects(&workspace.root.join(&facade.dir));
    let folder = Folder::create(workspace, &subjects)?;
    let weights = weigh(&folder, &subjects)?;
    print!("\n{}", table(&subjects, &weights));
    print!("\n{}", verdicts(&weights));
    Ok(())
}

/// The programs, in the order of the constants above.
fn subjects(facade: &Path) -> [Subject; 4] {
    let tokio_main = "#[tokio::main]\nasync fn main() {\n    println!(\"hello\");\n}\n";
    let threads = r#"["rt-multi-thread", "macros", "net", "time", "io-util", "sync"]"#;
    [
        Subject {
            name: "sinew",
            dependency: format!("sinew = {{ path = {:?} }}", facade.to_string_lossy()),
            source: "#[sinew::main]\nasync fn main() {\n    println!(\"hello\");\n}\n",
        },
        Subject {
            name: "tokio-full",
            dependency: r#"tokio = { version = "1", features = ["full"] }"#.to_owned(),
            source: tokio_main,
        },
        Subject {
            name: "tokio-multi-thread",
            dependency: format!("tokio = {{ version = \"1\", features = {threads} }}"),
            source: tokio_main,
        },
        Subject {
            name: "smol",
            dependency: "smol = \"2\"".to_owned(),
            source: "fn main() {\n    smol::block_on(async { println!(\"hello\") });\n}\n",
        },
    ]
}

/// A temporary folder with one package for each subject, gone when dropped.
struct Folder {
    path: PathBuf,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            eprintln!("{}", left_behind(&self.path, &error));
        }
    }
}

fn left_behind(path: &Path, error: &std::io::Error) -> String {
    format!("{} is left behind: {error}", path.display())
}

impl Folder {
    fn create(workspace: &Workspace, subjects: &[Subject]) -> Result<Self> {
        let name = format!("sinew-weight-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let folder = Folder { path };
        for subject in subjects {
            let package = folder.path.join(subject.name);
            let put = |file: &str, text: &str| {
                let path = package.join(file);
                std::fs::write(&path, text).map_err(|error| at_path("write", &path, &error))
            };
            let src = package.join("src");
            std::fs::create_dir_all(&src).map_err(|error| at_path("create", &src, &error))?;
            put("Cargo.toml", &manifest(subject))?;
            put("src/main.rs", subject.source)?;
            // The versions that the workspace is tested with.
            let lock = workspace.root.join("Cargo.lock");
            std::fs::copy(&lock, package.join("Cargo.lock"))
                .map_err(|error| at_path("copy", &lock, &error))?;
        }
        Ok(folder)
    }

    fn cargo(&self, subject: &Subject, args: &[&str]) -> Cargo {
        let package = self.path.join(subject.name);
        let target = package.join("target");
        let cargo = Cargo::new(&package, args).env("CARGO_TARGET_DIR", target.to_string_lossy());
        FLAGS
            .iter()
            .fold(cargo, |cargo, flag| cargo.env_remove(flag))
    }
}

fn manifest(subject: &Subject) -> String {
    let Subject {
        name, dependency, ..
    } = subject;
    // The package must not carry the name of its dependency.
    format!(
        "[package]\nname = \"hello-{name}\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n\
         [dependencies]\n{dependency}\n\n[profile.release]\nstrip = true\n\n[workspace]\n"
    )
}

/// Fetches all first, then builds the subjects in turns, so that a change in
/// the machine's load meets all of them alike.
fn weigh(folder: &Folder, subjects: &[Subject]) -> Result<Vec<Weight>> {
    let mut weights = vec![Weight::default(); subjects.len()];
    for (subject, weight) in subjects.iter().zip(&mut weights) {
        folder.cargo(subject, &["fetch", "--quiet"]).run()?;
        let edges = ["tree", "-e", "normal,build", "--prefix", "none"];
        weight.crates = foreign_crates(&folder.cargo(subject, &edges).capture()?);
    }
    for round in 1..=ROUNDS {
        for (subject, weight) in subjects.iter().zip(&mut weights) {
            let name = subject.name;
            let target = folder.path.join(name).join("target");
            if target.exists() {
                std::fs::remove_dir_all(&target)
                    .map_err(|error| at_path("remove", &target, &error))?;
            }
            let build = folder.cargo(subject, &["build", "--release", "--quiet"]);
            let start = Instant::now();
            build.run()?;
            let seconds = start.elapsed().as_secs_f64();
            println!("round {round}/{ROUNDS}: {name} built in {seconds:.1} s");
            weight.builds.push(seconds);
            weight.binary = binary_size(&target.join("release"), name)?;
        }
    }
    Ok(weights)
}

fn binary_size(release: &Path, name: &str) -> Result<u64> {
    let binary = release.join(format!("hello-{name}{}", std::env::consts::EXE_SUFFIX));
    std::fs::metadata(&binary)
        .map(|data| data.len())
        .map_err(|error| at_path("measure", &binary, &error))
}

/// How many crates in the output of `cargo tree --prefix none` come from
/// elsewhere than a path; two versions of a crate are two.
fn foreign_crates(tree: &str) -> usize {
    let is_local = |line: &str| line.contains(" (/") || line.contains(":\\");
    let foreign = tree
        .lines()
        .filter(|line| !line.is_empty() && !is_local(line));
    // "name v1.2.3 (proc-macro) (*)": the first two words tell it apart.
    let named = foreign.map(|line| line.split(' ').take(2).collect::<Vec<_>>());
    named.collect::<BTreeSet<_>>().len()
}

impl Weight {
    /// Seconds of the least, the middle and the longest build.
    fn build_range(&self) -> (f64, f64, f64) {
        let mut sorted = self.builds.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        (
            at(0),
            at(sorted.len() / 2),
            at(sorted.len().saturating_sub(1)),
        )
    }

    fn kibibytes(&self) -> u64 {
        self.binary.div_ceil(1024)
    }
}

fn table(subjects: &[Subject], weights: &[Weight]) -> String {
    let mut table = format!(
        "| hello world on | foreign crates | clean release build, median of {ROUNDS} (least to longest) | stripped binary |\n\
         |---|---:|---:|---:|\n"
    );
    for (subject, weight) in subjects.iter().zip(weights) {
        let (least, median, longest) = weight.build_range();
        table.push_str(&format!(
            "| {} | {} | {median:.1} s ({least:.1} to {longest:.1}) | {} KiB |\n",
            subject.name,
            weight.crates,
            weight.kibibytes()
        ));
    }
    table
}

/// How sinew stands to its three bounds.
fn verdicts(weights: &[Weight]) -> String {
    let (sinew, full) = (&weights[SINEW], &weights[TOKIO_FULL]);
    let threads = &weights[TOKIO_THREADS];
    let (_, seconds, _) = sinew.build_range();
    let (_, seconds_full, _) = full.build_range();
    let word = |within: bool| if within { "within" } else { "OVER" };
    format!(
        "{}: {} foreign crates, bound {CRATE_BOUND}\n\
         {}: clean build {seconds:.1} s, bound {seconds_full:.1} s (tokio-full)\n\
         {}: binary {} KiB, bound {} KiB (tokio-multi-thread)\n",
        word(sinew.crates <= CRATE_BOUND),
        sinew.crates,
        word(seconds <= seconds_full),
        word(sinew.binary <= threads.binary),
        sinew.kibibytes(),
        threads.kibibytes(),
    )
}

#[cfg(test)]
mod tests;
