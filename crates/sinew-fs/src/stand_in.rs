//! `std`'s types for what the operating system does not know.
//!
//! `std::fs::Metadata`, `FileType` and `FileTimes` cannot be made or read by hand.
//! A real file with the attributes of the virtual one stands in for it: see
//! [`provider`](crate::provider) for what is true of it.

use std::fs::{self, File, FileTimes, FileType, Metadata, Permissions};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::provider::{Attributes, FileKind};

/// The metadata of something with these attributes.
pub(crate) fn metadata(attributes: &Attributes) -> io::Result<Metadata> {
    match attributes.kind {
        FileKind::File => regular(attributes)?.metadata(),
        FileKind::Directory => {
            let place = Place::make(|path| fs::create_dir(path), fs::remove_dir)?;
            // Opened before the rights are set, which may forbid it.
            if let Ok(directory) = File::open(&place.path) {
                directory.set_times(times_of(attributes))?;
            }
            fs::set_permissions(&place.path, permissions(attributes.mode)?)?;
            fs::metadata(&place.path)
        }
        FileKind::Symlink => link(attributes),
    }
}

/// The type of something of this kind.
pub(crate) fn file_type(kind: FileKind) -> io::Result<FileType> {
    static KNOWN: [OnceLock<FileType>; 3] = [const { OnceLock::new() }; 3];
    let known = &KNOWN[kind as usize];
    if let Some(known) = known.get() {
        return Ok(*known);
    }
    let found = metadata(&Attributes {
        kind,
        len: 0,
        mode: 0o700,
        accessed: SystemTime::UNIX_EPOCH,
        modified: SystemTime::UNIX_EPOCH,
    })?;
    Ok(*known.get_or_init(|| found.file_type()))
}

/// The two times of a file with these attributes after `times` was set on it.
pub(crate) fn with_times(
    attributes: &Attributes,
    times: FileTimes,
) -> io::Result<(SystemTime, SystemTime)> {
    // Only the times matter; and the length may be one that is not to be had.
    let file = regular(&Attributes {
        len: 0,
        mode: 0o600,
        ..*attributes
    })?;
    file.set_times(times)?;
    let metadata = file.metadata()?;
    Ok((metadata.accessed()?, metadata.modified()?))
}

#[cfg(unix)]
pub(crate) fn mode(permissions: &Permissions) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(permissions) & 0o7777
}

#[cfg(not(unix))]
pub(crate) fn mode(permissions: &Permissions) -> u32 {
    if permissions.readonly() { 0o444 } else { 0o666 }
}

#[cfg(unix)]
fn permissions(mode: u32) -> io::Result<Permissions> {
    Ok(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn permissions(mode: u32) -> io::Result<Permissions> {
    let mut permissions = nameless()?.metadata()?.permissions();
    permissions.set_readonly(mode & 0o222 == 0);
    Ok(permissions)
}

fn times_of(attributes: &Attributes) -> FileTimes {
    FileTimes::new()
        .set_accessed(attributes.accessed)
        .set_modified(attributes.modified)
}

fn regular(attributes: &Attributes) -> io::Result<File> {
    let file = nameless()?;
    file.set_len(attributes.len)?;
    file.set_times(times_of(attributes))?;
    file.set_permissions(permissions(attributes.mode)?)?;
    Ok(file)
}

/// An open file that no path leads to.
#[cfg(target_os = "linux")]
fn nameless() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    Ok(memfd_create(c"sinew-stand-in", MemfdFlags::CLOEXEC)?.into())
}

/// An open file whose path is about to be removed.
#[cfg(not(target_os = "linux"))]
fn nameless() -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    let mut file = None;
    let _place = Place::make(
        |path| {
            file = Some(options.open(path)?);
            Ok(())
        },
        fs::remove_file,
    )?;
    Ok(file.expect("opened when it was made"))
}

#[cfg(unix)]
fn link(attributes: &Attributes) -> io::Result<Metadata> {
    // Of the right length; it leads nowhere. An empty one cannot be made.
    let target = "x".repeat(attributes.len.clamp(1, 4095) as usize);
    let place = Place::make(
        |path| std::os::unix::fs::symlink(target, path),
        fs::remove_file,
    )?;
    #[cfg(target_os = "linux")]
    set_link_times(&place, attributes)?;
    fs::symlink_metadata(&place.path)
}

#[cfg(target_os = "linux")]
fn set_link_times(place: &Place, attributes: &Attributes) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

    fn timespec(time: SystemTime) -> Timespec {
        let (seconds, nanoseconds) = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => (after.as_secs() as i64, after.subsec_nanos()),
            // Seconds go down, nanoseconds always up.
            Err(error) => {
                let before = error.duration();
                match before.subsec_nanos() {
                    0 => (-(before.as_secs() as i64), 0),
                    nanos => (-(before.as_secs() as i64) - 1, 1_000_000_000 - nanos),
                }
            }
        };
        Timespec {
            tv_sec: seconds,
            tv_nsec: nanoseconds.into(),
        }
    }

    let times = Timestamps {
        last_access: timespec(attributes.accessed),
        last_modification: timespec(attributes.modified),
    };
    utimensat(CWD, &place.path, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}

#[cfg(not(unix))]
fn link(_attributes: &Attributes) -> io::Result<Metadata> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "no metadata of a virtual link on this system",
    ))
}

/// Something in the temporary directory, until it is dropped.
struct Place {
    path: PathBuf,
    remove: fn(PathBuf) -> io::Result<()>,
}

impl Place {
    fn make(
        make: impl FnOnce(&Path) -> io::Result<()>,
        remove: fn(PathBuf) -> io::Result<()>,
    ) -> io::Result<Place> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sinew-stand-in-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        make(&path)?;
        Ok(Place { path, remove })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What a cleaner of temporary files has been at may be gone already.
        let _ = (self.remove)(mem::take(&mut self.path));
    }
}
