use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process;

use super::{CHUNK, Files, read_chunk};

/// A directory of its own for one test, which is removed again.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Dir {
        let path = std::env::temp_dir().join(format!("web-server-{}-{name}", process::id()));
        fs::create_dir_all(path.join("root/sub")).unwrap();
        fs::write(path.join("root/page.html"), "page").unwrap();
        fs::write(path.join("root/sub/data"), "data").unwrap();
        fs::write(path.join("secret"), "secret").unwrap();
        fs::create_dir_all(path.join("root-2")).unwrap();
        fs::write(path.join("root-2/secret"), "secret").unwrap();
        Dir(path)
    }

    fn files(&self) -> Files {
        Files::below(&self.0.join("root")).unwrap()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn content(files: &Files, path: &str) -> Option<String> {
    let mut found = files.open(PathBuf::from(path)).await.unwrap()?;
    let mut text = String::new();
    found.file.read_to_string(&mut text).unwrap();
    assert_eq!(found.length, text.len() as u64);
    Some(text)
}

#[sinew::test]
async fn regular_files_below_the_root_and_nothing_else() {
    let dir = Dir::new("regular");
    let files = dir.files();
    assert_eq!(content(&files, "page.html").await.unwrap(), "page");
    assert_eq!(content(&files, "sub/data").await.unwrap(), "data");
    let long = "x".repeat(5000);
    for path in [
        "sub",
        "",
        "missing",
        "page.html/x",
        "../secret",
        "../root-2/secret",
        "/etc/passwd",
        "a\0b",
        &long,
    ] {
        assert_eq!(content(&files, path).await, None, "{path}");
    }
    assert_eq!(content(&Files::none(), "page.html").await, None);
}

#[sinew::test]
async fn links_lead_where_they_like_within_the_root() {
    let dir = Dir::new("links");
    let root = dir.0.join("root");
    symlink("sub/data", root.join("inside")).unwrap();
    symlink("../secret", root.join("outside")).unwrap();
    symlink(&dir.0, root.join("up")).unwrap();
    symlink(dir.0.join("root-2"), root.join("sibling")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("nothing", root.join("dangling")).unwrap();
    let files = dir.files();
    assert_eq!(content(&files, "inside").await.unwrap(), "data");
    for path in ["outside", "up/secret", "sibling/secret", "loop", "dangling"] {
        assert_eq!(content(&files, path).await, None, "{path}");
    }
    // A root that is a link is looked through once.
    symlink(&root, dir.0.join("alias")).unwrap();
    let files = Files::below(&dir.0.join("alias")).unwrap();
    assert_eq!(content(&files, "page.html").await.unwrap(), "page");
}

#[sinew::test]
async fn what_is_not_a_regular_file_is_not_opened() {
    let files = Files::below(Path::new("/dev")).unwrap();
    assert_eq!(content(&files, "zero").await, None);
}

#[test]
fn the_root_must_be_a_directory() {
    let dir = Dir::new("root");
    assert!(Files::below(&dir.0.join("secret")).is_err());
    let error = Files::below(&dir.0.join("missing")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[sinew::test]
async fn chunks_end_where_they_should() {
    let dir = Dir::new("chunks");
    let bytes: Vec<u8> = (0..CHUNK + 10).map(|i| i as u8).collect();
    fs::write(dir.0.join("root/big"), &bytes).unwrap();
    let found = dir.files().open("big".into()).await.unwrap().unwrap();
    let (file, out) = read_chunk(found.file, vec![7], found.length).await.unwrap();
    assert_eq!((out.len(), out[0]), (CHUNK + 1, 7));
    let (file, out) = read_chunk(file, Vec::new(), 10).await.unwrap();
    assert_eq!(out, bytes[CHUNK..]);
    // A file that has become shorter.
    let error = read_chunk(file, Vec::new(), 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}
