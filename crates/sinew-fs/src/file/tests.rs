//! A file does what std's does, whichever way its bytes take.

use std::io::{Read, Seek, SeekFrom, Write};

use proptest::prelude::*;
use sinew_core::block_on;
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::File;
use crate::OpenOptions;

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

/// Which way the bytes take.
fn configure(file: &mut File, quick: bool, max: usize) {
    file.set_max_buf_size(max);
    let mut state = file.shared.lock();
    state.reads_nowait = quick;
    state.writes_nowait = quick;
}

async fn apply(
    file: &mut File,
    model: &mut std::fs::File,
    step: Step,
    quick: bool,
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
            configure(file, quick, max);
        }
        Step::ThroughStd => {
            file.flush().await.unwrap();
            let placeholder = File::from_std(model.try_clone().unwrap());
            let std = std::mem::replace(file, placeholder).into_std().await;
            *file = File::from_std(std);
            configure(file, quick, max);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn is_like_the_file_of_std(
        steps in proptest::collection::vec(step(), 1..24),
        quick in any::<bool>(),
        max in prop_oneof![Just(1usize), 2..400usize, Just(1 << 21)],
    ) {
        let dir = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            let mut options = std::fs::OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(true);
            options.open(dir.path().join(name)).unwrap()
        };
        let mut model = open("model");
        let mut file = File::from_std(open("ours"));
        configure(&mut file, quick, max);
        block_on(async {
            for step in steps {
                apply(&mut file, &mut model, step, quick, max).await?;
            }
            file.flush().await.unwrap();
            Ok::<_, TestCaseError>(())
        })?;
        let ours = std::fs::read(dir.path().join("ours")).unwrap();
        let theirs = std::fs::read(dir.path().join("model")).unwrap();
        prop_assert_eq!(ours, theirs);
    }
}

/// A file of which the kernel would have to be asked on the pool.
async fn slow_file(content: &[u8]) -> (tempfile::TempDir, File) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, content).unwrap();
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).open(path).await.unwrap();
    configure(&mut file, false, 1 << 21);
    (dir, file)
}

#[test]
fn a_dropped_read_takes_nothing() {
    block_on(async {
        let (_dir, mut file) = slow_file(b"0123456789").await;
        for _ in 0..3 {
            let mut buf = [0; 4];
            let mut read = std::pin::pin!(file.read(&mut buf));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = std::future::Future::poll(read.as_mut(), &mut cx).is_pending();
        }
        file.shared.idle().await;
        let mut rest = Vec::new();
        let taken = 10 - file.shared.lock().ahead.len();
        file.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"0123456789"[taken..]);
    });
}

#[test]
fn many_small_writes_arrive_in_order() {
    block_on(async {
        let (dir, mut file) = slow_file(b"").await;
        let mut expected = Vec::new();
        for number in 0..2_000u32 {
            file.write_all(&number.to_le_bytes()).await.unwrap();
            expected.extend(number.to_le_bytes());
        }
        file.flush().await.unwrap();
        assert!(std::fs::read(dir.path().join("file")).unwrap() == expected);
    });
}

#[test]
fn a_shut_down_pool_is_an_error_and_not_a_hang() {
    let pool = sinew_blocking::Builder::new().build();
    let (_dir, mut file) = block_on(slow_file(b"content"));
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
