use std::future::poll_fn;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::sync::{Mutex, PoisonError, mpsc};
use std::task::{Context, Poll, Wake, Waker};

use sinew_testing::cancel::every_pending;

use super::Input;

/// Wakes by a message, so that a test can wait for it.
struct Bell(mpsc::Sender<()>);

impl Wake for Bell {
    fn wake(self: std::sync::Arc<Self>) {
        // The test may be over.
        let _ = self.0.send(());
    }
}

/// Makes an input, and the end that feeds it. Inputs live for ever, so their far ends are handed
/// over through a static.
fn input() -> (&'static Input, UnixStream) {
    static NEXT: Mutex<Option<UnixStream>> = Mutex::new(None);
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (near, far) = UnixStream::pair().unwrap();
    let input: &'static Input = Box::leak(Box::new(Input::new("input-test", || {
        let next = loop {
            if let Some(next) = NEXT.lock().unwrap().take() {
                break next;
            }
            std::thread::yield_now();
        };
        Box::new(next) as Box<dyn Read>
    })));
    // The thread is started by a first read, which is dropped.
    let polled = poll(input, &mut [0], Waker::noop());
    assert!(polled.is_pending());
    *NEXT.lock().unwrap() = Some(far);
    while NEXT.lock().unwrap().is_some() {
        std::thread::yield_now();
    }
    (input, near)
}

fn poll(input: &'static Input, buf: &mut [u8], waker: &Waker) -> Poll<std::io::Result<usize>> {
    input.poll_read(&mut Context::from_waker(waker), buf, Location::caller())
}

fn read(input: &'static Input, buf: &mut [u8]) -> std::io::Result<usize> {
    let (sender, bell) = mpsc::channel();
    let waker = std::sync::Arc::new(Bell(sender)).into();
    loop {
        match poll(input, buf, &waker) {
            Poll::Ready(result) => return result,
            Poll::Pending => bell.recv().unwrap(),
        }
    }
}

#[test]
fn a_dropped_read_loses_nothing() {
    let (input, mut feed) = input();
    let mut buf = [0; 8];
    // Waits, and is dropped.
    assert!(poll(input, &mut buf, Waker::noop()).is_pending());
    feed.write_all(b"abc").unwrap();
    assert_eq!(read(input, &mut buf[..2]).unwrap(), 2);
    assert_eq!(read(input, &mut buf[2..]).unwrap(), 1);
    assert_eq!(&buf[..3], b"abc");
}

/// Whichever read is dropped, each byte comes once and in order.
#[test]
fn no_byte_is_lost_at_any_await() {
    const BYTES: &[u8] = b"abcd";
    /// Feeds the next byte.
    fn feed((far, fed): &mut (UnixStream, usize)) {
        if let Some(byte) = BYTES.get(*fed) {
            *fed += 1;
            far.write_all(&[*byte]).unwrap();
        }
    }
    let runs = sinew_testing::block_on(every_pending(
        async || {
            let (input, far) = input();
            ((input, Vec::new()), (far, 0))
        },
        async |(input, got)| {
            while got.len() < BYTES.len() {
                let mut buf = [0; 3];
                let n = poll_fn(|cx| input.poll_read(cx, &mut buf, Location::caller())).await;
                got.extend_from_slice(&buf[..n.unwrap()]);
            }
        },
        |far, _| feed(far),
        async |(input, mut got), mut far, _| {
            while got.len() < BYTES.len() {
                feed(&mut far);
                let mut buf = [0; 3];
                let n = read(input, &mut buf).unwrap();
                got.extend_from_slice(&buf[..n]);
            }
            assert_eq!(got, BYTES);
        },
    ));
    assert_eq!(runs, BYTES.len() + 2);
}

#[test]
fn the_end_is_given_each_time() {
    let (input, feed) = input();
    drop(feed);
    for _ in 0..3 {
        assert_eq!(read(input, &mut [0; 8]).unwrap(), 0);
    }
}

#[test]
fn no_room_reads_nothing() {
    let (input, _feed) = input();
    let polled = poll(input, &mut [], Waker::noop());
    assert!(matches!(polled, Poll::Ready(Ok(0))));
}

#[test]
fn every_waiting_task_is_woken() {
    let (input, mut feed) = input();
    let (sender, bell) = mpsc::channel();
    let wakers: Vec<Waker> = (0..2)
        .map(|_| std::sync::Arc::new(Bell(sender.clone())).into())
        .collect();
    for waker in &wakers {
        assert!(poll(input, &mut [0; 8], waker).is_pending());
    }
    feed.write_all(b"a").unwrap();
    bell.recv().unwrap();
    bell.recv().unwrap();
}
