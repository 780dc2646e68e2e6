use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::Pipe;

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    let waker = count.clone().into();
    (count, waker)
}

#[test]
fn a_write_wakes_the_reader_once() {
    let (count, waker) = counted();
    let cx = Context::from_waker(&waker);
    let mut pipe = Pipe::new(4);
    for _ in 0..2 {
        let (poll, notice) = pipe.poll_read(&cx, &mut [IoSliceMut::new(&mut [0; 2])]);
        assert!(poll.is_pending());
        notice.deliver();
    }
    let (poll, notice) = pipe.poll_write(&cx, &[IoSlice::new(b"ab"), IoSlice::new(b"cdef")]);
    assert!(matches!(poll, Poll::Ready(Ok(4))));
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
    notice.deliver();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_read_wakes_the_writer_that_waits_for_room() {
    let (count, waker) = counted();
    let cx = Context::from_waker(&waker);
    let mut pipe = Pipe::new(1);
    let (poll, notice) = pipe.poll_write(&cx, &[IoSlice::new(b"a")]);
    assert!(matches!(poll, Poll::Ready(Ok(1))));
    notice.deliver();
    let (poll, notice) = pipe.poll_write(&cx, &[IoSlice::new(b"b")]);
    assert!(poll.is_pending());
    notice.deliver();
    let (poll, notice) = pipe.poll_read(&cx, &mut [IoSliceMut::new(&mut [0; 2])]);
    assert!(matches!(poll, Poll::Ready(Ok(1))));
    notice.deliver();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
}

#[test]
fn closing_wakes_the_other_side() {
    let (count, waker) = counted();
    let cx = Context::from_waker(&waker);
    let mut pipe = Pipe::new(1);
    let (_, notice) = pipe.poll_read(&cx, &mut [IoSliceMut::new(&mut [0; 1])]);
    notice.deliver();
    pipe.close_write().deliver();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);

    let mut pipe = Pipe::new(1);
    pipe.poll_write(&cx, &[IoSlice::new(b"a")]).1.deliver();
    pipe.poll_write(&cx, &[IoSlice::new(b"b")]).1.deliver();
    pipe.close_read().deliver();
    assert_eq!(count.0.load(Ordering::Relaxed), 2);
    let (poll, notice) = pipe.poll_write(&cx, &[IoSlice::new(b"")]);
    notice.deliver();
    assert!(matches!(poll, Poll::Ready(Err(e)) if e.kind() == ErrorKind::BrokenPipe));
}

#[test]
fn a_newer_waker_replaces_the_older_outside_the_pipe() {
    let (older, waker) = counted();
    let mut pipe = Pipe::new(1);
    let mut byte = [0];
    let (_, notice) = pipe.poll_read(
        &Context::from_waker(&waker),
        &mut [IoSliceMut::new(&mut byte)],
    );
    notice.deliver();
    let (newer, waker) = counted();
    let cx = Context::from_waker(&waker);
    let (_, notice) = pipe.poll_read(&cx, &mut [IoSliceMut::new(&mut byte)]);
    assert!(notice.stale.is_some());
    notice.deliver();
    pipe.close_write().deliver();
    assert_eq!(older.0.load(Ordering::Relaxed), 0);
    assert_eq!(newer.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_read_crosses_the_wrap_of_the_queue() {
    let cx = Context::from_waker(Waker::noop());
    let mut pipe = Pipe::new(8);
    let mut seen = Vec::new();
    let mut byte = 0_u8;
    for _ in 0..50 {
        let chunk = [byte, byte + 1, byte + 2, byte + 3, byte + 4];
        let (poll, notice) = pipe.poll_write(&cx, &[IoSlice::new(&chunk)]);
        notice.deliver();
        let Poll::Ready(Ok(n)) = poll else {
            panic!("there was room")
        };
        byte += n as u8;
        let (mut one, mut two) = ([0; 1], [0; 3]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        let (poll, notice) = pipe.poll_read(&cx, &mut bufs);
        notice.deliver();
        assert!(matches!(poll, Poll::Ready(Ok(4))));
        seen.extend_from_slice(&one);
        seen.extend_from_slice(&two);
    }
    let expected: Vec<u8> = (0..200).collect();
    assert_eq!(seen, expected);
}
