//! The nodes and their names, and what is done with them.
//!
//! # Invariants
//!
//! 1. A node is in the table as long as it has a name or an opener; the root has
//!    one name that no directory holds.
//! 2. Each directory but the root has exactly one name, and the way up from it ends
//!    at the root.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::blocks::Blocks;
use super::node::{Content, Id, Node, Right};
use super::walk::Place;
use crate::provider::{Attributes, Entry, Opening};

pub(super) const ROOT: Id = 1;

/// The rights that are taken from new files and directories.
const MASK: u32 = 0o022;

pub(super) struct Tree {
    nodes: HashMap<Id, Node>,
    next: Id,
    capacity: u64,
    used: u64,
    clock: Box<dyn Fn() -> SystemTime + Send>,
}

type Names = BTreeMap<OsString, Id>;

impl Tree {
    pub(super) fn new(capacity: u64, clock: Box<dyn Fn() -> SystemTime + Send>) -> Tree {
        let mut root = Node::new(Content::Directory(Names::new()), 0o755, clock());
        root.names = 1;
        Tree {
            nodes: HashMap::from([(ROOT, root)]),
            next: ROOT + 1,
            capacity,
            used: 0,
            clock,
        }
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        self.nodes.get(&id).expect("it has a name or an opener")
    }

    pub(super) fn node_mut(&mut self, id: Id) -> &mut Node {
        self.nodes.get_mut(&id).expect("it has a name or an opener")
    }

