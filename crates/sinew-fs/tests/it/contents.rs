//! Whole files.

use sinew_core::block_on;
use sinew_fs::{copy, read, read_to_string, write};

use crate::everywhere;

#[test]
fn what_is_written_is_read() {
    everywhere(async |dir| {
        let path = dir.join("file");
        for size in [0, 1, 4096, 100_000, 2_000_000] {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            write(&path, &content).await.unwrap();
            // More than once: the first look makes the file system known, and
            // the second needs no hop.
            for _ in 0..3 {
                assert!(read(&path).await.unwrap() == content);
            }
        }
        write(&path, "text").await.unwrap();
        assert_eq!(read_to_string(&path).await.unwrap(), "text");
    });
}

#[test]
fn files_that_are_made_while_they_are_read() {
    block_on(async {
        for _ in 0..3 {
            let text = read_to_string("/proc/self/status").await.unwrap();
            assert!(text.contains("Pid:"), "{text}");
        }
        assert!(read("/dev/null").await.unwrap().is_empty());
    });
}

#[test]
#[cfg(unix)]
fn a_named_pipe_is_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    let status = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(status.unwrap().success());
    let writer = std::thread::spawn({
        let path = path.clone();
        move || std::fs::write(path, "through the pipe").unwrap()
    });
    assert_eq!(block_on(read(&path)).unwrap(), b"through the pipe");
    writer.join().unwrap();
}

#[test]
fn a_copy_has_the_content_and_the_rights() {
    everywhere(async |dir| {
        let (from, to) = (dir.join("from"), dir.join("to"));
        write(&from, "content").await.unwrap();
        let mut permissions = sinew_fs::metadata(&from).await.unwrap().permissions();
        permissions.set_readonly(true);
        sinew_fs::set_permissions(&from, permissions).await.unwrap();
        assert_eq!(copy(&from, &to).await.unwrap(), 7);
        assert_eq!(read(&to).await.unwrap(), b"content");
        assert!(
            sinew_fs::metadata(&to)
                .await
                .unwrap()
                .permissions()
                .readonly()
        );
    });
}
