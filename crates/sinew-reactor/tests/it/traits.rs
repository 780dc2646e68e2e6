//! `AsyncRead` and `AsyncWrite` on `Async<T>`.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use sinew_core::join;
use sinew_io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional, duplex, split};
use sinew_reactor::{Async, Reactor};

use crate::support::{Wakes, drive, each, poll_once, tcp_pair};

/// More than a socket's buffers hold.
const LARGE: usize = 1 << 20;

fn pattern() -> Vec<u8> {
    (0..LARGE).map(|n| (n % 251) as u8).collect()
}

fn pair(reactor: &Arc<Reactor>) -> (Async<UnixStream>, Async<UnixStream>) {
    let (near, far) = UnixStream::pair().unwrap();
    let watch = |end| Async::with_reactor(end, reactor.clone()).unwrap();
    (watch(near), watch(far))
}

/// Fills the way from `near` until it takes no more.
fn fill(near: &Async<UnixStream>) {
    while near.get_ref().write(&[0; 4096]).is_ok() {}
}

#[test]
fn bytes_and_the_end_come_through() {
    each(|reactor| {
        let sent = pattern();
        let mut received = Vec::new();
        let (mut near, mut far) = pair(&reactor);
        drive(&reactor, async {
            let write = async {
                let (first, second) = sent.split_at(10);
                let mut pieces = [IoSlice::new(first), IoSlice::new(second)];
                near.write_all_vectored(&mut pieces).await.unwrap();
                near.shutdown().await.unwrap();
            };
            // `near` is still there: closing told the end.
            join!(write, far.read_to_end(&mut received)).1.unwrap();
        });
        assert!(received == sent);

        // The same by shared references, of which everybody may have one.
        let (near, far) = pair(&reactor);
        let mut from = &far;
        received.clear();
        drive(&reactor, async {
            let write = async {
                (&near).write_all(&sent).await.unwrap();
                (&near).close().await.unwrap();
            };
            join!(write, from.read_to_end(&mut received)).1.unwrap();
        });
        assert!(received == sent);
    });
}

#[test]
fn both_directions_at_once() {
    each(|reactor| {
        let (client, server) = tcp_pair();
        let watch = |end| Async::with_reactor(end, reactor.clone()).unwrap();
        let (mut client, mut server) = (watch(client), watch(server));
        let (mut near, mut far) = duplex(1000);
        let sent = pattern();
        drive(&reactor, async {
            let (mut from, mut to) = split(&mut client);
            let (mut received, mut answered) = (Vec::new(), Vec::new());
            let ask = async {
                to.write_all(&sent).await.unwrap();
                to.shutdown().await.unwrap();
            };
            let answer = async {
                far.read_to_end(&mut received).await.unwrap();
                far.write_all(&received).await.unwrap();
                far.shutdown().await.unwrap();
            };
            let copied = join!(
                copy_bidirectional(&mut server, &mut near),
                ask,
                answer,
                from.read_to_end(&mut answered)
            );
            assert_eq!(copied.0.unwrap(), (LARGE as u64, LARGE as u64));
            assert!(answered == sent);
        });
    });
}

#[test]
fn a_dropped_read_takes_nothing() {
    each(|reactor| {
        let (near, mut far) = pair(&reactor);
        let (_, waker) = Wakes::new();
        assert!(poll_once(pin!(far.read(&mut [0; 4])), &waker).is_pending());
        near.get_ref().write_all(b"abcd").unwrap();
        let mut buf = [0; 4];
        drive(&reactor, far.read_exact(&mut buf)).unwrap();
        assert_eq!(&buf, b"abcd");
    });
}

#[test]
fn readers_by_reference_share_the_bytes() {
    each(|reactor| {
        let (near, far) = pair(&reactor);
        let (mut one, mut two) = ([0; 2], [0; 2]);
        drive(&reactor, async {
            let (mut a, mut b) = (&far, &far);
            let read = async { join!(a.read_exact(&mut one), b.read_exact(&mut two)) };
            let write = async {
                for byte in b"abcd" {
                    (&near).write_all(&[*byte]).await.unwrap();
                }
            };
            let ((first, second), ()) = join!(read, write);
            (first.unwrap(), second.unwrap())
        });
        let mut all = [one, two].concat();
        all.sort_unstable();
        assert_eq!(all, b"abcd");
    });
}

#[test]
fn flushing_and_closing_do_not_wait_for_room() {
    each(|reactor| {
        let (mut near, far) = pair(&reactor);
        fill(&near);
        let (_, waker) = Wakes::new();
        assert!(poll_once(pin!(near.write(b"more")), &waker).is_pending());
        assert!(poll_once(pin!(near.flush()), &waker).is_ready());
        assert!(poll_once(pin!(near.close()), &waker).is_ready());
        assert!(poll_once(pin!((&near).close()), &waker).is_ready());
        let error = near.get_ref().write(b"more").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "it is shut down");
        drop(far);
        near.get_ref().shutdown(Shutdown::Both).unwrap();
        drive(&reactor, near.close()).unwrap();
    });
}

/// Writes go to a buffer, which flushing empties into the socket.
struct Buffered {
    socket: UnixStream,
    waiting: Vec<u8>,
}

impl AsFd for Buffered {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Write for Buffered {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            let count = self.socket.write(&self.waiting)?;
            self.waiting.drain(..count);
        }
        Ok(())
    }
}

#[test]
fn a_flush_that_would_block_waits() {
    each(|reactor| {
        let (socket, mut far) = UnixStream::pair().unwrap();
        let waiting = Vec::new();
        let buffered = Buffered { socket, waiting };
        let mut near = Async::with_reactor(buffered, reactor.clone()).unwrap();
        let sent = pattern();
        drive(&reactor, near.write_all(&sent)).unwrap();
        {
            let (_, waker) = Wakes::new();
            let flush = poll_once(pin!(near.flush()), &waker);
            assert!(matches!(flush, Poll::Pending), "a socket holds less");
        }
        let reader = std::thread::spawn(move || {
            let mut received = Vec::new();
            far.read_to_end(&mut received).map(|_| received)
        });
        drive(&reactor, near.close()).unwrap();
        assert!(reader.join().unwrap().unwrap() == sent);
    });
}
