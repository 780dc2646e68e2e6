//! Whether the kernel has the next bytes of a file in its cache.

use std::fs::File;
use std::io::{IoSliceMut, Seek};
use std::os::fd::{AsRawFd, RawFd};

use rustix::io::{ReadWriteFlags, preadv2};
use rustix::param::page_size;

/// How many of the next `limit` bytes there are, if the kernel can read all of
/// them without waiting for a device. `None` also at the end of the file.
///
/// A page may leave the cache before it is used; then the reader waits for the
/// device this once.
pub(super) fn resident(file: &File, limit: usize) -> Option<usize> {
    let mut handle = file;
    let start = handle.stream_position().ok()?;
    let mut count = limit as u64;
    let last = read_byte(file, start.checked_add(count)? - 1)?;
    if !last {
        // It is behind the end of the file.
        count = file.metadata().ok()?.len().checked_sub(start)?;
        if count == 0 || count > limit as u64 || !read_byte(file, start + count - 1)? {
            return None;
        }
    }
    // The last page can be read. Those before it have been asked for earlier, so
    // they have arrived if they are there.
    let page = page_size() as u64;
    let pages = (start + count - 1) / page - start / page + 1;
    (cached_pages(file.as_raw_fd(), start, count)? >= pages).then_some(count as usize)
}

/// Whether there is a byte at this offset, if that can be told without waiting.
fn read_byte(file: &File, offset: u64) -> Option<bool> {
    let mut byte = [0];
    let mut bufs = [IoSliceMut::new(&mut byte)];
    let read = preadv2(file, &mut bufs, offset, ReadWriteFlags::NOWAIT);
    read.ok().map(|count| count == 1)
}

/// Where `cachestat` is known to have the number that new calls have everywhere.
const HAS_CACHESTAT: bool = cfg!(all(
    target_pointer_width = "64",
    any(
        target_arch = "aarch64",
        target_arch = "loongarch64",
        target_arch = "powerpc64",
        target_arch = "riscv64",
        target_arch = "s390x",
        target_arch = "x86_64"
    )
));

const CACHESTAT: libc::c_long = 451;

/// How many pages of this part of the file are in the cache: `cachestat`, since
/// Linux 6.5. Not for a file that the process might not write.
fn cached_pages(file: RawFd, start: u64, count: u64) -> Option<u64> {
    #[repr(C)]
    struct Range {
        start: u64,
        count: u64,
    }
    #[repr(C)]
    #[derive(Default)]
    struct Stat {
        cached: u64,
        _dirty: u64,
        _writeback: u64,
        _evicted: u64,
        _recently_evicted: u64,
    }
    if !HAS_CACHESTAT {
        return None;
    }
    let (range, mut stat) = (Range { start, count }, Stat::default());
    // SAFETY: the call reads a range and writes five numbers, where it finds them.
    let failed = unsafe { libc::syscall(CACHESTAT, file, &raw const range, &raw mut stat, 0) };
    (failed == 0).then_some(stat.cached)
}
