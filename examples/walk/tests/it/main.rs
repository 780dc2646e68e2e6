//! Trees of real directories.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use walk::Walk;

/// Three levels of five directories, a file in each, and a link to the root.
fn tree(root: &Path) -> BTreeSet<PathBuf> {
    fn fill(directory: &Path, depth: usize, all: &mut BTreeSet<PathBuf>) {
        let file = directory.join("file.txt");
        std::fs::write(&file, "content").unwrap();
        all.insert(file);
        if depth > 0 {
            for number in 0..5 {
                let below = directory.join(format!("level-{depth}-{number}"));
                std::fs::create_dir(&below).unwrap();
                fill(&below, depth - 1, all);
                all.insert(below);
            }
        }
    }
    let mut all = BTreeSet::new();
    fill(root, 3, &mut all);
    let link = root.join("link");
    std::os::unix::fs::symlink(root, &link).unwrap();
    all.insert(link);
    all
}

#[sinew::test(timeout = "60s")]
async fn every_entry_is_found_once_and_links_are_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let expected = tree(root.path());
    for at_once in [1, 2, 64] {
        let at_once = NonZeroUsize::new(at_once).unwrap();
        let mut walk = Walk::new(root.path().to_owned(), at_once);
        let mut all = Vec::new();
        while let Some(found) = walk.next().await {
            all.push(found.unwrap().path);
        }
        assert_eq!(all.len(), expected.len());
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), expected);
        // 1 + 5 + 25 + 125.
        assert_eq!(walk.listed(), 156);
    }
}

#[sinew::test(timeout = "60s")]
async fn what_cannot_be_listed_is_named_and_the_rest_is_found() {
    let root = tempfile::tempdir().unwrap();
    tree(root.path());
    let mut walk = Walk::new(root.path().to_owned(), NonZeroUsize::MIN);
    let first = walk.next().await.unwrap().unwrap();
    // Known as a directory by now, and gone before it is listed.
    let gone = match first.file_type.is_dir() {
        true => first.path,
        false => loop {
            let found = walk.next().await.unwrap().unwrap();
            if found.file_type.is_dir() {
                break found.path;
            }
        },
    };
    std::fs::remove_dir_all(&gone).unwrap();
    let (mut errors, mut found) = (Vec::new(), 0);
    while let Some(next) = walk.next().await {
        match next {
            Ok(_) => found += 1,
            Err(error) => errors.push(error.to_string()),
        }
    }
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains(gone.to_str().unwrap()), "{errors:?}");
    assert!(found > 200, "{found}");
}

#[test]
fn the_program_prints_what_matches() {
    let root = tempfile::tempdir().unwrap();
    tree(root.path());
    let output = Command::new(env!("CARGO_BIN_EXE_walk"))
        .args([root.path().to_str().unwrap(), "level-1-3"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 25, "{lines}");
    assert_eq!(output.stderr, b"");
}
