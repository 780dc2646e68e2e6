//! A kernel that refuses. It is the closure that enters it which lies.

use std::fs::File;
use std::io::{self, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use io_uring::IoUring;
use rustix::io::Errno;

use super::driver::REFUSALS;
use super::{Ring, start};
use crate::backend::Backend;

/// A ring whose driver enters the kernel by `enter`, which is told how often it has
/// been asked before, and for how many completions to wait. `None` where there is no
/// ring, or the environment does not want one: memcheck stops all threads while one
/// waits in it.
fn ring(
    mut enter: impl FnMut(usize, &IoUring, usize) -> io::Result<usize> + Send + 'static,
) -> Option<(Ring, Arc<AtomicUsize>)> {
    if crate::backend::backend() == Backend::ThreadPool {
        eprintln!("skipped: no ring here");
        return None;
    }
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let ring = start(Box::new(move |ring, count| {
        enter(counted.fetch_add(1, Ordering::Relaxed), ring, count)
    }));
    match ring {
        Ok(ring) => Some((ring, calls)),
        Err(error) => {
            eprintln!("skipped: no ring here: {error}");
            None
        }
    }
}

fn honestly(_: usize, ring: &IoUring, count: usize) -> io::Result<usize> {
    ring.submit_and_wait(count)
}

/// A file with these bytes, at its start. In memory, where the kernel hands each
/// request to a thread of its own: it is under way for a while.
fn file(content: &[u8]) -> Arc<File> {
    use std::io::Write;

    let file = rustix::fs::memfd_create("test", rustix::fs::MemfdFlags::CLOEXEC);
    let mut file = File::from(file.unwrap());
    file.write_all(content).unwrap();
    file.rewind().unwrap();
    Arc::new(file)
}

fn read(ring: &Ring, file: &Arc<File>, count: usize) -> Receiver<io::Result<Vec<u8>>> {
    let (tell, told) = channel();
    ring.read(file.clone(), Vec::new(), count, move |_, read| {
        tell.send(read).unwrap();
    });
    told
}

fn write(ring: &Ring, file: &Arc<File>, bytes: &[u8]) -> Receiver<io::Result<()>> {
    let (tell, told) = channel();
    ring.write(file.clone(), bytes.to_vec(), move |_, written, _| {
        tell.send(written).unwrap();
        None
    });
    told
}

fn sync(ring: &Ring, file: &Arc<File>) -> Receiver<io::Result<()>> {
    let (tell, told) = channel();
    ring.sync(file.clone(), true, move |_, synced| {
        tell.send(synced).unwrap()
    });
    told
}

/// Reads, writes and syncs by a ring that may fail at any time: each is done, once.
fn works(ring: &Ring) {
    let content: Vec<u8> = (0..600_000u32).map(|at| (at % 251) as u8).collect();
    let files: Vec<_> = (0..300).map(|_| file(&content[..5000])).collect();
    let reads: Vec<_> = files.iter().map(|file| read(ring, file, 3000)).collect();
    for (file, told) in files.iter().zip(reads) {
        assert!(told.recv().unwrap().unwrap() == content[..3000]);
        assert_eq!((&**file).stream_position().unwrap(), 3000);
    }
    let reads: Vec<_> = files.iter().map(|file| read(ring, file, 3000)).collect();
    let syncs: Vec<_> = files.iter().map(|file| sync(ring, file)).collect();
    for told in reads {
        assert!(told.recv().unwrap().unwrap() == content[3000..5000]);
    }
    for told in syncs {
        told.recv().unwrap().unwrap();
    }
    // More than one request takes.
    let large = file(&[]);
    write(ring, &large, &content).recv().unwrap().unwrap();
    assert_eq!((&*large).stream_position().unwrap(), content.len() as u64);
    let full: Arc<File> = Arc::new(File::create("/dev/full").unwrap());
    let error = write(ring, &full, &[1]).recv().unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

fn failure(ring: &Ring) -> Option<i32> {
    ring.failure().and_then(io::Error::raw_os_error)
}

#[test]
fn a_ring_that_does_not_fail_does_all() {
    let Some((ring, _)) = ring(honestly) else {
        return;
    };
    works(&ring);
    assert_eq!(failure(&ring), None);
}

#[test]
fn a_kernel_that_always_refuses_is_asked_once() {
    let refused = |_, _: &IoUring, _| Err(Errno::PERM.into());
    let Some((ring, calls)) = ring(refused) else {
        return;
    };
    works(&ring);
    assert_eq!(failure(&ring), Some(Errno::PERM.raw_os_error()));
    works(&ring);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn what_the_kernel_has_taken_when_it_begins_to_refuse_is_done_once() {
    // After each number of calls, with the entries taken by the last one and without.
    for refused in 0..12 {
        for takes in [true, false] {
            let Some((ring, calls)) = ring(move |call, ring, count| {
                if call < refused {
                    return honestly(call, ring, count);
                }
                if takes {
                    ring.submit()?;
                }
                Err(Errno::PERM.into())
            }) else {
                return;
            };
            works(&ring);
            while failure(&ring).is_none() {
                // It enters the kernel at least twice for each.
                let file = file(b"x");
                assert_eq!(read(&ring, &file, 1).recv().unwrap().unwrap(), b"x");
            }
            works(&ring);
            assert_eq!(calls.load(Ordering::Relaxed), refused + 1);
        }
    }
}

#[test]
fn a_kernel_that_is_out_of_something_for_a_moment_is_asked_again() {
    let Some((ring, _)) = ring(|call, ring, count| match call % 3 {
        0 => Err(Errno::NOMEM.into()),
        1 => Err(Errno::INTR.into()),
        _ => honestly(call, ring, count),
    }) else {
        return;
    };
    works(&ring);
    assert_eq!(failure(&ring), None);
}

#[test]
fn a_kernel_that_stays_out_of_something_is_given_up() {
    let refused = |_, _: &IoUring, _| Err(Errno::AGAIN.into());
    let Some((ring, calls)) = ring(refused) else {
        return;
    };
    works(&ring);
    assert_eq!(failure(&ring), Some(Errno::AGAIN.raw_os_error()));
    assert_eq!(calls.load(Ordering::Relaxed), REFUSALS + 1);
}

/// The disk answers by work that the kernel leaves to the thread of the ring.
#[test]
fn what_the_disk_is_asked_for_when_the_kernel_begins_to_refuse_is_received() {
    const READS: usize = 60;
    const PIECE: usize = 4096;
    let (all_asked, asked) = channel();
    let Some((ring, calls)) = ring(move |call, ring, _| {
        if call == 0 {
            // The driver has begun with what there was then.
            asked.recv().unwrap();
            return Err(Errno::INTR.into());
        }
        // All of the reads are submitted; none is waited for.
        ring.submit()?;
        Err(Errno::PERM.into())
    }) else {
        return;
    };
    let content: Vec<u8> = (0..READS * PIECE).map(|at| (at % 251) as u8).collect();
    let written = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&written, &content).unwrap();
    written.as_file().sync_all().unwrap();
    let reads: Vec<_> = (0..READS)
        .map(|number| {
            let mut file = File::open(&written).unwrap();
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Random).unwrap();
            file.seek(io::SeekFrom::Start((number * PIECE) as u64))
                .unwrap();
            Arc::new(file)
        })
        .collect();
    rustix::fs::fadvise(&written, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let reads: Vec<_> = reads.iter().map(|file| read(&ring, file, PIECE)).collect();
    all_asked.send(()).unwrap();
    for (number, told) in reads.into_iter().enumerate() {
        let bytes = told.recv().unwrap().unwrap();
        assert!(bytes == content[number * PIECE..][..PIECE]);
    }
    assert_eq!(failure(&ring), Some(Errno::PERM.raw_os_error()));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}
