//! Names, links and what is known about them.
#![cfg(unix)]

use sinew_core::block_on;
use sinew_fs::{
    canonicalize, hard_link, metadata, read, read_link, remove_file, rename, symlink,
    symlink_metadata, try_exists, write,
};

use crate::everywhere;

#[test]
fn a_link_is_followed_or_not() {
    everywhere(async |dir| {
        let root = &dir;
        let (file, link) = (root.join("file"), root.join("link"));
        write(&file, "12345").await.unwrap();
        symlink(&file, &link).await.unwrap();
        // Twice, with and without a hop.
        for _ in 0..2 {
            assert_eq!(metadata(&link).await.unwrap().len(), 5);
            assert!(metadata(&link).await.unwrap().is_file());
            assert!(symlink_metadata(&link).await.unwrap().is_symlink());
            assert!(metadata(&root).await.unwrap().is_dir());
        }
        assert_eq!(read_link(&link).await.unwrap(), file);
        assert_eq!(canonicalize(&link).await.unwrap(), file);
        assert_eq!(read(&link).await.unwrap(), b"12345");
        remove_file(&file).await.unwrap();
        assert!(!try_exists(&link).await.unwrap());
        assert!(symlink_metadata(&link).await.is_ok());
        remove_file(&link).await.unwrap();
        assert!(symlink_metadata(&link).await.is_err());
    });
}

#[test]
fn a_second_name_is_the_same_file() {
    everywhere(async |dir| {
        let (one, two, three) = (dir.join("one"), dir.join("two"), dir.join("three"));
        write(&one, "1").await.unwrap();
        hard_link(&one, &two).await.unwrap();
        write(&two, "22").await.unwrap();
        assert_eq!(read(&one).await.unwrap(), b"22");
        rename(&one, &three).await.unwrap();
        assert!(!try_exists(&one).await.unwrap());
        assert_eq!(read(&three).await.unwrap(), b"22");
    });
}

#[test]
fn what_others_change_is_seen_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    block_on(async {
        assert!(!try_exists(&path).await.unwrap());
        for size in 0..50 {
            std::fs::write(&path, vec![0; size]).unwrap();
            assert_eq!(metadata(&path).await.unwrap().len(), size as u64);
            assert_eq!(read(&path).await.unwrap().len(), size);
            std::fs::remove_file(&path).unwrap();
            assert!(!try_exists(&path).await.unwrap());
        }
    });
}
