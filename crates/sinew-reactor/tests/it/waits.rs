//! Many tasks on one source, waits given up, the budget, what is noted.

use std::future::Future;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::task::{Context, Poll};

use sinew_core::leaf::Kind;
use sinew_core::record::Record;
use sinew_reactor::{Async, Interest, Ready, Source};

use crate::support::{Wakes, drain, drive, each, poll_once};

#[test]
fn all_tasks_that_wait_in_one_direction_are_woken() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let mut far = Async::with_reactor(far, reactor.clone()).unwrap();
        let (alone, alone_waker) = Wakes::new();
        let polled = far
            .poll_read_with_exclusive(&mut Context::from_waker(&alone_waker), |mut io| {
                io.read(&mut [0; 1])
            });
        assert!(polled.is_pending());

        let counters: Vec<_> = (0..40).map(|_| Wakes::new()).collect();
        let mut waits: Vec<_> = counters.iter().map(|_| Box::pin(far.readable())).collect();
        for (wait, (_, waker)) in waits.iter_mut().zip(&counters) {
            assert!(poll_once(wait.as_mut(), waker).is_pending());
        }
        let shared: Vec<_> = (0..20).map(|_| Wakes::new()).collect();
        for (_, waker) in &shared {
            let polled = far.poll_readable(&mut Context::from_waker(waker));
            assert!(polled.is_pending());
        }

        near.write_all(b"x").unwrap();
        drain(&reactor);
        assert_eq!(alone.count(), 1);
        assert!(counters.iter().all(|(wakes, _)| wakes.count() == 1));
        assert!(shared.iter().all(|(wakes, _)| wakes.count() == 1));
        for (wait, (_, waker)) in waits.iter_mut().zip(&counters) {
            assert!(poll_once(wait.as_mut(), waker).is_ready());
        }
    });
}

#[test]
fn a_wait_that_is_given_up_takes_nothing_with_it() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let far = Async::with_reactor(far, reactor.clone()).unwrap();
        let (stays, stays_waker) = Wakes::new();
        let (leaves, leaves_waker) = Wakes::new();
        let mut stay = pin!(far.readable());
        assert!(poll_once(stay.as_mut(), &stays_waker).is_pending());
        {
            let mut leave = pin!(far.readable());
            assert!(poll_once(leave.as_mut(), &leaves_waker).is_pending());
        }
        near.write_all(b"x").unwrap();
        drain(&reactor);
        assert_eq!((stays.count(), leaves.count()), (1, 0));
        // A third that is woken and then given up: the byte is still there.
        drop(Box::pin(far.readable()));
        let mut buf = [0; 1];
        let read = far.read_with(|mut io| io.read(&mut buf));
        assert_eq!(drive(&reactor, read).unwrap(), 1);
    });
}

#[test]
fn two_tasks_share_what_arrives() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let far = Async::with_reactor(far, reactor.clone()).unwrap();
        let take = || async {
            let mut buf = [0; 1];
            far.read_with(|mut io| io.read(&mut buf)).await.unwrap();
            buf[0]
        };
        let (a, a_waker) = Wakes::new();
        let (b, b_waker) = Wakes::new();
        let mut first = pin!(take());
        let mut second = pin!(take());
        assert!(poll_once(first.as_mut(), &a_waker).is_pending());
        assert!(poll_once(second.as_mut(), &b_waker).is_pending());
        near.write_all(b"1").unwrap();
        drain(&reactor);
        assert_eq!((a.count() > 0, b.count() > 0), (true, true));
        assert_eq!(poll_once(first.as_mut(), &a_waker), Poll::Ready(b'1'));
        // The other finds nothing and waits on.
        assert!(poll_once(second.as_mut(), &b_waker).is_pending());
        let before = b.count();
        near.write_all(b"2").unwrap();
        drain(&reactor);
        assert!(b.count() > before);
        assert_eq!(poll_once(second.as_mut(), &b_waker), Poll::Ready(b'2'));
    });
}

