//! Directories.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use sinew_fs::{
    DirBuilder, ReadDirStream, create_dir, create_dir_all, read_dir, remove_dir, remove_dir_all,
};

use crate::everywhere;

#[test]
fn are_made_and_removed() {
    everywhere(async |dir| {
        let deep = dir.join("a/b/c");
        assert!(create_dir(&deep).await.is_err());
        create_dir_all(&deep).await.unwrap();
        create_dir_all(&deep).await.unwrap();
        assert!(create_dir(&deep).await.is_err());
        DirBuilder::new()
            .recursive(true)
            .create(&deep)
            .await
            .unwrap();
        assert!(DirBuilder::new().create(&deep).await.is_err());
        assert!(remove_dir(dir.join("a")).await.is_err());
        remove_dir(&deep).await.unwrap();
        remove_dir_all(dir.join("a")).await.unwrap();
        assert!(!sinew_fs::try_exists(dir.join("a")).await.unwrap());
    });
}

#[test]
#[cfg(unix)]
fn are_made_with_the_rights_asked_for() {
    everywhere(async |dir| {
        use std::os::unix::fs::PermissionsExt;

        let path = dir.join("private");
        DirBuilder::new().mode(0o700).create(&path).await.unwrap();
        let mode = sinew_fs::metadata(&path)
            .await
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    });
}

#[test]
fn every_entry_is_seen_once() {
    everywhere(async |dir| {
        let names: BTreeSet<String> = (0..3_000).map(|number| format!("file{number}")).collect();
        for name in &names {
            sinew_fs::write(dir.join(name), name).await.unwrap();
        }
        create_dir(dir.join("directory")).await.unwrap();
        let mut seen = BTreeSet::new();
        let mut directories = 0;
        let mut entries = read_dir(&dir).await.unwrap();
        while let Some(entry) = entries.next_entry().await.unwrap() {
            assert_eq!(entry.path().parent(), Some(&*dir));
            if entry.file_type().await.unwrap().is_dir() {
                directories += 1;
                continue;
            }
            let name = entry.file_name().into_string().unwrap();
            assert_eq!(entry.metadata().await.unwrap().len(), name.len() as u64);
            assert!(seen.insert(name));
        }
        assert!(
            entries.next_entry().await.unwrap().is_none(),
            "the end stays"
        );
        assert_eq!(seen, names);
        assert_eq!(directories, 1);

        let entries = ReadDirStream::new(read_dir(&dir).await.unwrap());
        let entries: Vec<_> = entries.try_collect().await.unwrap();
        assert_eq!(entries.len(), names.len() + 1);
    });
}
