//! Files that grow and shrink under the reader. The clock stands still: waiting
//! for the next look takes no time.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use sinew::time::timeout;
use tail::{Event, Tail};

const PERIOD: Duration = Duration::from_secs(1);

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// All that is told until `length` bytes are there.
async fn added(tail: &mut Tail, length: usize) -> String {
    let mut all = Vec::new();
    while all.len() < length {
        match tail.next().await.unwrap() {
            Event::Added(bytes) => all.extend_from_slice(bytes),
            event => panic!("{event:?} after {all:?}"),
        }
    }
    String::from_utf8(all).unwrap()
}

#[sinew::test(start_paused = true, timeout = "60s")]
async fn begins_with_the_last_lines() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let long = "x".repeat(20_000);
    for (content, lines, expected) in [
        ("", 3, ""),
        ("a\nb\nc\n", 0, ""),
        ("a\nb\nc\n", 2, "b\nc\n"),
        ("a\nb\nc", 2, "b\nc"),
        ("a\nb\n\n", 1, "\n"),
        ("a\nb\n", 5, "a\nb\n"),
        (&format!("a\n{long}\nb\n"), 2, &format!("{long}\nb\n")),
    ] {
        std::fs::write(&path, content).unwrap();
        let mut tail = Tail::open(&path, lines, PERIOD).await.unwrap();
        append(&path, "!");
        let expected = format!("{expected}!");
        assert_eq!(added(&mut tail, expected.len()).await, expected);
    }
}

#[sinew::test(start_paused = true, timeout = "60s")]
async fn follows_what_is_added_and_begins_anew_when_it_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    std::fs::write(&path, "one\n").unwrap();
    let mut tail = Tail::open(&path, 10, PERIOD).await.unwrap();
    assert_eq!(added(&mut tail, 4).await, "one\n");
    for text in ["two\n", "half a line", ", its end\n"] {
        // Dropped while it waits: nothing is lost.
        assert!(timeout(PERIOD * 3, tail.next()).await.is_err());
        append(&path, text);
        assert_eq!(added(&mut tail, text.len()).await, text);
    }
    File::create(&path).unwrap().write_all(b"new\n").unwrap();
    assert_eq!(tail.next().await.unwrap(), Event::Truncated);
    assert_eq!(added(&mut tail, 4).await, "new\n");
    // To nothing, and the same length again.
    File::create(&path).unwrap();
    assert_eq!(tail.next().await.unwrap(), Event::Truncated);
    append(&path, "more");
    assert_eq!(added(&mut tail, 4).await, "more");
}

#[sinew::test(start_paused = true, timeout = "60s")]
#[cfg(unix)]
async fn a_new_file_of_the_name_is_followed_when_the_old_one_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (path, old) = (directory.path().join("log"), directory.path().join("old"));
    std::fs::write(&path, "one\n").unwrap();
    let mut tail = Tail::open(&path, 10, PERIOD).await.unwrap();
    assert_eq!(added(&mut tail, 4).await, "one\n");
    std::fs::rename(&path, &old).unwrap();
    // Without a file of the name, the old one is followed.
    assert!(timeout(PERIOD * 3, tail.next()).await.is_err());
    append(&old, "two\n");
    assert_eq!(added(&mut tail, 4).await, "two\n");
    append(&old, "three\n");
    std::fs::write(&path, "four\n").unwrap();
    assert_eq!(added(&mut tail, 6).await, "three\n");
    assert_eq!(tail.next().await.unwrap(), Event::Replaced);
    assert_eq!(added(&mut tail, 5).await, "four\n");
}

#[sinew::test(timeout = "60s")]
async fn a_file_that_is_not_there_is_named() {
    let error = Tail::open(Path::new("/no/such/log"), 1, PERIOD).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("/no/such/log"), "{error}");
}
