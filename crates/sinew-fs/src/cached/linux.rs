//! Linux: `RESOLVE_CACHED` (5.12) and `RWF_NOWAIT` (4.14).
//!
//! A path is first opened with `O_PATH`, which has no effect on what is there:
//! opening a named pipe for reading would wake a writer. Only a regular file is
//! then opened for reading. `O_NONBLOCK` is there for the case that something
//! else has taken its place in between; it has no effect on regular files, and is
//! cleared from files that are given out.

use std::fs::{File, Metadata};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags};
use rustix::fs::{fcntl_setfl, fstatfs, openat, openat2, statx};
use rustix::io::{Errno, ReadWriteFlags, preadv2, pwritev2};

use super::{Nowait, Opened};

/// How many mounted file systems are remembered. On those beyond, everything goes
/// to the pool.
const DEVICES: usize = 64;

/// `f_type` of the file systems that keep their data on this machine, where a
/// name or an attribute in the cache is all that there is to ask: ext, XFS,
/// Btrfs, tmpfs, ramfs, overlayfs, F2FS, ZFS, EROFS, squashfs.
const LOCAL: [u64; 10] = [
    0xef53,
    0x5846_5342,
    0x9123_683e,
    0x0102_1994,
    0x8584_58f6,
    0x794c_7630,
    0xf2f5_2010,
    0x2fc1_2fc1,
    0xe0f5_e1e2,
    0x7371_7368,
];

/// `f_type` of tmpfs and ramfs. Only what was swapped out has to be waited for, as
/// any memory.
const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];

/// The offset that means: the file's own position.
const POSITION: u64 = u64::MAX;

/// Set once the kernel, or a sandbox, has turned out not to know `openat2`.
static MISSING: AtomicBool = AtomicBool::new(false);

/// A file system by its device number, and whether it is local.
type Device = (u64, bool);

static KNOWN: RwLock<Vec<Device>> = RwLock::new(Vec::new());

fn lookup(device: u64) -> Option<bool> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let found = known.iter().find(|(number, _)| *number == device);
    found.map(|(_, local)| *local)
}

fn is_one_of(fd: impl AsFd, types: &[u64]) -> bool {
    // The type is signed on some machines; the magic numbers have 32 bits.
    fstatfs(fd).is_ok_and(|stat| types.contains(&(stat.f_type as u64 & 0xffff_ffff)))
}

/// Asks what file system an open file is on. Asking may itself take a network,
/// so this is called on the pool.
fn classify(fd: impl AsFd, device: u64) -> bool {
    let local = is_one_of(fd, &LOCAL);
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    let is_new = !known.iter().any(|(number, _)| *number == device);
    if is_new && known.len() < DEVICES {
        known.push((device, local));
    }
    local
}

fn device(stat: &Statx) -> u64 {
    (u64::from(stat.stx_dev_major) << 32) | u64::from(stat.stx_dev_minor)
}

fn stat(fd: impl AsFd) -> rustix::io::Result<Statx> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    statx(fd, c"", flags, StatxFlags::TYPE | StatxFlags::SIZE)
}

pub(super) fn is_local(file: &File) -> bool {
    let Ok(stat) = stat(file) else { return false };
    let device = device(&stat);
    lookup(device).unwrap_or_else(|| classify(file, device))
}

/// Opens without waiting for a device. `Ok(None)`: not this way.
fn open_cached(path: &Path, flags: OFlags) -> io::Result<Option<OwnedFd>> {
    if MISSING.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let flags = flags | OFlags::CLOEXEC;
    match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED) {
        Ok(fd) => Ok(Some(fd)),
        Err(Errno::NOENT) => Err(Errno::NOENT.into()),
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => {
            // `PERM` and `INVAL` may be about this path alone; going to the pool
            // from now on is correct in any case.
            MISSING.store(true, Ordering::Relaxed);
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

/// What is at `path`, without an effect on it, if it is on a local file system.
fn look(path: &Path, flags: OFlags) -> io::Result<Option<(OwnedFd, Statx)>> {
    let Some(fd) = open_cached(path, flags | OFlags::PATH)? else {
        return Ok(None);
    };
    let stat = stat(&fd)?;
    Ok((lookup(device(&stat)) == Some(true)).then_some((fd, stat)))
}

pub(super) fn open(path: &Path) -> Option<io::Result<Opened>> {
    let stat = match look(path, OFlags::empty()) {
        Ok(Some((_, stat))) => stat,
        Ok(None) => return None,
        Err(error) => return answer(error),
    };
    if FileType::from_raw_mode(stat.stx_mode.into()) != FileType::RegularFile {
        return None;
    }
    match open_cached(path, OFlags::RDONLY | OFlags::NONBLOCK) {
        Ok(fd) => fd.map(|fd| {
            Ok(Opened {
                file: fd.into(),
                size: stat.stx_size,
            })
        }),
        Err(error) => answer(error),
    }
}

pub(super) fn metadata(path: &Path, follow: bool) -> Option<io::Result<Metadata>> {
    let flags = if follow {
        OFlags::empty()
    } else {
        OFlags::NOFOLLOW
    };
    match look(path, flags) {
        Ok(Some((fd, _))) => Some(File::from(fd).metadata()),
        Ok(None) => None,
        Err(error) => answer(error),
    }
}

/// Only that there is no such file is taken as an answer.
fn answer<T>(error: io::Error) -> Option<io::Result<T>> {
    (error.kind() == io::ErrorKind::NotFound).then_some(Err(error))
}

pub(super) fn learn(path: &Path) {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let Ok(fd) = openat(CWD, path, flags, Mode::empty()) else {
        return;
    };
    if let Ok(stat) = stat(&fd) {
        let device = device(&stat);
        if lookup(device).is_none() {
            classify(fd, device);
        }
    }
}

/// Takes back the flag with which [`open`] opens.
pub(super) fn give_out(file: &File) {
    // Without an effect on a regular file, so a failure has none either.
    let _ = fcntl_setfl(file, OFlags::empty());
}

/// Whether the open file is in memory. Its file system is known to be a local one,
/// or else answers from what it was mounted with.
pub(super) fn is_in_memory(file: &File) -> bool {
    is_one_of(file, &IN_MEMORY)
}

pub(super) fn read(file: &File, buf: &mut [u8]) -> Nowait {
    let mut bufs = [IoSliceMut::new(buf)];
    outcome(preadv2(file, &mut bufs, POSITION, ReadWriteFlags::NOWAIT))
}

pub(super) fn write(file: &File, buf: &[u8]) -> Nowait {
    let bufs = [IoSlice::new(buf)];
    outcome(pwritev2(file, &bufs, POSITION, ReadWriteFlags::NOWAIT))
}

fn outcome(result: rustix::io::Result<usize>) -> Nowait {
    match result {
        Ok(count) => Nowait::Done(count),
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::SPIPE | Errno::INVAL) => Nowait::Unsupported,
        // Also for errors: the blocking call on the pool reports them.
        Err(_) => Nowait::Ask,
    }
}
