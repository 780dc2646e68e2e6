//! The backends: which there is, and what only the slow ways show.
//!
//! A file that is written in direct mode, or whose pages were thrown out of the
//! cache, is one that nobody can serve at once.

use std::path::{Path, PathBuf};

use sinew_core::{block_on, join};
use sinew_fs::{Backend, File, OpenOptions, backend, read};
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::with_each_backend;

#[test]
fn the_entered_one_is_reported_and_left_again() {
    let before = backend();
    {
        let _outer = Backend::ThreadPool.enter().unwrap();
        assert_eq!(backend(), Backend::ThreadPool);
        if let Ok(_inner) = Backend::IoUring.enter() {
            assert_eq!(backend(), Backend::IoUring);
        }
        assert_eq!(backend(), Backend::ThreadPool);
    }
    assert_eq!(backend(), before);
    // What can be entered is what is taken without being asked for.
    let has_ring = Backend::IoUring.enter().is_ok();
    assert_eq!(before == Backend::IoUring, has_ring);
}

/// Makes a file that is not in the cache, if the file system can throw it out.
pub(crate) fn cold(dir: &Path, content: &[u8]) -> PathBuf {
    let path = dir.join("cold");
    std::fs::write(&path, content).unwrap();
    #[cfg(target_os = "linux")]
    {
        let file = std::fs::File::open(&path).unwrap();
        file.sync_all().unwrap();
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    }
    path
}

pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

#[test]
fn what_is_on_the_disk_only_is_read() {
    with_each_backend(async |dir| {
        // Small enough to be read as a whole, and large enough for pieces.
        for size in [1, 10_000, 300_000, 3_000_000] {
            let content = content(size);
            // Whether the file system is known, decides the way.
            sinew_fs::metadata(&dir).await.unwrap();
            assert!(read(cold(&dir, &content)).await.unwrap() == content);
            let mut file = File::open(cold(&dir, &content)).await.unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).await.unwrap();
            assert!(bytes == content);
            assert_eq!(file.stream_position().await.unwrap(), size as u64);
        }
    });
}

#[test]
fn many_read_at_once() {
    const FILES: usize = 400;
    with_each_backend(async |dir| {
        let content = content(FILES * 4096);
        let path = cold(&dir, &content);
        let reads = (0..FILES).map(|number| {
            let (path, content) = (&path, &content);
            async move {
                let mut file = File::open(path).await.unwrap();
                let start = number * 4096;
                file.seek(std::io::SeekFrom::Start(start as u64))
                    .await
                    .unwrap();
                let mut bytes = [0; 4096];
                file.read_exact(&mut bytes).await.unwrap();
                assert!(bytes == content[start..][..4096]);
            }
        });
        futures::future::join_all(reads).await;
    });
}

#[test]
fn syncs_go_beside_each_other() {
    with_each_backend(async |dir| {
        let mut file = File::create(dir.join("file")).await.unwrap();
        for _ in 0..10 {
            file.write_all(&[7; 5000]).await.unwrap();
            let (all, data) = join!(file.sync_all(), file.sync_data());
            all.unwrap();
            data.unwrap();
        }
        assert_eq!(file.metadata().await.unwrap().len(), 50_000);
        file.into_std().await;
    });
}

/// In this mode the kernel takes nothing without asking the disk.
#[test]
#[cfg(target_os = "linux")]
fn writes_past_the_cache_arrive_in_order() {
    let direct = rustix::fs::OFlags::DIRECT.bits() as i32;
    with_each_backend(async |dir| {
        let path = dir.join("file");
        let mut options = OpenOptions::new();
        options.write(true).create(true).custom_flags(direct);
        let Ok(mut file) = options.open(&path).await else {
            eprintln!("the temporary directory knows no direct writes");
            return;
        };
        // Its buffers would have to lie at the right places in memory; they may or
        // may not. What was accepted is reported as lost, or is there.
        let mut expected = Vec::new();
        for number in 0..20u8 {
            let piece = vec![number; 8192];
            if file.write_all(&piece).await.is_err() || file.flush().await.is_err() {
                return;
            }
            expected.extend(piece);
        }
        file.sync_all().await.unwrap();
        assert!(std::fs::read(&path).unwrap() == expected);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_is_dropped_while_it_is_read_is_closed() {
    fn open_descriptors(path: &Path) -> usize {
        let path = path.canonicalize().unwrap();
        let links = std::fs::read_dir("/proc/self/fd").unwrap();
        links
            .filter(|link| {
                let link = link.as_ref().unwrap().path();
                std::fs::read_link(link).is_ok_and(|target| target == path)
            })
            .count()
    }
    with_each_backend(async |dir| {
        let path = cold(&dir, &content(1_000_000));
        for _ in 0..20 {
            let mut file = File::open(&path).await.unwrap();
            let _ = crate::poll_once(file.read(&mut [0; 100_000]));
        }
        while open_descriptors(&path) > 0 {
            std::thread::yield_now();
        }
    });
}

#[test]
#[cfg(unix)]
fn a_pipe_keeps_nobody_from_the_disk() {
    with_each_backend(async |dir| {
        // More readers that wait for ever than a ring has places.
        let mut pipes = Vec::new();
        let mut readers = Vec::new();
        for _ in 0..300 {
            let (reader, writer) = std::io::pipe().unwrap();
            let fd: std::os::fd::OwnedFd = reader.into();
            let mut file = File::from_std(fd.into());
            assert!(crate::poll_once(file.read(&mut [0; 1])).is_pending());
            pipes.push(writer);
            readers.push(file);
        }
        let content = content(100_000);
        let mut file = File::open(cold(&dir, &content)).await.unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await.unwrap();
        assert!(bytes == content);
        drop(pipes);
        for mut reader in readers {
            assert_eq!(reader.read(&mut [0; 1]).await.unwrap(), 0);
        }
    });
}

#[test]
fn works_without_a_runtime_and_after_its_thread_has_gone() {
    with_each_backend(async |dir| {
        let path = cold(&dir, &content(500_000));
        let backend = backend();
        // The thread that begins to read ends before the read does.
        let file = std::thread::spawn(move || {
            let _entered = backend.enter().unwrap();
            let mut file = block_on(File::open(path)).unwrap();
            let _ = crate::poll_once(file.read(&mut [0; 4096]));
            file
        });
        let mut file = file.join().unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await.unwrap();
        assert!(content(500_000).ends_with(&bytes));
        assert!(bytes.len() >= 500_000 - 4096);
    });
}
