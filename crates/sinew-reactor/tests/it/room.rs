//! Sources that have room, and are told of more only once they have run out of it.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use sinew_reactor::{Async, Interest, Reactor};

use crate::support::{Wakes, drain, drive, each, is_epoll, poll_once};

/// An end that has room, and its peer, which does not block.
fn pair(reactor: &Arc<Reactor>) -> (Async<UnixStream>, UnixStream) {
    let _entered = reactor.clone().enter();
    let (near, far) = UnixStream::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    far.set_nonblocking(true).unwrap();
    let near = Async::new_with_room_at(near, Location::caller()).unwrap();
    drain(reactor);
    (near, far)
}

fn write(near: &Async<UnixStream>) -> std::io::Result<usize> {
    near.try_io(Interest::WRITABLE, |mut io| io.write(&[1; 4096]))
}

/// Writes until there is no room; how much there was.
fn fill(near: &Async<UnixStream>) -> usize {
    let mut filled = 0;
    loop {
        match write(near) {
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return filled,
            Err(error) => panic!("{error}"),
        }
    }
}

fn empty(far: &mut UnixStream) {
    let mut buf = vec![0; 65_536];
    while far.read(&mut buf).is_ok_and(|count| count > 0) {}
}

#[test]
fn it_can_be_written_to_at_once() {
    each(|reactor| {
        let (near, _far) = pair(&reactor);
        let (_, waker) = Wakes::new();
        let mut writable = pin!(near.writable());
        assert!(poll_once(writable.as_mut(), &waker).is_ready());
        assert_eq!(write(&near).unwrap(), 4096);
    });
}

#[test]
fn nobody_is_told_of_room_that_he_has() {
    each(|reactor| {
        let (near, mut far) = pair(&reactor);
        let before = reactor.metrics().events;
        for _ in 0..10 {
            assert_eq!(write(&near).unwrap(), 4096);
            empty(&mut far);
            drain(&reactor);
        }
        let told = reactor.metrics().events - before;
        // The other backends ask for everything at once, and may be told.
        assert!(told == 0 || !is_epoll(&reactor), "{told} events");
    });
}

#[test]
fn who_has_run_out_of_room_is_told_of_more() {
    each(|reactor| {
        let (near, mut far) = pair(&reactor);
        for _ in 0..3 {
            assert!(fill(&near) > 0);
            let (wakes, waker) = Wakes::new();
            let mut writable = pin!(near.writable());
            assert!(poll_once(writable.as_mut(), &waker).is_pending());
            drain(&reactor);
            assert_eq!(wakes.count(), 0);
            empty(&mut far);
            drive(&reactor, writable).unwrap();
            assert!(write(&near).unwrap() > 0);
        }
    });
}

#[test]
fn a_writer_that_finds_no_room_waits_for_it() {
    each(|reactor| {
        let (near, mut far) = pair(&reactor);
        let sent = vec![7; 4 << 20];
        let mut received = 0;
        let mut buf = vec![0; 65_536];
        let mut rest = &sent[..];
        drive(&reactor, async {
            while !rest.is_empty() {
                let (wakes, waker) = Wakes::new();
                let count = {
                    let mut write = pin!(near.write_with(|mut io| io.write(rest)));
                    match poll_once(write.as_mut(), &waker) {
                        Poll::Ready(count) => count.unwrap(),
                        Poll::Pending => {
                            assert_eq!(wakes.count(), 0);
                            while let Ok(count) = far.read(&mut buf) {
                                received += count;
                            }
                            write.await.unwrap()
                        }
                    }
                };
                rest = &rest[count..];
            }
        });
        while let Ok(count) = far.read(&mut buf) {
            received += count;
        }
        assert_eq!(received, sent.len());
    });
}

#[test]
fn who_only_ever_tries_is_told_of_room_too() {
    each(|reactor| {
        let (near, mut far) = pair(&reactor);
        assert!(fill(&near) > 0);
        empty(&mut far);
        drain(&reactor);
        assert!(write(&near).unwrap() > 0);
    });
}

#[test]
fn room_is_told_beside_data_that_nobody_reads() {
    each(|reactor| {
        let (near, mut far) = pair(&reactor);
        far.write_all(b"unread").unwrap();
        drive(&reactor, near.readable()).unwrap();
        // A write that comes to its end takes the room away and waits for nothing.
        let whole = vec![3; 4 << 20];
        let (_, waker) = Wakes::new();
        let mut cx = std::task::Context::from_waker(&waker);
        let write = near.poll_write_bytes(&mut cx, &whole, |mut io, buf| io.write(buf));
        assert!(matches!(write, Poll::Ready(Ok(count)) if count < whole.len()));
        let both = Interest::READABLE | Interest::WRITABLE;
        let ready = drive(&reactor, near.ready(both)).unwrap();
        assert!(ready.is_readable());
        empty(&mut far);
        drain(&reactor);
        let ready = drive(&reactor, near.ready(both)).unwrap();
        assert!(ready.is_readable() && ready.is_writable(), "{ready:?}");
    });
}