    pub(super) fn directory(&self, id: Id) -> io::Result<&Names> {
        match &self.node(id).content {
            Content::Directory(names) => Ok(names),
            _ => Err(ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn allow(&self, id: Id, right: Right) -> io::Result<()> {
        if self.node(id).allows(right) {
            return Ok(());
        }
        Err(ErrorKind::PermissionDenied.into())
    }

    /// Changes a file's content. `change` is told how many bytes are free.
    pub(super) fn change<T>(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut Blocks, u64) -> io::Result<T>,
    ) -> io::Result<T> {
        let now = self.now();
        let free = self.capacity - self.used;
        let node = self.node_mut(id);
        let Content::File(blocks) = &mut node.content else {
            return Err(ErrorKind::IsADirectory.into());
        };
        let before = blocks.used();
        let changed = change(blocks, free)?;
        let after = blocks.used();
        node.modified = now;
        self.used = self.used - before + after;
        Ok(changed)
    }

    /// The names of the directory that a path ends in, to be changed.
    fn names(&mut self, parent: Id) -> io::Result<&mut Names> {
        self.allow(parent, Right::Write)?;
        self.allow(parent, Right::Search)?;
        let now = self.now();
        let node = self.node_mut(parent);
        node.modified = now;
        match &mut node.content {
            Content::Directory(names) => Ok(names),
            _ => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// Gives `id` the name at `place`, at which there is nothing.
    fn link(&mut self, place: &Place, id: Id) -> io::Result<()> {
        let name = place.name.clone().ok_or(ErrorKind::AlreadyExists)?;
        self.names(place.parent())?.insert(name, id);
        self.node_mut(id).names += 1;
        Ok(())
    }

    /// Takes the name at `place` away.
    fn unlink(&mut self, place: &Place) -> io::Result<()> {
        let name = place.name.as_ref().ok_or(ErrorKind::ResourceBusy)?;
        let removed = self.names(place.parent())?.remove(name);
        let id = removed.ok_or(ErrorKind::NotFound)?;
        self.node_mut(id).names -= 1;
        self.forget_if_unused(id);
        Ok(())
    }

    fn forget_if_unused(&mut self, id: Id) {
        let node = self.node(id);
        if node.names == 0 && node.openers == 0 {
            self.used -= node.used();
            self.nodes.remove(&id);
        }
    }

    fn make(&mut self, place: &Place, content: Content, mode: u32) -> io::Result<Id> {
        let id = self.next;
        let node = Node::new(content, mode & !MASK, self.now());
        self.nodes.insert(id, node);
        let linked = self.link(place, id);
        if linked.is_err() {
            self.nodes.remove(&id);
        }
        self.next += 1;
        linked.map(|()| id)
    }

    /// The place of something that is to be made at `path`.
    fn vacant(&self, path: &Path) -> io::Result<Place> {
        let place = self.walk(path, false)?;
        match place.id {
            Some(_) => Err(ErrorKind::AlreadyExists.into()),
            None => Ok(place),
        }
    }

    /// Opens what is at `path`; the opener calls [`close`](Self::close).
    pub(super) fn open(&mut self, path: &Path, opening: &Opening) -> io::Result<Id> {
        if opening.custom_flags != 0 {
            return Err(io::Error::new(
                ErrorKind::Unsupported,
                "a file system in memory knows no further flags",
            ));
        }
        let place = self.walk(path, !opening.create_new)?;
        let id = match place.id {
            Some(_) if opening.create_new => return Err(ErrorKind::AlreadyExists.into()),
            Some(id) => {
                self.may_open(id, opening)?;
                id
            }
            None if !opening.creates() => return Err(ErrorKind::NotFound.into()),
            None if place.is_directory => return Err(ErrorKind::IsADirectory.into()),
            None => self.make(&place, Content::File(Blocks::default()), opening.mode)?,
        };
        if opening.truncate {
            self.change(id, |blocks, _| blocks.set_len(0))?;
        }
        self.node_mut(id).openers += 1;
        Ok(id)
    }

    fn may_open(&self, id: Id, opening: &Opening) -> io::Result<()> {
        if self.node(id).is_directory() && (opening.writes() || opening.creates()) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if opening.read {
            self.allow(id, Right::Read)?;
        }
        if opening.writes() {
            self.allow(id, Right::Write)?;
        }
        Ok(())
    }

    pub(super) fn close(&mut self, id: Id) {
        self.node_mut(id).openers -= 1;
        self.forget_if_unused(id);
    }

    pub(super) fn attributes(&self, path: &Path, follow: bool) -> io::Result<Attributes> {
        let id = self.walk(path, follow)?.found()?;
        Ok(self.node(id).attributes())
    }

    pub(super) fn set_mode(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        let id = self.walk(path, true)?.found()?;
        self.node_mut(id).mode = mode & 0o7777;
        Ok(())
    }

    pub(super) fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let id = self.walk(path, true)?.found()?;
        let names = self.directory(id)?;
        self.allow(id, Right::Read)?;
        let entry = |(name, id): (&OsString, &Id)| Entry {
            name: name.clone(),
            kind: self.node(*id).kind(),
            id: *id,
        };
        Ok(names.iter().map(entry).collect())
    }

    pub(super) fn create_dir(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        let place = self.vacant(path)?;
        let content = Content::Directory(Names::new());
        self.make(&place, content, mode).map(drop)
    }

    pub(super) fn remove_dir(&mut self, path: &Path) -> io::Result<()> {
        let place = self.walk(path, false)?;
        let id = place.found()?;
        if !self.directory(id)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        self.unlink(&place)
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        let place = self.walk(path, false)?;
        if self.node(place.found()?).is_directory() {
            return Err(ErrorKind::IsADirectory.into());
        }
        self.unlink(&place)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let from = self.walk(from, false)?;
        let to = self.walk(to, false)?;
        let id = from.found()?;
        let is_directory = self.node(id).is_directory();
        if from.name.is_none() || to.name.is_none() {
            return Err(ErrorKind::ResourceBusy.into());
        }
        if is_directory && to.is_below(id) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !is_directory && to.is_directory {
            return Err(ErrorKind::NotADirectory.into());
        }
        // Both directories, before anything is changed.
        self.names(from.parent())?;
        self.names(to.parent())?;
        if let Some(replaced) = to.id {
            if replaced == id {
                return Ok(());
            }
            self.may_replace(replaced, is_directory)?;
            self.unlink(&to)?;
        }
        self.link(&to, id)?;
        self.unlink(&from)
    }

    fn may_replace(&self, replaced: Id, by_directory: bool) -> io::Result<()> {
        match &self.node(replaced).content {
            Content::Directory(_) if !by_directory => Err(ErrorKind::IsADirectory.into()),
            Content::Directory(names) if !names.is_empty() => {
                Err(ErrorKind::DirectoryNotEmpty.into())
            }
            Content::Directory(_) => Ok(()),
            _ if by_directory => Err(ErrorKind::NotADirectory.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn hard_link(&mut self, original: &Path, link: &Path) -> io::Result<()> {
        let id = self.walk(original, false)?.found()?;
        let place = self.vacant(link)?;
        if self.node(id).is_directory() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        if place.is_directory {
            return Err(ErrorKind::NotFound.into());
        }
        self.link(&place, id)
    }

    pub(super) fn symlink(&mut self, original: &Path, link: &Path) -> io::Result<()> {
        if original.as_os_str().is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        let place = self.vacant(link)?;
        if place.is_directory {
            return Err(ErrorKind::NotFound.into());
        }
        // All rights, which nobody looks at, and which the mask does not touch.
        let id = self.make(&place, Content::Symlink(original.to_owned()), 0)?;
        self.node_mut(id).mode = 0o777;
        Ok(())
    }

    pub(super) fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let id = self.walk(path, false)?.found()?;
        match &self.node(id).content {
            Content::Symlink(target) => Ok(target.clone()),
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    pub(super) fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let place = self.walk(path, true)?;
        place.found()?;
        Ok(place.path())
    }
}
