//! Goes through a tree of directories, several of them at once.

use std::fs::FileType;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use sinew::fs::read_dir;
use sinew::task::JoinSet;

/// Something that was found in the tree.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it is: the root's path and the way from there.
    pub path: PathBuf,
    /// What it is. A symbolic link is a link, and is not followed.
    pub file_type: FileType,
}

/// A walk under way. Dropping it ends it.
///
/// Directories are listed by tasks, a bounded number at once, and only as long
/// as somebody asks for the [`next`](Self::next) entry: a slow reader slows the
/// walk down and memory stays small.
#[derive(Debug)]
pub struct Walk {
    at_once: NonZeroUsize,
    /// Not begun. Taken from the end, so that the walk goes down before it goes
    /// on, and few wait.
    directories: Vec<PathBuf>,
    listings: JoinSet<io::Result<Vec<Found>>>,
    /// Of a listing that has ended.
    found: Vec<Found>,
    listed: usize,
}

impl Walk {
    /// Goes through what is below `root`, listing up to `at_once` directories at
    /// a time.
    #[must_use]
    pub fn new(root: PathBuf, at_once: NonZeroUsize) -> Walk {
        Walk {
            at_once,
            directories: vec![root],
            listings: JoinSet::new(),
            found: Vec::new(),
            listed: 0,
        }
    }

    /// How many directories have been listed.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// The next entry, in no order; `None` at the end. After an error, which
    /// concerns one directory and names it, the walk goes on with the others.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<io::Result<Found>> {
        loop {
            if let Some(found) = self.found.pop() {
                if found.file_type.is_dir() {
                    self.directories.push(found.path.clone());
                }
                return Some(Ok(found));
            }
            while self.listings.len() < self.at_once.get() {
                let Some(directory) = self.directories.pop() else {
                    break;
                };
                self.listings.spawn(list(directory));
            }
            let listing = self.listings.join_next().await?;
            self.listed += 1;
            match listing.unwrap_or_else(|panicked| Err(io::Error::other(panicked))) {
                Ok(found) => self.found = found,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

async fn list(directory: PathBuf) -> io::Result<Vec<Found>> {
    let mut entries = read_dir(directory).await?;
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        // The type comes with the name from most file systems.
        let file_type = entry.file_type().await?;
        found.push(Found {
            path: entry.path(),
            file_type,
        });
    }
    Ok(found)
}
