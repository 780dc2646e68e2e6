//! What is always ready gives way all the same.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use sinew_core::leaf::Kind;
use sinew_core::record::Record;
use sinew_io::{AsyncReadExt, AsyncWriteExt, BufReader, copy, copy_buf, duplex, repeat, sink};

/// Polls once, as a task is polled. Whether the future gave way of its own accord.
fn gives_way(future: impl Future) -> bool {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    let record = Record::new(1);
    let polled = record.scope(|| future.as_mut().poll(&mut cx));
    polled.is_pending() && record.wait().is_some_and(|wait| wait.kind == Kind::Yield)
}

#[test]
fn endless_copies_give_way() {
    assert!(gives_way(async { copy(&mut repeat(1), &mut sink()).await }));
    assert!(gives_way(async {
        copy_buf(&mut BufReader::new(repeat(1)), &mut sink()).await
    }));
}

#[test]
fn endless_reads_and_writes_give_way() {
    assert!(gives_way(async {
        loop {
            repeat(1).read(&mut [0; 8]).await.unwrap();
        }
    }));
    assert!(gives_way(async {
        loop {
            sink().write(b"x").await.unwrap();
        }
    }));
    assert!(gives_way(async {
        let (mut one, mut two) = duplex(8);
        loop {
            one.write_all(b"x").await.unwrap();
            two.read_exact(&mut [0]).await.unwrap();
        }
    }));
}

#[test]
fn an_empty_duplex_says_what_is_waited_for() {
    let (mut one, _two) = duplex(8);
    let mut buffer = [0; 1];
    let mut read = pin!(one.read(&mut buffer));
    let mut cx = Context::from_waker(Waker::noop());
    let record = Record::new(1);
    assert!(record.scope(|| read.as_mut().poll(&mut cx)).is_pending());
    let wait = record.wait().unwrap();
    assert_eq!(wait.kind, Kind::Channel);
    assert!(wait.location.file().ends_with("budget.rs"));
}
