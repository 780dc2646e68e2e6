//! A file that is open.

use std::fmt;
use std::future::ready;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::SystemTime;

use super::Disk;
use super::node::{Content, Id};
use super::tree::Tree;
use crate::provider::{Attributes, BoxFuture, Opening, VirtualFile};

pub(super) struct OpenFile {
    disk: Arc<Disk>,
    id: Id,
    reads: bool,
    writes: bool,
}

impl OpenFile {
    /// Takes over what [`Tree::open`] has opened.
    pub(super) fn new(disk: Arc<Disk>, id: Id, opening: &Opening) -> OpenFile {
        OpenFile {
            disk,
            id,
            reads: opening.read,
            writes: opening.writes(),
        }
    }

    fn at_once<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tree, Id) -> io::Result<T>,
    ) -> BoxFuture<T> {
        Box::pin(ready(f(&mut self.disk.lock(), self.id)))
    }

    fn writing<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tree, Id) -> io::Result<T>,
    ) -> BoxFuture<T> {
        if self.writes {
            return self.at_once(f);
        }
        let error = io::Error::other("the file is not open for writing");
        Box::pin(ready(Err(error)))
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.disk.lock().close(self.id);
    }
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("memory::File")
            .field("id", &self.id)
            .field("read", &self.reads)
            .field("write", &self.writes)
            .finish_non_exhaustive()
    }
}

impl VirtualFile for OpenFile {
    fn read_at(&self, offset: u64, len: usize) -> BoxFuture<Vec<u8>> {
        self.at_once(|tree, id| match &tree.node(id).content {
            Content::File(_) if !self.reads => {
                Err(io::Error::other("the file is not open for reading"))
            }
            Content::File(blocks) => Ok(blocks.read(offset, len)),
            _ => Err(ErrorKind::IsADirectory.into()),
        })
    }

    fn write_at(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<usize> {
        self.writing(|tree, id| tree.change(id, |blocks, free| blocks.write(offset, &bytes, free)))
    }

    fn append(&self, bytes: Vec<u8>) -> BoxFuture<(usize, u64)> {
        self.writing(|tree, id| {
            tree.change(id, |blocks, free| {
                let written = blocks.write(blocks.len(), &bytes, free)?;
                Ok((written, blocks.len()))
            })
        })
    }

    fn sync(&self, _data: bool) -> BoxFuture<()> {
        Box::pin(ready(Ok(())))
    }

    fn set_len(&self, len: u64) -> BoxFuture<()> {
        if !self.writes {
            let error = io::Error::new(ErrorKind::InvalidInput, "the file is not open for writing");
            return Box::pin(ready(Err(error)));
        }
        self.writing(|tree, id| tree.change(id, |blocks, _| blocks.set_len(len)))
    }

    fn attributes(&self) -> BoxFuture<Attributes> {
        self.at_once(|tree, id| Ok(tree.node(id).attributes()))
    }

    fn set_mode(&self, mode: u32) -> BoxFuture<()> {
        self.at_once(|tree, id| {
            tree.node_mut(id).mode = mode & 0o7777;
            Ok(())
        })
    }

    fn set_times(&self, accessed: SystemTime, modified: SystemTime) -> BoxFuture<()> {
        self.at_once(|tree, id| {
            let node = tree.node_mut(id);
            node.accessed = accessed;
            node.modified = modified;
            Ok(())
        })
    }

    fn id(&self) -> u64 {
        self.id
    }
}
