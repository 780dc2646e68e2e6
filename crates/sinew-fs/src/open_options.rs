//! `OpenOptions`: how a file is opened.

use std::fs;
use std::io;
use std::path::Path;

use crate::backend::{self, Chosen};
use crate::cached::{self, Opened};
use crate::composed::{self, Composed, READ};
use crate::file::File;
use crate::hop::{give_way, hop, named, wait};
use crate::provider::Opening;

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
    /// The same, readable. Unknown if they came from `std`, whose options cannot be
    /// read.
    known: Option<Opening>,
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
            known: Some(Opening {
                read: false,
                ..READ
            }),
        }
    }

    fn set(&mut self, set: impl FnOnce(&mut Opening)) -> &mut OpenOptions {
        self.known.as_mut().map(set);
        self
    }

    /// Whether to open for reading.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.std.read(read);
        self.set(|known| known.read = read)
    }

    /// Whether to open for writing. What is there is overwritten in its place.
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.std.write(write);
        self.set(|known| known.write = write)
    }

    /// Whether to write at the end of the file, wherever that is by then.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.std.append(append);
        self.set(|known| known.append = append)
    }

    /// Whether to cut the file to nothing. Needs writing.
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.std.truncate(truncate);
        self.set(|known| known.truncate = truncate)
    }

    /// Whether to make the file if there is none. Needs writing or appending.
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.std.create(create);
        self.set(|known| known.create = create)
    }

    /// Whether to make the file, and fail if there is one. Needs writing or
    /// appending.
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.std.create_new(create_new);
        self.set(|known| known.create_new = create_new)
    }

    /// The rights of a file that is made, before the process's mask.
    #[cfg(unix)]
    pub fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        std::os::unix::fs::OpenOptionsExt::mode(&mut self.std, mode);
        self.set(|known| known.mode = mode)
    }

    /// Further flags of `open(2)`.
    #[cfg(unix)]
    pub fn custom_flags(&mut self, flags: i32) -> &mut OpenOptions {
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut self.std, flags);
        self.set(|known| known.custom_flags = flags)
    }

    /// Opens the file.
    ///
    /// Without a hop where only reading is asked for and the kernel has the
    /// answer in its cache.
    ///
    /// # Errors
    ///
    /// The system's, naming the path; [`InvalidInput`](io::ErrorKind::InvalidInput)
    /// for options that do not go together. On a virtual file system
    /// [`Unsupported`](io::ErrorKind::Unsupported) for options that came from `std`.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe if the file is to be made or cut: that is done even if the
    /// future is dropped.
    #[track_caller]
    pub fn open(&self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let entered = composed::entered();
        let chosen = backend::chosen();
        async move { self.open_on(entered, chosen, path.as_ref()).await }
    }

    /// As [`open`](Self::open), without a reference to the options.
    #[track_caller]
    pub(crate) fn into_open(
        self,
        path: impl AsRef<Path>,
    ) -> impl Future<Output = io::Result<File>> {
        let entered = composed::entered();
        let chosen = backend::chosen();
        async move { self.open_on(entered, chosen, path.as_ref()).await }
    }

    async fn open_on(
        &self,
        entered: Option<Composed>,
        chosen: Chosen,
        path: &Path,
    ) -> io::Result<File> {
        match entered {
            None => self.open_on_system(path, chosen).await,
            Some(virt) => {
                let opened = self.open_virtually(&virt, path).await;
                opened.map_err(|error| named("open", path, error))
            }
        }
    }

    async fn open_on_system(&self, path: &Path, chosen: Chosen) -> io::Result<File> {
        give_way().await;
        if self.known == Some(READ) {
            match cached::open(path) {
                Some(Ok(Opened { file, .. })) => {
                    cached::give_out(&file);
                    return Ok(File::opened(file, path.into(), true, chosen));
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
                let path = path.into_boxed_path();
                Ok(File::opened(file, path, local, chosen))
            }
            Err(error) => Err(named("open", &path, error)),
        })
        .await
    }

    async fn open_virtually(&self, virt: &Composed, path: &Path) -> io::Result<File> {
        let Some(opening) = &self.known else {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the options came from std and cannot be read for a virtual file system",
            ));
        };
        check(opening)?;
        let file = wait(virt.fs.open(path, opening), virt.location).await?;
        let append = opening.append;
        let path = path.into();
        Ok(File::opened_virtually(file, path, append, virt.location))
    }
}

/// Refuses what does not go together, as `std` does.
fn check(opening: &Opening) -> io::Result<()> {
    let makes = opening.truncate || opening.creates();
    let right = match (opening.write, opening.append) {
        (_, true) => !opening.truncate || opening.create_new,
        (true, false) => true,
        (false, false) => opening.read && !makes,
    };
    if right {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "the options do not go together",
    ))
}

impl From<fs::OpenOptions> for OpenOptions {
    fn from(std: fs::OpenOptions) -> OpenOptions {
        OpenOptions { std, known: None }
    }
}
