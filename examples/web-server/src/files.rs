//! Files below a root directory, and nothing else.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::io::Errno;
use sinew::task::unblock;

/// How much of a file is read at a time, in bytes.
pub const CHUNK: usize = 64 * 1024;

/// A directory to serve, or none. Clones are the same.
#[derive(Clone, Debug)]
pub struct Files {
    /// Without symbolic links, so that what is below it starts with it.
    root: Option<Arc<Path>>,
}

/// A file that was found.
#[derive(Debug)]
pub struct Found {
    /// The rest of it.
    pub file: File,
    /// Its size in bytes when it was opened.
    pub length: u64,
    /// What it is, by the ending of its name.
    pub content_type: &'static str,
}

impl Files {
    /// No files.
    #[must_use]
    pub fn none() -> Files {
        Files { root: None }
    }

    /// The files below `root`. Blocks for as long as it takes to look it up.
    ///
    /// # Errors
    ///
    /// `root` is not there, cannot be entered, or is not a directory.
    pub fn below(root: &Path) -> io::Result<Files> {
        let root = root.canonicalize()?;
        if !root.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Files {
            root: Some(root.into()),
        })
    }

    /// Opens the file at `path` relative to the root, on a thread that may
    /// block. `None` if there is no regular file, if it may not be read, or if
    /// the path, after symbolic links, is not below the root.
    ///
    /// Symbolic links are looked at before the file is opened. Whoever can
    /// change the directory meanwhile can lead the server astray, but could as
    /// well put the file there.
    ///
    /// # Errors
    ///
    /// The system is out of descriptors or memory, or the disk fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the file.
    pub async fn open(&self, path: PathBuf) -> io::Result<Option<Found>> {
        let Some(root) = self.root.clone() else {
            return Ok(None);
        };
        match unblock(move || open_below(&root, &path)).await {
            Err(error) if is_trouble(&error) => Err(error),
            other => Ok(other.ok().flatten()),
        }
    }
}

/// Whether an error is the server's misfortune and not the path's.
fn is_trouble(error: &io::Error) -> bool {
    let code = Errno::from_io_error(error);
    [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::IO]
        .into_iter()
        .any(|trouble| code == Some(trouble))
}

fn open_below(root: &Path, path: &Path) -> io::Result<Option<Found>> {
    let path = root.join(path).canonicalize()?;
    // Before opening as well: to open a pipe waits for the one who writes to it.
    if !path.starts_with(root) || !fs::symlink_metadata(&path)?.is_file() {
        return Ok(None);
    }
    let file = File::open(&path)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then(|| Found {
        length: metadata.len(),
        content_type: content_type(&path),
        file,
    }))
}

/// Appends up to [`CHUNK`] bytes of `file`, and no more than `limit`, to `out`,
/// on a thread that may block. Gives both back.
///
/// # Errors
///
/// Reading fails, or the file ends although `limit` is not 0.
///
/// # Cancel safety
///
/// `file` and `out` are lost with the future.
pub async fn read_chunk(
    mut file: File,
    mut out: Vec<u8>,
    limit: u64,
) -> io::Result<(File, Vec<u8>)> {
    unblock(move || {
        let limit = limit.min(CHUNK as u64);
        let read = file.by_ref().take(limit).read_to_end(&mut out)?;
        if read == 0 && limit > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((file, out))
    })
    .await
}

/// The type of a file by the ending of its name.
fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("html" | "htm") => crate::response::HTML,
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("txt" | "md" | "rs" | "toml") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("pdf") => "application/pdf",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
