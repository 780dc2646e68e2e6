//! Each operation under the cancellation kit, by each backend and in memory: what its
//! section `# Cancel safety` says.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::SeekFrom;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use sinew_fs::{DirBuilder, File, OpenOptions};
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use sinew_testing::cancel::every_pending;

use crate::{everywhere, with_each_backend};

const TEXT: &[u8] = b"0123456789";

/// A file `file` with `TEXT`, a link `link` to it and a directory `inner` with nothing.
async fn furnish(dir: &Path) {
    sinew_fs::write(dir.join("file"), TEXT).await.unwrap();
    sinew_fs::symlink("file", dir.join("link")).await.unwrap();
    sinew_fs::create_dir(dir.join("inner")).await.unwrap();
}

/// An operation that only looks: dropped anywhere, it does as well the next time.
macro_rules! looks {
    ($dir:expr, $path:ident => $($operation:expr),+ $(,)?) => {{$(
        every_pending(
            async || ($dir.clone(), ()),
            async |$path| {
                    let _ = $operation.await.unwrap();
                },
            |(), _| {},
            async |$path, (), _| {
                let _ = $operation.await.unwrap();
            },
        )
        .await;
    )+}};
}

#[test]
fn what_looks_at_paths() {
    everywhere(async |dir| {
        furnish(&dir).await;
        looks!(dir, path =>
            sinew_fs::metadata(path.join("file")),
            sinew_fs::symlink_metadata(path.join("link")),
            sinew_fs::try_exists(path.join("nothing")),
            sinew_fs::canonicalize(path.join("link")),
            sinew_fs::read_link(path.join("link")),
            sinew_fs::read(path.join("file")),
            sinew_fs::read_to_string(path.join("file")),
            sinew_fs::read_dir(path.join("inner")),
            File::open(path.join("file")),
            OpenOptions::new().read(true).open(path.join("file")),
        );
        assert_eq!(sinew_fs::read(dir.join("file")).await.unwrap(), TEXT);
    });
}

/// An operation that changes something: not begun, it has changed nothing; once polled,
/// it is done, sooner or later, also when it is dropped.
macro_rules! changes {
    ($dir:expr, $path:ident => $($operation:expr => $done:expr),+ $(,)?) => {{
        let mut runs = 0;
        $(
            let mut run = 0;
            every_pending(
                async || {
                    runs += 1;
                    run += 1;
                    let path: PathBuf = $dir.join(runs.to_string());
                    sinew_fs::create_dir(&path).await.unwrap();
                    furnish(&path).await;
                    (path, run > 1)
                },
                async |$path| {
                    let _ = $operation.await.unwrap();
                },
                |_, _| {},
                async |$path, polled, _| {
                    if polled {
                        while !$done.await {}
                    } else {
                        assert!(!$done.await, "{}", stringify!($operation));
                    }
                },
            )
            .await;
        )+
    }};
}

async fn is_there(path: PathBuf) -> bool {
    sinew_fs::try_exists(path).await.unwrap()
}

async fn is_gone(path: PathBuf) -> bool {
    !is_there(path).await
}

async fn holds(path: PathBuf, text: &[u8]) -> bool {
    sinew_fs::read(path).await.is_ok_and(|read| read == text)
}

async fn is_read_only(path: PathBuf) -> bool {
    sinew_fs::metadata(path)
        .await
        .unwrap()
        .permissions()
        .readonly()
}

#[test]
fn what_changes_paths() {
    everywhere(async |dir| {
        changes!(dir, path =>
            sinew_fs::write(path.join("new"), TEXT) => holds(path.join("new"), TEXT),
            sinew_fs::copy(path.join("file"), path.join("new")) => holds(path.join("new"), TEXT),
            sinew_fs::hard_link(path.join("file"), path.join("new")) => holds(path.join("new"), TEXT),
            sinew_fs::symlink("file", path.join("new")) => holds(path.join("new"), TEXT),
            sinew_fs::rename(path.join("file"), path.join("new")) => holds(path.join("new"), TEXT),
            sinew_fs::remove_file(path.join("file")) => is_gone(path.join("file")),
            sinew_fs::create_dir(path.join("new")) => is_there(path.join("new")),
            sinew_fs::create_dir_all(path.join("new/er")) => is_there(path.join("new/er")),
            DirBuilder::new().create(path.join("new")) => is_there(path.join("new")),
            sinew_fs::remove_dir(path.join("inner")) => is_gone(path.join("inner")),
            sinew_fs::remove_dir_all(&path) => is_gone(path.clone()),
            File::create(path.join("file")) => holds(path.join("file"), b""),
            File::create_new(path.join("new")) => is_there(path.join("new")),
            OpenOptions::new().write(true).create(true).open(path.join("new"))
                => is_there(path.join("new")),
            sinew_fs::set_permissions(path.join("file"), Permissions::from_mode(0o444))
                => is_read_only(path.join("file")),
        );
    });
}

