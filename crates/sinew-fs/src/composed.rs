//! What a virtual file system does not know by itself: it is made of what it knows.

use std::io;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::hop::wait;
use crate::provider::{self, FileKind, Opening, VirtualFile, VirtualFs};

/// The rights of a new file, before the process's mask.
pub(crate) const FILE_MODE: u32 = 0o666;

/// The rights of a new directory, before the process's mask.
pub(crate) const DIRECTORY_MODE: u32 = 0o777;

/// Bytes that are read or copied in one go.
const PIECE: usize = 64 * 1024;

/// For reading.
pub(crate) const READ: Opening = Opening {
    read: true,
    write: false,
    append: false,
    truncate: false,
    create: false,
    create_new: false,
    mode: FILE_MODE,
    custom_flags: 0,
};

/// Of a new or emptied file for writing.
const REPLACE: Opening = Opening {
    read: false,
    write: true,
    truncate: true,
    create: true,
    ..READ
};

/// A virtual file system, and where the operation was asked for.
pub(crate) struct Composed {
    pub(crate) fs: Arc<dyn VirtualFs>,
    pub(crate) location: &'static Location<'static>,
}

impl Composed {
    pub(crate) async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = wait(self.fs.open(path, &READ), self.location).await?;
        let mut bytes = Vec::new();
        loop {
            let read = file.read_at(bytes.len() as u64, PIECE);
            let piece = wait(read, self.location).await?;
            if piece.is_empty() {
                return Ok(bytes);
            }
            bytes.extend(piece);
        }
    }

    pub(crate) async fn write(&self, path: &Path, bytes: Vec<u8>) -> io::Result<()> {
        let file = wait(self.fs.open(path, &REPLACE), self.location).await?;
        self.write_all(&*file, 0, bytes).await
    }

    async fn write_all(
        &self,
        file: &dyn VirtualFile,
        mut at: u64,
        mut bytes: Vec<u8>,
    ) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = wait(file.write_at(at, bytes.clone()), self.location).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes.drain(..written);
            at += written as u64;
        }
        Ok(())
    }

    pub(crate) async fn copy(&self, from: &Path, to: &Path) -> io::Result<u64> {
        let source = wait(self.fs.open(from, &READ), self.location).await?;
        let attributes = wait(source.attributes(), self.location).await?;
        if attributes.kind != FileKind::File {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "what is to be copied is not a regular file",
            ));
        }
        let opening = Opening {
            mode: attributes.mode,
            ..REPLACE
        };
        let target = wait(self.fs.open(to, &opening), self.location).await?;
        wait(target.set_mode(attributes.mode), self.location).await?;
        let mut copied = 0;
        loop {
            let piece = wait(source.read_at(copied, PIECE), self.location).await?;
            if piece.is_empty() {
                return Ok(copied);
            }
            let length = piece.len() as u64;
            self.write_all(&*target, copied, piece).await?;
            copied += length;
        }
    }

    async fn is_directory(&self, path: &Path) -> bool {
        wait(self.fs.attributes(path, true), self.location)
            .await
            .is_ok_and(|attributes| attributes.kind == FileKind::Directory)
    }

    pub(crate) async fn create_dir_all(&self, path: &Path, mode: u32) -> io::Result<()> {
        // The missing ones, the deepest first.
        let mut missing = Vec::new();
        for path in path.ancestors() {
            if path == Path::new("") {
                break;
            }
            match wait(self.fs.create_dir(path, mode), self.location).await {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(path),
                Err(_) if self.is_directory(path).await => break,
                Err(error) => return Err(error),
            }
        }
        while let Some(path) = missing.pop() {
            match wait(self.fs.create_dir(path, mode), self.location).await {
                Err(error) if !self.is_directory(path).await => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) async fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let attributes = wait(self.fs.attributes(path, false), self.location).await?;
        if attributes.kind == FileKind::Symlink {
            return wait(self.fs.remove_file(path), self.location).await;
        }
        // Each directory is met twice: to empty it, and to remove it.
        let mut left: Vec<(PathBuf, bool)> = vec![(path.to_owned(), false)];
        while let Some((path, emptied)) = left.pop() {
            if emptied {
                wait(self.fs.remove_dir(&path), self.location).await?;
                continue;
            }
            let entries = wait(self.fs.read_dir(&path), self.location).await?;
            left.push((path.clone(), true));
            for entry in entries {
                let path = path.join(entry.name);
                if entry.kind == FileKind::Directory {
                    left.push((path, false));
                } else {
                    wait(self.fs.remove_file(&path), self.location).await?;
                }
            }
        }
        Ok(())
    }
}

/// The virtual file system that is entered, with the caller's place.
#[track_caller]
pub(crate) fn entered() -> Option<Composed> {
    on(provider::entered())
}

/// `fs`, with the caller's place.
#[track_caller]
pub(crate) fn on(fs: Option<Arc<dyn VirtualFs>>) -> Option<Composed> {
    let location = Location::caller();
    fs.map(|fs| Composed { fs, location })
}
