//! Files: small ones as a whole, a large one piece by piece, metadata, a directory
//! tree. Each runtime has one worker thread; `std` is the floor, on this thread.
//!
//! All is in the kernel's cache, as the files were just made, in the directory
//! `TMPDIR`. What is compared is the way there, not the disk.

use std::future::Future;
use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};

const SMALL_FILES: usize = 2_000;
const SMALL: usize = 1024;
/// Of the large file; of the one that stands in for it when the rows are only
/// tested, which takes a run without `--bench`.
const LARGE: usize = 256 << 20;
const LARGE_IN_TESTS: usize = 1 << 20;
const BUFFER: usize = 64 << 10;
const BLOCK: usize = 4096;
const RANDOM_READS: u64 = 1_000;

/// What there is to read, made by the first row that needs it.
struct Files {
    root: PathBuf,
    small: LazyLock<Vec<PathBuf>, Box<dyn FnOnce() -> Vec<PathBuf> + Send>>,
    large: LazyLock<PathBuf, Box<dyn FnOnce() -> PathBuf + Send>>,
    large_size: usize,
}

impl Files {
    fn new(root: &Path) -> Files {
        let is_test = !std::env::args().any(|argument| argument == "--bench");
        let large_size = if is_test { LARGE_IN_TESTS } else { LARGE };
        let (tree, large) = (root.join("tree"), root.join("large"));
        Files {
            root: root.to_owned(),
            small: LazyLock::new(Box::new(move || make_small(&tree))),
            large: LazyLock::new(Box::new(move || {
                std::fs::write(&large, vec![7; large_size]).expect("the large file");
                large
            })),
            large_size,
        }
    }

    /// Holds 40 directories of 50 files each.
    fn tree(&self) -> PathBuf {
        LazyLock::force(&self.small);
        self.root.join("tree")
    }

    /// Numbers of blocks of the large file, in no order.
    fn blocks(&self) -> impl Iterator<Item = u64> + use<> {
        let count = (self.large_size / BLOCK) as u64;
        (0..RANDOM_READS).map(move |n| n * 40_503 % count)
    }
}

fn make_small(tree: &Path) -> Vec<PathBuf> {
    let small: Vec<PathBuf> = (0..SMALL_FILES)
        .map(|n| tree.join((n % 40).to_string()).join(n.to_string()))
        .collect();
    for path in &small {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, [7; SMALL]).expect("a small file");
    }
    small
}

/// The rows, with the file system of one runtime: its modules have tokio's names.
macro_rules! rows {
    ($name:ident, $fs:path, $io:path, $entries:ident => $next:expr) => {
        mod $name {
            use $fs as fs;
            use $io::{AsyncReadExt, AsyncSeekExt};

            use super::*;

            pub(crate) async fn read_small(files: Arc<Files>) {
                for path in &*files.small {
                    black_box(fs::read(path).await.expect("read"));
                }
            }

            pub(crate) async fn write_small(files: Arc<Files>) {
                for path in &*files.small {
                    fs::write(path, [7; SMALL]).await.expect("write");
                }
            }

            pub(crate) async fn metadata(files: Arc<Files>) {
                for path in &*files.small {
                    black_box(fs::metadata(path).await.expect("metadata"));
                }
            }

            pub(crate) async fn walk(files: Arc<Files>) {
                let mut left = vec![files.tree()];
                let mut found = 0;
                while let Some(directory) = left.pop() {
                    let mut $entries = fs::read_dir(directory).await.expect("a directory");
                    while let Some(entry) = $next {
                        found += 1;
                        if entry.file_type().await.expect("a type").is_dir() {
                            left.push(entry.path());
                        }
                    }
                }
                assert_eq!(found, SMALL_FILES + 40);
            }

            pub(crate) async fn sequential(files: Arc<Files>) {
                let mut file = fs::File::open(&*files.large).await.expect("open");
                let mut buffer = vec![0; BUFFER];
                let mut read = 0;
                loop {
                    match file.read(&mut buffer).await.expect("read") {
                        0 => break,
                        count => read += count,
                    }
                }
                assert_eq!(read, files.large_size);
            }

            pub(crate) async fn random(files: Arc<Files>) {
                let mut file = fs::File::open(&*files.large).await.expect("open");
                let mut buffer = [0; BLOCK];
                for block in files.blocks() {
                    let place = SeekFrom::Start(block * BLOCK as u64);
                    file.seek(place).await.expect("seek");
                    file.read_exact(&mut buffer).await.expect("read");
                }
            }
        }
    };
}