/// An operation on an open file.
async fn on_file<T>(
    dir: &Path,
    operation: impl AsyncFn(&mut File) -> T,
    check: impl AsyncFn(File, Option<T>),
) {
    let path = dir.join("file");
    every_pending(
        async || {
            sinew_fs::write(&path, TEXT).await.unwrap();
            let file = OpenOptions::new().read(true).write(true).open(&path).await;
            (file.unwrap(), ())
        },
        async |file| operation(file).await,
        |(), _| {},
        async |file, (), output| check(file, output).await,
    )
    .await;
}

#[test]
fn reads_take_nothing_that_they_do_not_give() {
    everywhere(async |dir| {
        let rest = async |mut file: File, taken: Option<Vec<u8>>| {
            let mut all = taken.unwrap_or_default();
            file.read_to_end(&mut all).await.unwrap();
            assert_eq!(all, TEXT);
        };
        let read = async |file: &mut File| {
            let mut buf = [0; 4];
            let count = file.read(&mut buf).await.unwrap();
            buf[..count].to_vec()
        };
        on_file(&dir, read, rest).await;
        let looks = async |file: &mut File| {
            file.metadata().await.unwrap();
            file.sync_all().await.unwrap();
            file.sync_data().await.unwrap();
            drop(file.try_clone().await.unwrap());
            Vec::new()
        };
        on_file(&dir, looks, rest).await;
    });
}

#[test]
fn writes_accept_nothing_that_they_do_not_say() {
    everywhere(async |dir| {
        let path = dir.join("file");
        let write = async |file: &mut File| file.write(b"abc").await.unwrap();
        on_file(&dir, write, async |mut file, accepted| {
            file.flush().await.unwrap();
            let accepted = accepted.unwrap_or(0);
            let text = sinew_fs::read(&path).await.unwrap();
            assert_eq!(text, [&b"abc"[..accepted], &TEXT[accepted..]].concat());
        })
        .await;
    });
}

#[test]
fn seeks_have_moved_or_not() {
    everywhere(async |dir| {
        let seek = async |file: &mut File| file.seek(SeekFrom::Start(7)).await.unwrap();
        on_file(&dir, seek, async |mut file, moved| {
            let mut text = Vec::new();
            file.read_to_end(&mut text).await.unwrap();
            assert!(text == TEXT[7..] || (moved.is_none() && text == TEXT));
        })
        .await;
    });
}

#[test]
fn what_changes_files() {
    everywhere(async |dir| {
        let mut run = 0;
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        every_pending(
            async || {
                run += 1;
                let path = dir.join(run.to_string());
                sinew_fs::write(&path, TEXT).await.unwrap();
                let file = OpenOptions::new().read(true).write(true).open(&path).await;
                (file.unwrap(), path)
            },
            async |file| {
                file.set_len(4).await.unwrap();
                file.set_modified(then).await.unwrap();
                file.set_permissions(Permissions::from_mode(0o444))
                    .await
                    .unwrap();
            },
            |_, _| {},
            async |file, path, done| {
                // Whatever was done of it, the file goes on.
                file.sync_all().await.unwrap();
                let metadata = file.metadata().await.unwrap();
                assert!(metadata.len() == 4 || (done.is_none() && metadata.len() == 10));
                if done.is_some() {
                    assert_eq!(metadata.modified().unwrap(), then);
                    assert!(is_read_only(path).await);
                }
            },
        )
        .await;
        let cut = async |file: &mut File| file.set_len(4).await.unwrap();
        on_file(&dir, cut, async |mut file, _| {
            let mut text = Vec::new();
            file.read_to_end(&mut text).await.unwrap();
            assert!(text == TEXT || text == TEXT[..4]);
        })
        .await;
    });
}

/// Giving a file back to std waits for its writes; given up, it is closed after them.
#[test]
fn a_file_on_its_way_to_std_is_written() {
    with_each_backend(async |dir| {
        let path = dir.join("file");
        every_pending(
            async || {
                let mut file = File::create(&path).await.unwrap();
                file.write_all(TEXT).await.unwrap();
                (Some(file), ())
            },
            async |file| drop(file.take().unwrap().into_std().await),
            |(), _| {},
            async |_, (), _| while !holds(path.clone(), TEXT).await {},
        )
        .await;
    });
}

#[test]
fn directories_give_each_entry_once() {
    everywhere(async |dir| {
        let names: BTreeSet<_> = (0..50).map(|n| n.to_string()).collect();
        for name in &names {
            sinew_fs::write(dir.join(name), name).await.unwrap();
        }
        every_pending(
            async || ((sinew_fs::read_dir(&dir).await.unwrap(), Vec::new()), ()),
            async |(entries, seen)| {
                while let Some(entry) = entries.next_entry().await.unwrap() {
                    seen.push(entry.file_name().into_string().unwrap());
                    assert!(entry.file_type().await.unwrap().is_file());
                    assert!(entry.metadata().await.unwrap().is_file());
                }
            },
            |(), _| {},
            async |(entries, mut seen), (), _| {
                // The rest, by the stream that it can be made into.
                let rest = sinew_fs::ReadDirStream::new(entries);
                let rest = rest.map(|entry| entry.unwrap().file_name().into_string().unwrap());
                seen.extend(rest.collect::<Vec<_>>().await);
                assert_eq!(seen.len(), names.len(), "none twice");
                assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), names);
            },
        )
        .await;
    });
}
