//! `DirBuilder`: directories with options.

use std::fs;
use std::io;
use std::path::Path;

use crate::composed::{self, DIRECTORY_MODE};
use crate::hop::{hop_with, named, wait};

/// Makes directories in various ways.
#[derive(Debug)]
pub struct DirBuilder {
    recursive: bool,
    mode: u32,
}

impl DirBuilder {
    /// One directory, with the rights that the process gives by default.
    #[must_use]
    pub fn new() -> DirBuilder {
        DirBuilder {
            recursive: false,
            mode: DIRECTORY_MODE,
        }
    }

    /// Whether to make missing parents too, and to take a directory that is there
    /// already for success.
    pub fn recursive(&mut self, recursive: bool) -> &mut DirBuilder {
        self.recursive = recursive;
        self
    }

    /// The rights of the new directories, before the process's mask.
    #[cfg(unix)]
    pub fn mode(&mut self, mode: u32) -> &mut DirBuilder {
        self.mode = mode;
        self
    }

    /// Makes the directory.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: once polled, it is done even if the future is dropped.
    #[track_caller]
    pub fn create(&self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
        const VERB: &str = "create directory";
        let entered = composed::entered();
        let (recursive, mode) = (self.recursive, self.mode);
        async move {
            let path = path.as_ref();
            let Some(virt) = entered else {
                let mut builder = fs::DirBuilder::new();
                builder.recursive(recursive);
                #[cfg(unix)]
                std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
                return hop_with(VERB, path, move |path| builder.create(path)).await;
            };
            let made = if recursive {
                virt.create_dir_all(path, mode).await
            } else {
                wait(virt.fs.create_dir(path, mode), virt.location).await
            };
            made.map_err(|error| named(VERB, path, error))
        }
    }
}

impl Default for DirBuilder {
    fn default() -> Self {
        DirBuilder::new()
    }
}