#[test]
fn the_exclusive_slot_follows_the_task() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let mut far = Async::with_reactor(far, reactor.clone()).unwrap();
        let mut read = |waker: &std::task::Waker| {
            let mut cx = Context::from_waker(waker);
            far.poll_read_bytes_exclusive(&mut cx, &mut [0; 8], |mut io, buf| io.read(buf))
        };
        let (first, first_waker) = Wakes::new();
        let (second, second_waker) = Wakes::new();
        assert!(read(&first_waker).is_pending());
        assert!(read(&second_waker).is_pending());
        near.write_all(b"x").unwrap();
        drain(&reactor);
        assert_eq!((first.count(), second.count()), (0, 1));
        assert!(matches!(read(&second_waker), Poll::Ready(Ok(1))));
    });
}

#[test]
fn a_task_that_is_always_ready_gives_way() {
    each(|reactor| {
        let (near, _far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        drive(&reactor, near.writable()).unwrap();
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        let record = Record::new(1);
        let ready = record.scope(|| {
            (0..1_000)
                .take_while(|_| near.poll_writable(&mut cx).is_ready())
                .count()
        });
        assert_eq!(ready, 128);
        assert_eq!(wakes.count(), 1);
        assert_eq!(record.wait().unwrap().kind, Kind::Yield);
    });
}

#[test]
fn a_wait_is_noted_with_what_and_where() {
    each(|reactor| {
        let (near, _far) = UnixStream::pair().unwrap();
        let line = line!() + 1;
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        let (_, waker) = Wakes::new();
        let mut wait = pin!(near.readable());
        let record = Record::new(1);
        let polled = record.scope(|| poll_once(wait.as_mut(), &waker));
        assert!(polled.is_pending());
        let noted = record.wait().unwrap();
        assert_eq!(noted.kind, Kind::Readable);
        assert_eq!(noted.resource, near.get_ref().as_raw_fd() as u64);
        assert_eq!(noted.location.file(), file!());
        assert_eq!(noted.location.line(), line);
    });
}

#[test]
fn try_io_asks_no_one_while_nothing_is_known() {
    each(|reactor| {
        let (near, mut far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        far.write_all(b"x").unwrap();
        let mut tries = 0;
        let mut read = || {
            near.try_io(Interest::READABLE, |mut io| {
                tries += 1;
                io.read(&mut [0; 8])
            })
            .map_err(|error| error.kind())
        };
        // The byte is there, but no turn has told of it.
        assert_eq!(read(), Err(std::io::ErrorKind::WouldBlock));
        drain(&reactor);
        assert_eq!(read(), Ok(1));
        assert_eq!(read(), Err(std::io::ErrorKind::WouldBlock));
        assert_eq!(read(), Err(std::io::ErrorKind::WouldBlock));
        assert_eq!(tries, 2);
    });
}

#[test]
fn a_source_is_ready_until_it_is_cleared() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let source = Source::new(&reactor, &far).unwrap();
        near.write_all(b"x").unwrap();
        let event = drive(&reactor, source.ready(Interest::READABLE)).unwrap();
        assert!(event.ready().is_readable());
        let again = drive(&reactor, source.ready(Interest::READABLE)).unwrap();
        source.clear(again);
        assert_eq!(source.event().ready(), Ready::EMPTY);
        // An event that has come since is not cleared by an old look.
        near.write_all(b"y").unwrap();
        drain(&reactor);
        source.clear(again);
        assert!(source.event().ready().is_readable());
    });
}

#[test]
fn waits_are_send_and_sync() {
    fn check<T: Send + Sync>(value: T) -> T {
        value
    }
    each(|reactor| {
        let (near, _far) = UnixStream::pair().unwrap();
        let near = check(Async::with_reactor(near, reactor.clone()).unwrap());
        let wait = check(near.ready(Interest::READABLE | Interest::WRITABLE));
        assert!(drive(&reactor, wait).unwrap().is_writable());
        let op = near.write_with(|mut io| io.write(b"x"));
        assert_eq!(drive(&reactor, check(op)).unwrap(), 1);
        fn is_future<F: Future>(_: &F) {}
        is_future(&near.readable());
    });
}
