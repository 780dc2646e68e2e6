//! `OpenOptions`: how a file is opened.

use std::fs;
use std::io;
use std::path::Path;

use crate::cached::{self, Opened};
use crate::file::File;
use crate::hop::{give_way, hop, named};

/// How a file is to be opened; as [`std::fs::OpenOptions`].
///
/// ```
/// use sinew_fs::OpenOptions;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("log");
/// # sinew_core::block_on(async {
/// let log = OpenOptions::new().append(true).create(true).open(path).await?;
/// assert_eq!(log.metadata().await?.len(), 0);
/// # std::io::Result::Ok(()) })?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    std: fs::OpenOptions,
    /// Whether reading is asked for, as far as is known.
    reads: bool,
    /// Whether something else was said too.
    more: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions::new()
    }
}

impl OpenOptions {
    /// No option is set; at least one of reading, writing and appending must be.
    #[must_use]
    pub fn new() -> OpenOptions {
        OpenOptions {
            std: fs::OpenOptions::new(),
            reads: false,
            more: false,
        }
    }

    /// Whether to open for reading.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.std.read(read);
        self.reads = read;
        self
    }

    fn more_than_read(&mut self) -> &mut fs::OpenOptions {
        self.more = true;
        &mut self.std
    }

    /// Whether to open for writing. What is there is overwritten in its place.
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.more_than_read().write(write);
        self
    }

    /// Whether to write at the end of the file, wherever that is by then.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.more_than_read().append(append);
        self
    }

    /// Whether to cut the file to nothing. Needs writing.
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.more_than_read().truncate(truncate);
        self
    }

    /// Whether to make the file if there is none. Needs writing or appending.
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.more_than_read().create(create);
        self
    }

    /// Whether to make the file, and fail if there is one. Needs writing or
    /// appending.
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.more_than_read().create_new(create_new);
        self
    }

    /// The rights of a file that is made, before the process's mask.
    #[cfg(unix)]
    pub fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        std::os::unix::fs::OpenOptionsExt::mode(self.more_than_read(), mode);
        self
    }

    /// Further flags of `open(2)`.
    #[cfg(unix)]
    pub fn custom_flags(&mut self, flags: i32) -> &mut OpenOptions {
        std::os::unix::fs::OpenOptionsExt::custom_flags(self.more_than_read(), flags);
        self
    }

    /// Opens the file.
    ///
    /// Without a hop where only reading is asked for and the kernel has the
    /// answer in its cache.
    ///
    /// # Errors
    ///
    /// The system's, naming the path; [`InvalidInput`](io::ErrorKind::InvalidInput)
    /// for options that do not go together.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe if the file is to be made or cut: that is done even if the
    /// future is dropped.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        give_way().await;
        if self.reads && !self.more {
            match cached::open(path) {
                Some(Ok(Opened { file, .. })) => {
                    cached::give_out(&file);
                    return Ok(File::opened(file, path.into(), true));
                }
                Some(Err(error)) => return Err(named("open", path, error)),
                None => {}
            }
        }
        let options = self.std.clone();
        let path = path.to_owned();
        hop(move || match options.open(&path) {
            Ok(file) => {
                let local = cached::is_local(&file);
                Ok(File::opened(file, path.into_boxed_path(), local))
            }
            Err(error) => Err(named("open", &path, error)),
        })
        .await
    }
}

impl From<fs::OpenOptions> for OpenOptions {
    fn from(std: fs::OpenOptions) -> OpenOptions {
        OpenOptions {
            std,
            reads: false,
            more: true,
        }
    }
}
