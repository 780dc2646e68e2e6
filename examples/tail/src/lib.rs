//! Follows a file that others write: its last lines, then what they add, also when they
//! cut it or begin a new one of the same name.

use std::fs::Metadata;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sinew::fs::{File, metadata};
use sinew::prelude::*;
use sinew::time::{Interval, MissedTickBehavior, interval};

/// Read in one go.
const BLOCK: usize = 8 * 1024;

/// What happened to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// These bytes were added.
    Added(&'a [u8]),
    /// It is shorter than before. What it holds now is told from its beginning.
    Truncated,
    /// The name belongs to another file now, as when logs are rotated. What that one
    /// holds is told from its beginning.
    Replaced,
}

/// A file that is followed, by its name.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    file: File,
    /// The one that has the name now, until all of `file` is told.
    successor: Option<File>,
    /// How many bytes lie before what is told next.
    position: u64,
    looks: Interval,
    block: Vec<u8>,
}

impl Tail {
    /// Begins so many lines before the end. Once there, looks every `period`
    /// whether there is more.
    ///
    /// # Errors
    ///
    /// Of opening and reading the file.
    pub async fn open(path: &Path, lines: usize, period: Duration) -> io::Result<Tail> {
        let mut file = File::open(path).await?;
        let position = last_lines(&mut file, lines).await?;
        let mut looks = interval(period);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Tail {
            path: path.to_owned(),
            file,
            successor: None,
            position,
            looks,
            block: vec![0; BLOCK],
        })
    }

    /// Waits until there is something to tell.
    ///
    /// A file that was cut and has grown beyond its old length between two looks
    /// cannot be told from one that has only grown.
    ///
    /// # Errors
    ///
    /// Of reading the file.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> io::Result<Event<'_>> {
        loop {
            // Whoever drops us here, in a seek or in a read, leaves `position` as
            // it is, and the next call begins with this seek.
            self.file.seek(SeekFrom::Start(self.position)).await?;
            let count = self.file.read(&mut self.block).await?;
            if count > 0 {
                self.position += count as u64;
                return Ok(Event::Added(&self.block[..count]));
            }
            let known = self.file.metadata().await?;
            if known.len() < self.position {
                self.position = 0;
                return Ok(Event::Truncated);
            }
            if let Some(successor) = self.successor.take() {
                self.file = successor;
                self.position = 0;
                return Ok(Event::Replaced);
            }
            self.successor = self.find_successor(&known).await?;
            if self.successor.is_none() {
                self.looks.tick().await;
            }
        }
    }

    /// The file that has the name now, if it is another one. There may be none for a
    /// moment: some rotate in two steps.
    async fn find_successor(&self, known: &Metadata) -> io::Result<Option<File>> {
        let found = async {
            if is_same(known, &metadata(&self.path).await?) {
                return Ok(None);
            }
            File::open(&self.path).await.map(Some)
        };
        match found.await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            found => found,
        }
    }
}

/// Whether two names are of one file.
#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// This system does not say.
#[cfg(not(unix))]
fn is_same(_one: &Metadata, _other: &Metadata) -> bool {
    true
}

/// Where the last `lines` lines begin. Reads backwards, only as far as it must.
async fn last_lines(file: &mut File, lines: usize) -> io::Result<u64> {
    let end = file.seek(SeekFrom::End(0)).await?;
    if lines == 0 {
        return Ok(end);
    }
    let mut block = vec![0; BLOCK];
    let (mut begin, mut found) = (end, 0);
    while begin > 0 {
        let count = begin.min(BLOCK as u64);
        begin -= count;
        file.seek(SeekFrom::Start(begin)).await?;
        let block = &mut block[..count as usize];
        match file.read_exact(block).await {
            // Cut in the meantime: all that is left is new.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
            read => read?,
        };
        for (index, _) in block.iter().enumerate().rev().filter(|at| *at.1 == b'\n') {
            let after = begin + index as u64 + 1;
            // The one that ends the file begins no line.
            found += usize::from(after < end);
            if found == lines {
                return Ok(after);
            }
        }
    }
    Ok(0)
}
