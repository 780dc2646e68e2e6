//! From a path to what is there.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf, is_separator};

use super::node::{Content, Id, Right};
use super::tree::{ROOT, Tree};

/// As many links are followed on one path at most: what Linux follows.
const LINKS: usize = 40;

/// Where a path leads.
pub(super) struct Place {
    /// The directories down to the last, with their names; the root has none.
    above: Vec<(OsString, Id)>,
    /// The name in the last of them. None if the path ends at one of them, at
    /// the root or after `..`.
    pub(super) name: Option<OsString>,
    /// What is there, if anything.
    pub(super) id: Option<Id>,
    /// Whether the path says that it is one of a directory.
    pub(super) is_directory: bool,
}

impl Place {
    /// The directory that has the name.
    pub(super) fn parent(&self) -> Id {
        self.above.last().map_or(ROOT, |(_, id)| *id)
    }

    /// Whether the path leads through the directory `id`.
    pub(super) fn is_below(&self, id: Id) -> bool {
        id == ROOT || self.above.iter().any(|(_, above)| *above == id)
    }

    pub(super) fn found(&self) -> io::Result<Id> {
        self.id.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn path(&self) -> PathBuf {
        let mut path = PathBuf::from(std::path::MAIN_SEPARATOR_STR);
        path.extend(self.above.iter().map(|(name, _)| name));
        path.extend(&self.name);
        path
    }
}

/// What is still to be gone.
enum Step {
    ToRoot,
    Up,
    Down(OsString),
}

fn steps(path: &Path) -> impl DoubleEndedIterator<Item = Step> + '_ {
    path.components().filter_map(|component| match component {
        Component::RootDir => Some(Step::ToRoot),
        Component::Prefix(_) | Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Down(name.to_owned())),
    })
}

/// Whether the path ends in a separator, or in `.` behind one.
fn names_directory(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    let bytes = bytes.strip_suffix(b".").unwrap_or(bytes);
    bytes
        .last()
        .is_some_and(|last| is_separator(char::from(*last)))
}

impl Tree {
    /// Goes along `path`, and through a link at its end too if `follow` says so.
    pub(super) fn walk(&self, path: &Path, follow: bool) -> io::Result<Place> {
        let bytes = path.as_os_str().as_encoded_bytes();
        if bytes.contains(&0) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path has a NUL in it",
            ));
        }
        if bytes.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let is_directory = names_directory(path);
        let mut left: VecDeque<Step> = steps(path).collect();
        let mut links = 0;
        let mut place = Place {
            above: Vec::new(),
            name: None,
            id: Some(ROOT),
            is_directory,
        };
        while let Some(step) = left.pop_front() {
            self.descend(&mut place)?;
            let name = match step {
                Step::ToRoot => {
                    place.above.clear();
                    continue;
                }
                Step::Up => {
                    place.above.pop();
                    continue;
                }
                Step::Down(name) => name,
            };
            let found = self.entry(place.parent(), &name)?;
            let through = follow || is_directory || !left.is_empty();
            match found.map(|id| &self.node(id).content) {
                Some(Content::Symlink(target)) if through => {
                    links += 1;
                    if links > LINKS {
                        return Err(io::Error::other("too many symbolic links"));
                    }
                    for step in steps(target).rev() {
                        left.push_front(step);
                    }
                }
                _ => {
                    place.name = Some(name);
                    place.id = found;
                }
            }
        }
        if place.name.is_none() {
            place.id = Some(place.parent());
        }
        match place.id {
            Some(id) if is_directory && !self.node(id).is_directory() => {
                Err(io::ErrorKind::NotADirectory.into())
            }
            _ => Ok(place),
        }
    }

    /// Makes the directory that the path has come to the last of those above.
    fn descend(&self, place: &mut Place) -> io::Result<()> {
        if let Some(name) = place.name.take() {
            let id = place.found()?;
            if !self.node(id).is_directory() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            place.above.push((name, id));
        }
        Ok(())
    }

    /// What the directory `id` has under `name`.
    fn entry(&self, id: Id, name: &OsString) -> io::Result<Option<Id>> {
        self.allow(id, Right::Search)?;
        Ok(self.directory(id)?.get(name).copied())
    }
}
