//! What goes wrong is told, with the path and the system's number.

use std::io::ErrorKind;

use sinew_core::block_on;
use sinew_core::error::raw_os_error;
use sinew_fs::File;
use sinew_io::{AsyncReadExt, AsyncWriteExt};

use crate::everywhere;

#[test]
fn a_missing_file_is_named() {
    everywhere(async |dir| {
        let path = dir.join("missing");
        let name = path.display().to_string();
        for _ in 0..2 {
            let errors = [
                File::open(&path).await.unwrap_err(),
                sinew_fs::read(&path).await.unwrap_err(),
                sinew_fs::read_to_string(&path).await.unwrap_err(),
                sinew_fs::metadata(&path).await.unwrap_err(),
                sinew_fs::symlink_metadata(&path).await.unwrap_err(),
                sinew_fs::remove_file(&path).await.unwrap_err(),
                sinew_fs::read_dir(&path).await.unwrap_err(),
                sinew_fs::copy(&path, dir.join("to")).await.unwrap_err(),
                sinew_fs::rename(&path, dir.join("to")).await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::NotFound);
                assert!(error.to_string().contains(&name), "{error}");
            }
        }
    });
}

#[test]
fn the_number_of_the_system_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("missing");
    block_on(async {
        for _ in 0..2 {
            let error = sinew_fs::read(&path).await.unwrap_err();
            assert!(raw_os_error(&error).is_some(), "{error}");
        }
    });
}

#[test]
fn a_name_with_a_nul_is_no_name() {
    everywhere(async |_| {
        let error = sinew_fs::read("with\0nul").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = sinew_fs::metadata("with\0nul").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn a_directory_is_no_file() {
    everywhere(async |dir| {
        for _ in 0..2 {
            let error = sinew_fs::read(&dir).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::IsADirectory);
        }
        let error = File::create(&dir).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
        let mut file = File::open(&dir).await.unwrap();
        let error = file.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
        let path = dir.join("file");
        sinew_fs::write(&path, "").await.unwrap();
        let error = sinew_fs::read_dir(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotADirectory);
    });
}

#[test]
fn text_that_is_none() {
    everywhere(async |dir| {
        let path = dir.join("file");
        sinew_fs::write(&path, [0xff]).await.unwrap();
        let error = sinew_fs::read_to_string(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("file"), "{error}");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_write_that_fails_is_told_by_the_next_operation_and_once() {
    block_on(async {
        let mut options = sinew_fs::OpenOptions::new();
        let mut full = options
            .read(true)
            .write(true)
            .open("/dev/full")
            .await
            .unwrap();
        full.write_all(b"lost").await.unwrap();
        let error = full.flush().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(error.to_string().contains("/dev/full"), "{error}");
        full.flush().await.unwrap();

        full.write_all(b"lost").await.unwrap();
        assert_eq!(
            full.sync_all().await.unwrap_err().kind(),
            ErrorKind::StorageFull
        );
        full.write_all(b"lost").await.unwrap();
        let read = full.read(&mut [0; 4]).await;
        assert_eq!(read.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(full.read(&mut [1; 4]).await.unwrap(), 4);
        let error = sinew_fs::write("/dev/full", "lost").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    });
}
