//! One file, directory or link.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use super::blocks::Blocks;
use crate::provider::{Attributes, FileKind};

/// What a node is known by. Never used again.
pub(super) type Id = u64;

pub(super) struct Node {
    pub(super) content: Content,
    pub(super) mode: u32,
    pub(super) accessed: SystemTime,
    pub(super) modified: SystemTime,
    /// How many names it has.
    pub(super) names: usize,
    /// How many have it open.
    pub(super) openers: usize,
}

pub(super) enum Content {
    File(Blocks),
    Directory(BTreeMap<OsString, Id>),
    Symlink(PathBuf),
}

/// The owner's rights.
#[derive(Clone, Copy, Debug)]
pub(super) enum Right {
    Read = 0o400,
    Write = 0o200,
    /// To go through a directory.
    Search = 0o100,
}

impl Node {
    pub(super) fn new(content: Content, mode: u32, now: SystemTime) -> Node {
        Node {
            content,
            mode: mode & 0o7777,
            accessed: now,
            modified: now,
            names: 0,
            openers: 0,
        }
    }

    pub(super) fn kind(&self) -> FileKind {
        match self.content {
            Content::File(_) => FileKind::File,
            Content::Directory(_) => FileKind::Directory,
            Content::Symlink(_) => FileKind::Symlink,
        }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.kind() == FileKind::Directory
    }

    pub(super) fn allows(&self, right: Right) -> bool {
        self.mode & right as u32 != 0
    }

    pub(super) fn used(&self) -> u64 {
        match &self.content {
            Content::File(blocks) => blocks.used(),
            _ => 0,
        }
    }

    pub(super) fn attributes(&self) -> Attributes {
        Attributes {
            kind: self.kind(),
            len: match &self.content {
                Content::File(blocks) => blocks.len(),
                Content::Directory(_) => 0,
                Content::Symlink(target) => target.as_os_str().len() as u64,
            },
            mode: self.mode,
            accessed: self.accessed,
            modified: self.modified,
        }
    }
}
