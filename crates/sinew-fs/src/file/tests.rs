//! A file does what std's does, whichever way its bytes take.

use std::io::{Read, Seek, SeekFrom, Write};
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use proptest::prelude::*;
use sinew_core::leaf::{self, Kind};
use sinew_core::{block_on, join};
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::{Arm, File};
use crate::cached::Quick;
use crate::memory::FileSystem;
use crate::provider::{Attributes, BoxFuture, VirtualFile};
use crate::{Backend, OpenOptions, backend};

#[derive(Clone, Debug)]
enum Step {
    Read(usize),
    Write(Vec<u8>),
    Seek(SeekFrom),
    SetLen(u64),
    Flush,
    Sync,
    Clone,
    ThroughStd,
}

/// Which way the bytes take.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Quick,
    Pool,
    Ring,
    Memory,
    /// In memory, but no operation ends at once.
    Slow,
}

/// A file whose operations end at their second poll.
#[derive(Debug)]
struct Slow(Arc<dyn VirtualFile>);

fn later<T: 'static>(operation: BoxFuture<T>) -> BoxFuture<T> {
    Box::pin(async move {
        sinew_task::yield_now().await;
        operation.await
    })
}

impl VirtualFile for Slow {
    fn read_at(&self, offset: u64, len: usize) -> BoxFuture<Vec<u8>> {
        later(self.0.read_at(offset, len))
    }

    /// Half of it, as may happen.
    fn write_at(&self, offset: u64, mut bytes: Vec<u8>) -> BoxFuture<usize> {
        bytes.truncate(bytes.len().div_ceil(2));
        later(self.0.write_at(offset, bytes))
    }

    fn append(&self, bytes: Vec<u8>) -> BoxFuture<(usize, u64)> {
        later(self.0.append(bytes))
    }

    fn sync(&self, data: bool) -> BoxFuture<()> {
        later(self.0.sync(data))
    }

    fn set_len(&self, len: u64) -> BoxFuture<()> {
        later(self.0.set_len(len))
    }

    fn attributes(&self) -> BoxFuture<Attributes> {
        later(self.0.attributes())
    }

    fn set_mode(&self, mode: u32) -> BoxFuture<()> {
        later(self.0.set_mode(mode))
    }

    fn set_times(&self, accessed: SystemTime, modified: SystemTime) -> BoxFuture<()> {
        later(self.0.set_times(accessed, modified))
    }

    fn id(&self) -> u64 {
        self.0.id()
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..300usize).prop_map(Step::Read),
        4 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Step::Write),
        2 => (0..600u64).prop_map(|at| Step::Seek(SeekFrom::Start(at))),
        2 => (-200..200i64).prop_map(|by| Step::Seek(SeekFrom::Current(by))),
        2 => (-200..200i64).prop_map(|by| Step::Seek(SeekFrom::End(by))),
        1 => (0..600u64).prop_map(Step::SetLen),
        1 => Just(Step::Flush),
        1 => Just(Step::Sync),
        1 => Just(Step::Clone),
        1 => Just(Step::ThroughStd),
    ]
}

/// Makes the bytes take their way.
fn configure(file: &mut File, way: Way, max: usize) {
    file.set_max_buf_size(max);
    let Arm::System(shared) = &file.arm else {
        return;
    };
    let mut state = shared.lock();
    if way != Way::Quick {
        state.reads = Quick::Untried;
        state.writes = Quick::Untried;
    }
}

async fn apply(
    file: &mut File,
    model: &mut std::fs::File,
    step: Step,
    way: Way,
    max: usize,
) -> Result<(), TestCaseError> {
    match step {
        Step::Read(count) => {
            let mut ours = Vec::new();
            file.take(count as u64)
                .read_to_end(&mut ours)
                .await
                .unwrap();
            let mut theirs = Vec::new();
            model.take(count as u64).read_to_end(&mut theirs).unwrap();
            prop_assert_eq!(ours, theirs);
        }
        Step::Write(bytes) => {
            file.write_all(&bytes).await.unwrap();
            model.write_all(&bytes).unwrap();
        }
        Step::Seek(to) => {
            let ours = file.seek(to).await;
            let theirs = model.seek(to);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok());
            prop_assert_eq!(ours.ok(), theirs.ok());
        }
        Step::SetLen(len) => {
            file.set_len(len).await.unwrap();
            model.set_len(len).unwrap();
            prop_assert_eq!(file.metadata().await.unwrap().len(), len);
        }
        Step::Flush => file.flush().await.unwrap(),
        Step::Sync => file.sync_all().await.unwrap(),
        Step::Clone => {
            *file = file.try_clone().await.unwrap();
            configure(file, way, max);
        }
        Step::ThroughStd if !matches!(file.arm, Arm::System(_)) => {}
        Step::ThroughStd => {
            file.flush().await.unwrap();
            let placeholder = File::from_std(model.try_clone().unwrap());
            let std = std::mem::replace(file, placeholder).into_std().await;
            *file = File::from_std(std);
            configure(file, way, max);
        }
    }
    Ok(())
}

/// The pool, if there is no ring.
fn backend_of(way: Way) -> Backend {
    match way {
        Way::Ring => backend(),
        _ => Backend::ThreadPool,
    }
}

