use std::io::{ErrorKind, IoSlice, IoSliceMut};

use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, Cursor};
use sinew_testing::io::{Scripted, Step};
use sinew_testing::{assert_pending, assert_ready_ok, block_on, task};

#[test]
fn a_script_is_followed_and_then_over() {
    let steps = [Step::Zero, Step::Error(ErrorKind::TimedOut), Step::Pass(1)];
    let mut reader = Scripted::new(&b"abc"[..], steps);
    let mut buf = [0; 4];
    block_on(async {
        assert_eq!(reader.read(&mut buf).await.unwrap(), 0);
        let error = reader.read(&mut buf).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(reader.read(&mut buf).await.unwrap(), 1);
        assert_eq!(reader.read(&mut buf).await.unwrap(), 2);
    });
    assert!(reader.into_inner().is_empty());
}

#[test]
fn pending_comes_before_every_call() {
    let mut writer = Scripted::interleave_pending(Vec::new());
    for _ in 0..2 {
        let mut task = task::spawn(writer.write(b"ab"));
        assert_pending!(task.poll());
        assert!(task.is_woken());
        assert_eq!(assert_ready_ok!(task.poll()), 2);
    }
    let mut task = task::spawn(writer.flush());
    assert_pending!(task.poll());
    assert_ready_ok!(task.poll());
    drop(task);
    assert_eq!(writer.get_ref(), b"abab");
}

#[test]
fn chunks_go_across_slices() {
    let mut io = Scripted::chunked(Cursor::new(Vec::new()), 3);
    block_on(async {
        let bufs = [b"ab", b"cd"].map(|b| IoSlice::new(b));
        assert_eq!(io.write_vectored(&bufs).await.unwrap(), 3);
        assert_eq!(io.write(b"").await.unwrap(), 0);
        io.rewind().await.unwrap();
        let (mut a, mut b) = ([0; 2], [0; 2]);
        let mut bufs = [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)];
        assert_eq!(io.read_vectored(&mut bufs).await.unwrap(), 3);
        assert_eq!([a, b].concat(), b"abc\0");
        io.close().await.unwrap();
    });
    assert_eq!(io.get_mut().get_ref(), b"abc");
}
