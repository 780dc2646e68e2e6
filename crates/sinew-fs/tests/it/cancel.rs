//! Futures that are dropped after their first poll.

use std::task::Poll;

use sinew_core::block_on;
use sinew_fs::File;
use sinew_io::{AsyncReadExt, AsyncWriteExt};

use crate::poll_once;

#[cfg(unix)]
mod kit;

#[test]
fn a_file_survives_each_dropped_operation() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, "0123456789").unwrap();
    let mut options = sinew_fs::OpenOptions::new();
    let mut file = block_on(options.read(true).write(true).open(&path)).unwrap();
    let _ = poll_once(file.sync_all());
    let _ = poll_once(file.metadata());
    let _ = poll_once(file.set_len(8));
    let _ = poll_once(file.flush());
    let _ = poll_once(file.try_clone());
    block_on(async {
        file.sync_all().await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("01234567"), "{text}");
    });
}

#[test]
fn a_write_counts_once_it_has_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    block_on(async {
        let mut file = File::create(&path).await.unwrap();
        let mut accepted = Vec::new();
        for number in 0..200u8 {
            if let Poll::Ready(count) = poll_once(file.write(&[number; 3])) {
                accepted.extend(std::iter::repeat_n(number, count.unwrap()));
            }
        }
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), accepted);
    });
}

#[test]
fn a_dropped_file_is_written_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    block_on(async {
        let mut file = File::create(&path).await.unwrap();
        file.write_all(&[1; 100_000]).await.unwrap();
        drop(file);
    });
    while std::fs::metadata(&path).unwrap().len() < 100_000 {
        std::thread::yield_now();
    }
}