rows!(sinew, sinew_fs, sinew_io, entries => entries.next_entry().await.expect("an entry"));
rows!(tokio_rows, tokio::fs, tokio::io, entries => entries.next_entry().await.expect("an entry"));
rows!(smol_rows, smol::fs, smol::io, entries => {
    use futures::TryStreamExt;
    entries.try_next().await.expect("an entry")
});

/// The same without a runtime.
mod floor {
    use super::*;

    pub(crate) async fn read_small(files: Arc<Files>) {
        for path in &*files.small {
            black_box(std::fs::read(path).expect("read"));
        }
    }

    pub(crate) async fn write_small(files: Arc<Files>) {
        for path in &*files.small {
            std::fs::write(path, [7; SMALL]).expect("write");
        }
    }

    pub(crate) async fn metadata(files: Arc<Files>) {
        for path in &*files.small {
            black_box(std::fs::metadata(path).expect("metadata"));
        }
    }

    pub(crate) async fn walk(files: Arc<Files>) {
        let mut left = vec![files.tree()];
        let mut found = 0;
        while let Some(directory) = left.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory") {
                let entry = entry.expect("an entry");
                found += 1;
                if entry.file_type().expect("a type").is_dir() {
                    left.push(entry.path());
                }
            }
        }
        assert_eq!(found, SMALL_FILES + 40);
    }

    pub(crate) async fn sequential(files: Arc<Files>) {
        let mut file = std::fs::File::open(&*files.large).expect("open");
        let mut buffer = vec![0; BUFFER];
        let mut read = 0;
        loop {
            match file.read(&mut buffer).expect("read") {
                0 => break,
                count => read += count,
            }
        }
        assert_eq!(read, files.large_size);
    }

    pub(crate) async fn random(files: Arc<Files>) {
        let mut file = std::fs::File::open(&*files.large).expect("open");
        let mut buffer = [0; BLOCK];
        for block in files.blocks() {
            let place = SeekFrom::Start(block * BLOCK as u64);
            file.seek(place).expect("seek");
            file.read_exact(&mut buffer).expect("read");
        }
    }
}

/// One row for one subject.
fn measure<F: Future<Output = ()>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: String,
    files: &Arc<Files>,
    row: impl Fn(Arc<Files>) -> F,
    run: impl Fn(F),
) {
    group.bench_function(id, |b| b.iter(|| run(row(files.clone()))));
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut builder = sinew_runtime::Builder::new_multi_thread();
    let ours = builder.worker_threads(1).build().expect("a runtime");
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let tokio = builder.worker_threads(1).build().expect("a runtime");
    let directory = tempfile::tempdir().expect("a directory");
    let files = Arc::new(Files::new(directory.path()));

    let mut group = criterion.benchmark_group("fs");
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_secs(1));
    // Subject by subject within a row, so that a disturbance meets all of a row.
    macro_rules! row {
        ($name:literal, $row:ident) => {
            measure(
                &mut group,
                format!("{}/sinew", $name),
                &files,
                sinew::$row,
                |row| ours.block_on(ours.spawn(row)).expect("no panic"),
            );
            measure(
                &mut group,
                format!("{}/tokio", $name),
                &files,
                tokio_rows::$row,
                |row| tokio.block_on(tokio.spawn(row)).expect("no panic"),
            );
            measure(
                &mut group,
                format!("{}/smol", $name),
                &files,
                smol_rows::$row,
                |row| smol::block_on(smol::spawn(row)),
            );
            measure(
                &mut group,
                format!("{}/std", $name),
                &files,
                floor::$row,
                smol::block_on,
            );
        };
    }
    row!("small-read-2k", read_small);
    row!("small-write-2k", write_small);
    row!("metadata-2k", metadata);
    row!("walk-2k", walk);
    row!("large-sequential", sequential);
    row!("large-random-4k", random);
    group.finish();
    criterion.final_summary();
}