/// An empty file in `dir` or in memory.
async fn empty(dir: &Path, way: Way) -> File {
    let open = |path: &Path| File::create_new(path.to_owned());
    if matches!(way, Way::Quick | Way::Pool | Way::Ring) {
        return open(&dir.join("ours")).await.unwrap();
    }
    let file = {
        let _entered = FileSystem::new().enter();
        open(Path::new("/ours"))
    }
    .await
    .unwrap();
    match file.arm {
        Arm::Virtual(ref virt) if way == Way::Slow => {
            let io = Arc::new(Slow(virt.io().clone()));
            File::opened_virtually(io, Path::new("ours").into(), false, Location::caller())
        }
        _ => file,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn is_like_the_file_of_std(
        steps in proptest::collection::vec(step(), 1..24),
        way in prop_oneof![
            Just(Way::Quick),
            Just(Way::Pool),
            Just(Way::Ring),
            Just(Way::Memory),
            Just(Way::Slow),
        ],
        max in prop_oneof![Just(1usize), 2..400usize, Just(1 << 21)],
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model");
        let mut options = std::fs::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut model = options.open(&path).unwrap();
        let _entered = backend_of(way).enter().unwrap();
        block_on(async {
            let mut file = empty(dir.path(), way).await;
            configure(&mut file, way, max);
            for step in steps {
                apply(&mut file, &mut model, step, way, max).await?;
            }
            file.flush().await.unwrap();
            file.seek(SeekFrom::Start(0)).await.unwrap();
            let mut ours = Vec::new();
            file.read_to_end(&mut ours).await.unwrap();
            prop_assert_eq!(ours, std::fs::read(&path).unwrap());
            Ok::<_, TestCaseError>(())
        })?;
    }
}

/// A file that nothing is done with at once.
fn slow_file(way: Way, content: &[u8]) -> (tempfile::TempDir, File) {
    let _entered = backend_of(way).enter().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, content).unwrap();
    let mut options = OpenOptions::new();
    let mut file = block_on(options.read(true).write(true).open(path)).unwrap();
    configure(&mut file, way, 1 << 21);
    (dir, file)
}

#[test]
fn a_dropped_read_takes_nothing() {
    for way in [Way::Pool, Way::Ring] {
        let (_dir, mut file) = slow_file(way, b"0123456789");
        for _ in 0..3 {
            let mut buf = [0; 4];
            let mut read = std::pin::pin!(file.read(&mut buf));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = std::future::Future::poll(read.as_mut(), &mut cx).is_pending();
        }
        let Arm::System(shared) = &file.arm else {
            unreachable!("no virtual file system is entered");
        };
        block_on(shared.idle());
        let mut rest = Vec::new();
        let taken = 10 - shared.lock().ahead.len();
        block_on(file.read_to_end(&mut rest)).unwrap();
        assert_eq!(rest, b"0123456789"[taken..]);
    }
}

#[test]
fn many_small_writes_arrive_in_order() {
    for way in [Way::Pool, Way::Ring] {
        let (dir, mut file) = slow_file(way, b"");
        let mut expected = Vec::new();
        for number in 0..2_000u32 {
            block_on(file.write_all(&number.to_le_bytes())).unwrap();
            expected.extend(number.to_le_bytes());
        }
        block_on(file.flush()).unwrap();
        assert!(std::fs::read(dir.path().join("file")).unwrap() == expected);
    }
}

#[test]
fn a_shut_down_pool_is_an_error_and_not_a_hang() {
    let pool = sinew_blocking::Builder::new().build();
    let (_dir, mut file) = slow_file(Way::Pool, b"content");
    pool.shutdown(None);
    let _entered = pool.enter();
    block_on(async {
        let mut buf = [0; 4];
        assert!(file.read(&mut buf).await.is_err());
        assert!(file.seek(SeekFrom::End(0)).await.is_err());
        file.write_all(b"lost").await.unwrap();
        assert!(file.flush().await.is_err());
        file.flush().await.unwrap();
    });
}

#[test]
fn all_who_wait_for_a_virtual_operation_are_told() {
    block_on(async {
        let mut file = empty(Path::new(""), Way::Slow).await;
        file.write_all(b"under way").await.unwrap();
        let (synced, metadata, clone) = join!(file.sync_all(), file.metadata(), file.try_clone());
        synced.unwrap();
        assert_eq!(metadata.unwrap().len(), 9);
        assert_eq!(clone.unwrap().stream_position().await.unwrap(), 9);
    });
}

#[test]
fn a_dropped_virtual_read_takes_nothing() {
    block_on(async {
        let mut file = empty(Path::new(""), Way::Slow).await;
        file.write_all(b"0123456789").await.unwrap();
        file.seek(SeekFrom::Start(0)).await.unwrap();
        for _ in 0..3 {
            let mut buf = [0; 4];
            let mut read = std::pin::pin!(file.read(&mut buf));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let (polled, waits) =
                leaf::trace(|| std::future::Future::poll(read.as_mut(), &mut cx).is_pending());
            if polled {
                // Behind the provider's own.
                let wait = waits.last().unwrap();
                assert_eq!(wait.kind, Kind::Blocking);
                assert_eq!(wait.location.file(), file!());
            }
        }
        let mut rest = String::new();
        let taken = file.stream_position().await.unwrap() as usize;
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "0123456789"[taken..]);
    });
}
