//! What goes wrong is told, with the path and the system's number.

use std::io::{self, ErrorKind};
use std::path::Path;

use sinew_core::block_on;
use sinew_core::error::raw_os_error;
use sinew_fs::{DirBuilder, File, OpenOptions};
use sinew_io::{AsyncReadExt, AsyncWriteExt};

use crate::everywhere;

/// What each function makes of `path`, where there is no other path that it could
/// fail on: `to` is a free one in a directory that is there.
async fn errors_of_all(path: &Path, to: &Path) -> Vec<(&'static str, io::Error)> {
    macro_rules! errors {
        ($($name:literal: $operation:expr,)*) => {
            vec![$(($name, $operation.await.map(drop).unwrap_err()),)*]
        };
    }
    let permissions = std::fs::metadata("/").unwrap().permissions();
    let mut errors = errors! {
        "open": File::open(path),
        "open for both": OpenOptions::new().read(true).write(true).open(path),
        "read": sinew_fs::read(path),
        "read_to_string": sinew_fs::read_to_string(path),
        "metadata": sinew_fs::metadata(path),
        "symlink_metadata": sinew_fs::symlink_metadata(path),
        "canonicalize": sinew_fs::canonicalize(path),
        "read_link": sinew_fs::read_link(path),
        "read_dir": sinew_fs::read_dir(path),
        "remove_file": sinew_fs::remove_file(path),
        "remove_dir": sinew_fs::remove_dir(path),
        "remove_dir_all": sinew_fs::remove_dir_all(path),
        "set_permissions": sinew_fs::set_permissions(path, permissions),
        "copy": sinew_fs::copy(path, to),
        "rename": sinew_fs::rename(path, to),
        "hard_link": sinew_fs::hard_link(path, to),
    };
    // Those that make something do so in a directory that is not there.
    let inside = path.join("inside");
    errors.extend(errors! {
        "create": File::create(&inside),
        "create_new": File::create_new(&inside),
        "write": sinew_fs::write(&inside, ""),
        "create_dir": sinew_fs::create_dir(&inside),
        "DirBuilder": DirBuilder::new().create(&inside),
        "copy to": sinew_fs::copy(path.parent().unwrap().join("file"), &inside),
        "rename to": sinew_fs::rename(path.parent().unwrap().join("file"), &inside),
        "hard_link to": sinew_fs::hard_link(path.parent().unwrap().join("file"), &inside),
    });
    #[cfg(unix)]
    errors.extend(errors! {
        "symlink": sinew_fs::symlink("target", &inside),
    });
    errors
}

pub(crate) async fn all_are(kind: ErrorKind, path: &Path, dir: &Path) {
    let name = path.display().to_string();
    // Twice: with and without the file system known.
    for _ in 0..2 {
        for (function, error) in errors_of_all(path, &dir.join("to")).await {
            assert_eq!(error.kind(), kind, "{function}: {error}");
            assert!(error.to_string().contains(&name), "{function}: {error}");
        }
    }
}

#[test]
fn a_missing_file_is_named_by_each_function() {
    everywhere(async |dir| {
        sinew_fs::write(dir.join("file"), "").await.unwrap();
        all_are(ErrorKind::NotFound, &dir.join("missing"), &dir).await;
    });
}

#[test]
fn a_name_with_a_nul_is_none_for_each_function() {
    everywhere(async |dir| {
        sinew_fs::write(dir.join("file"), "").await.unwrap();
        all_are(ErrorKind::InvalidInput, &dir.join("with\0nul"), &dir).await;
    });
}

#[test]
fn a_file_on_the_way_is_no_directory_for_each_function() {
    everywhere(async |dir| {
        sinew_fs::write(dir.join("file"), "").await.unwrap();
        let path = dir.join("file/name");
        let name = path.display().to_string();
        for (function, error) in errors_of_all(&path, &dir.join("to")).await {
            assert_eq!(
                error.kind(),
                ErrorKind::NotADirectory,
                "{function}: {error}"
            );
            assert!(error.to_string().contains(&name), "{function}: {error}");
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
