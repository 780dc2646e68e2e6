//! What `cargo metadata` says about the members of this workspace.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::Cargo;
use crate::error::{Error, Result};

/// The target of dependencies that only a build of the loom models has.
const FOR_MODELS: &str = "cfg(sinew_loom)";

/// The workspace: where it is and what is in it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// The oldest Rust that the facade promises to build with.
    pub(crate) rust_version: String,
    /// The members, in cargo's order.
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder, relative to the root, with forward slashes.
    pub(crate) dir: String,
    pub(crate) description: String,
    pub(crate) license: String,
    /// Whether `cargo publish` may take it.
    pub(crate) published: bool,
    /// The root file of its library or procedural macro, relative to the root.
    pub(crate) lib: Option<String>,
    /// The names of its features, `default` included.
    pub(crate) features: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Found by path, hence in this workspace.
    pub(crate) local: bool,
    /// Needed for tests, models, examples or benches only.
    pub(crate) dev: bool,
}

impl Package {
    /// The path of its manifest, relative to the root.
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.dir)
    }

    /// Whether it is one of the crates under `crates/`.
    pub(crate) fn is_house_crate(&self) -> bool {
        self.dir.starts_with("crates/")
    }
}

impl Workspace {
    /// Asks cargo about the workspace that this program was built from.
    pub(crate) fn load() -> Result<Self> {
        // `cargo run` says where the manifest is now; the path known at
        // build time serves a program that is started by hand.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.parent().unwrap_or(Path::new("."));
        let json =
            Cargo::new(root, ["metadata", "--no-deps", "--format-version", "1"]).capture()?;
        Self::parse(&json)
    }

    /// Reads the output of `cargo metadata --no-deps --format-version 1`.
    pub(crate) fn parse(json: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(json)
            .map_err(|error| Error::Failed(format!("cargo metadata gave bad JSON: {error}")))?;
        let root = PathBuf::from(text(&value, "workspace_root"));
        let packages = array(&value, "packages")
            .iter()
            .map(|package| package_from(package, &root))
            .collect();
        Ok(Workspace {
            rust_version: array(&value, "packages")
                .iter()
                .find(|package| package["name"] == "sinew")
                .map(|package| text(package, "rust_version"))
                .unwrap_or_default(),
            target: PathBuf::from(text(&value, "target_directory")),
            root,
            packages,
        })
    }

    /// The packages that `cargo publish` may take.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.published)
    }
}

fn package_from(value: &Value, root: &Path) -> Package {
    let manifest = relative(root, &text(value, "manifest_path"));
    let lib = array(value, "targets").iter().find_map(|target| {
        let is_lib = array(target, "kind")
            .iter()
            .any(|kind| kind == "lib" || kind == "proc-macro");
        is_lib.then(|| relative(root, &text(target, "src_path")))
    });
    Package {
        name: text(value, "name"),
        dir: manifest
            .strip_suffix("/Cargo.toml")
            .unwrap_or(".")
            .to_owned(),
        description: text(value, "description"),
        license: text(value, "license"),
        // Absent means "to any registry", a list means "to these only".
        published: value["publish"].as_array().is_none_or(|l| !l.is_empty()),
        lib,
        features: value["features"]
            .as_object()
            .map(|features| features.keys().cloned().collect())
            .unwrap_or_default(),
        dependencies: array(value, "dependencies")
            .iter()
            .map(|dependency| Dependency {
                name: text(dependency, "name"),
                local: dependency["path"].is_string(),
                dev: dependency["kind"] == "dev" || text(dependency, "target") == FOR_MODELS,
            })
            .collect(),
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// `path` seen from `root`, with forward slashes.
pub(crate) fn relative(root: &Path, path: &str) -> String {
    let path = Path::new(path);
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests;
