//! Whole files.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::string::FromUtf8Error;

use crate::answer::answer;
use crate::backend::{self, Chosen};
use crate::cached::{self, Opened, Quick, learning};
use crate::composed::{self, Composed};
use crate::hop::{give_way, hop_with, hop_with_both, named, named_both};
use crate::ring::Ring;

/// Files above this size are read on the pool: copying one keeps a thread busy
/// for longer (about 50 µs) than a hop takes.
const INLINE: u64 = 512 * 1024;

/// Reads a whole file.
///
/// Without a hop where the kernel has the file in its cache.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
#[track_caller]
pub fn read(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Vec<u8>>> {
    let entered = composed::entered();
    let chosen = backend::chosen();
    async move { read_from(entered, chosen, path.as_ref()).await }
}

async fn read_from(entered: Option<Composed>, chosen: Chosen, path: &Path) -> io::Result<Vec<u8>> {
    if let Some(virt) = entered {
        let bytes = virt.read(path).await;
        return bytes.map_err(|error| named("read", path, error));
    }
    give_way().await;
    match cached::open(path) {
        Some(Ok(opened)) if opened.size <= INLINE => read_opened(opened, chosen, path).await,
        Some(Err(error)) => Err(named("read", path, error)),
        _ => hop_with("read", path, learning(|path| fs::read(path))).await,
    }
}

/// Reads what the kernel has, and lets the backend read the rest.
async fn read_opened(opened: Opened, chosen: Chosen, path: &Path) -> io::Result<Vec<u8>> {
    let Opened { mut file, size } = opened;
    let size = size as usize;
    let mut bytes = vec![0; size];
    let mut read = 0;
    let mut quick = Quick::Cached;
    while read < size {
        match quick.read(&file, &mut bytes[read..]) {
            Some(0) => break,
            Some(count) => read += count,
            None => {
                bytes.truncate(read);
                if let Some(ring) = chosen.ring().filter(|_| quick.suits_ring()) {
                    cached::give_out(&file);
                    let rest = read_rest(ring, file, bytes, size).await;
                    return rest.map_err(|error| named("read", path, error));
                }
                return hop_with("read", path, move |_| {
                    file.read_to_end(&mut bytes)?;
                    Ok(bytes)
                })
                .await;
            }
        }
    }
    // A file that says it is empty may be one of those that are made while they
    // are read; none is on a local file system, but a file may also have grown.
    bytes.truncate(read);
    Ok(bytes)
}

/// Reads the rest of the `size` bytes through the ring.
async fn read_rest(
    ring: &Ring,
    mut file: fs::File,
    mut bytes: Vec<u8>,
    size: usize,
) -> io::Result<Vec<u8>> {
    while bytes.len() < size {
        let (teller, told) = answer();
        ring.read(Owned(file), Vec::new(), size - bytes.len(), |file, read| {
            teller.tell(read.map(|bytes| (file, bytes)));
        });
        let piece;
        (Owned(file), piece) = told.await?;
        if piece.is_empty() {
            break;
        }
        bytes.extend(piece);
    }
    Ok(bytes)
}

/// A file that the ring has for itself.
struct Owned(fs::File);

impl AsRef<fs::File> for Owned {
    fn as_ref(&self) -> &fs::File {
        &self.0
    }
}

/// Reads a whole file as text.
///
/// # Errors
///
/// The system's, naming the path; [`InvalidData`](io::ErrorKind::InvalidData) if
/// the file is not UTF-8.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
#[track_caller]
pub fn read_to_string(path: impl AsRef<Path>) -> impl Future<Output = io::Result<String>> {
    let entered = composed::entered();
    let chosen = backend::chosen();
    async move {
        let path = path.as_ref();
        let bytes = read_from(entered, chosen, path).await?;
        String::from_utf8(bytes).map_err(|error: FromUtf8Error| {
            let error = io::Error::new(io::ErrorKind::InvalidData, error.utf8_error());
            named("read as text", path, error)
        })
    }
}

/// Makes a file with this content, or replaces the content of the one that is
/// there.
///
/// One hop. The content is copied for it.
///
/// # Errors
///
/// The system's, naming the path. The file may be there then, with a part of the
/// content.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, the file is written even if the future is
/// dropped.
#[track_caller]
pub fn write(
    path: impl AsRef<Path>,
    contents: impl AsRef<[u8]>,
) -> impl Future<Output = io::Result<()>> {
    let entered = composed::entered();
    async move {
        let (path, contents) = (path.as_ref(), contents.as_ref().to_owned());
        match entered {
            None => hop_with("write", path, move |path| fs::write(path, contents)).await,
            Some(virt) => {
                let written = virt.write(path, contents).await;
                written.map_err(|error| named("write", path, error))
            }
        }
    }
}

/// Copies a file's content and rights, and replaces what is at `to`. Gives the
/// number of bytes.
///
/// One hop; the kernel copies by itself where it can.
///
/// # Errors
///
/// The system's, naming both paths.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, the file is copied even if the future is dropped.
#[track_caller]
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> impl Future<Output = io::Result<u64>> {
    let entered = composed::entered();
    async move {
        let (from, to) = (from.as_ref(), to.as_ref());
        match entered {
            None => hop_with_both("copy", from, to, |from, to| fs::copy(from, to)).await,
            Some(virt) => {
                let copied = virt.copy(from, to).await;
                copied.map_err(|error| named_both("copy", from, to, error))
            }
        }
    }
}
