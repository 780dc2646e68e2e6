//! The files of the repository, without build output.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::{Result, at_path};
use crate::workspace::relative;

/// Every file and folder, as paths relative to the root with forward slashes.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: Vec<String>,
    folders: BTreeSet<String>,
}

impl Tree {
    /// Reads the tree under `root`, leaving out git's folder and every folder
    /// that cargo has tagged as a cache.
    pub(super) fn walk(root: &Path) -> Result<Self> {
        let mut tree = Tree::default();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            let entries =
                std::fs::read_dir(&folder).map_err(|error| at_path("list", &folder, &error))?;
            for entry in entries {
                let entry = entry.map_err(|error| at_path("list", &folder, &error))?;
                let path = entry.path();
                let name = relative(root, &path.to_string_lossy());
                if !path.is_dir() {
                    tree.files.push(name);
                } else if entry.file_name() != ".git" && !path.join("CACHEDIR.TAG").exists() {
                    tree.folders.insert(name);
                    open.push(path);
                }
            }
        }
        tree.files.sort();
        Ok(tree)
    }

    /// Whether there is a file or folder of this path; the root is the empty path.
    pub(super) fn has(&self, path: &str) -> bool {
        let file = |path: &str| {
            self.files
                .binary_search_by(|f| f.as_str().cmp(path))
                .is_ok()
        };
        path.is_empty() || file(path) || self.folders.contains(path)
    }
}

/// The names of the folders in `crates/`.
pub(super) fn crate_folders(root: &Path) -> Result<Vec<String>> {
    let crates = root.join("crates");
    let entries = std::fs::read_dir(&crates).map_err(|error| at_path("list", &crates, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| at_path("list", &crates, &error))?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
