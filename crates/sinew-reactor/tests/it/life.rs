//! From registration to the end: reuse, early closing, many.

use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::pin::pin;

use sinew_reactor::{Async, Interest, Source};

use crate::support::{Wakes, drain, drive, each, poll_once};

#[test]
fn a_number_used_again_does_not_get_the_old_ones_event() {
    each(|reactor| {
        for _ in 0..300 {
            let (mut near, far) = UnixStream::pair().unwrap();
            let far = Async::with_reactor(far, reactor.clone()).unwrap();
            near.write_all(b"x").unwrap();
            let number = far.as_fd().as_raw_fd();
            drop(far);
            let (fresh, _other) = UnixStream::pair().unwrap();
            let reused = fresh.as_raw_fd() == number;
            let fresh = Async::with_reactor(fresh, reactor.clone()).unwrap();
            drain(&reactor);
            let tried = fresh.try_io(Interest::READABLE, |_| Ok(()));
            assert!(tried.is_err(), "reused: {reused}");
        }
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn a_duplicate_left_open_tells_nobody_anything() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let kept = far.try_clone().unwrap();
        drop(Async::with_reactor(far, reactor.clone()).unwrap());
        near.write_all(b"x").unwrap();
        assert_eq!(
            reactor
                .lock()
                .turn(Some(std::time::Duration::ZERO))
                .unwrap(),
            0
        );
        drop(kept);
    });
}

/// A descriptor that somebody else may close.
struct Loose(RawFd);

impl AsFd for Loose {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: breaks the promise on purpose once the number is closed; no
        // other thread of this test binary can be hurt, since only the kernel's
        // table of watched descriptors is asked about it.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn closed_underneath_is_no_harm() {
    let reactor = sinew_reactor::Reactor::new().unwrap();
    let (near, far) = UnixStream::pair().unwrap();
    // A number far from those that other tests get, so that none of them is
    // given it between the close and the drop.
    let high = rustix::io::fcntl_dupfd_cloexec(&far, 700).unwrap();
    drop(far);
    let loose = Loose(high.into_raw_fd());
    let number = loose.0;
    let source = Async::with_reactor(loose, reactor.clone()).unwrap();
    drain(&reactor);
    // SAFETY: the number is ours, from `into_raw_fd`, and is closed only here.
    unsafe { rustix::io::close(number) };
    drop(near);
    drain(&reactor);
    drop(source);
    assert_eq!(reactor.source_count(), 0);
    drain(&reactor);
}

#[test]
fn into_inner_gives_the_object_back() {
    each(|reactor| {
        let (mut near, far) = UnixStream::pair().unwrap();
        let far = Async::with_reactor(far, reactor.clone()).unwrap();
        assert_eq!(reactor.source_count(), 1);
        let mut far = far.into_inner().unwrap();
        assert_eq!(reactor.source_count(), 0);
        near.write_all(b"x").unwrap();
        assert_eq!(far.read(&mut [0; 8]).unwrap(), 1);
        let blocks = far.read(&mut [0; 8]).unwrap_err();
        assert_eq!(blocks.kind(), std::io::ErrorKind::WouldBlock);
        // And it can be registered again.
        drop(Async::with_reactor(far, reactor.clone()).unwrap());
    });
}

#[test]
fn one_object_with_two_reactors() {
    each(|reactor| {
        each(|other| {
            let (mut near, far) = UnixStream::pair().unwrap();
            let here = Source::new(&reactor, &far).unwrap();
            let there = Source::new(&other, &far).unwrap();
            near.write_all(b"x").unwrap();
            drive(&reactor, here.ready(Interest::READABLE)).unwrap();
            drive(&other, there.ready(Interest::READABLE)).unwrap();
        });
    });
}

#[test]
fn many_sources_each_get_their_own() {
    each(|reactor| {
        let (nears, fars): (Vec<_>, Vec<_>) = (0..150)
            .map(|_| UnixStream::pair().unwrap())
            .map(|(near, far)| {
                let far = Async::with_reactor(far, reactor.clone()).unwrap();
                (near, far)
            })
            .unzip();
        assert_eq!(reactor.source_count(), fars.len());
        for (at, mut near) in nears.iter().enumerate() {
            near.write_all(&[at as u8]).unwrap();
        }
        for (at, far) in fars.iter().enumerate() {
            let mut buf = [0; 2];
            let n = drive(&reactor, far.read_with(|mut io| io.read(&mut buf))).unwrap();
            assert_eq!(buf[..n], [at as u8]);
        }
        drop(fars);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn dropping_the_last_handle_drops_its_wakers() {
    each(|reactor| {
        let (near, _far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        let (wakes, waker) = Wakes::new();
        {
            let mut wait = pin!(near.readable());
            assert!(poll_once(wait.as_mut(), &waker).is_pending());
        }
        let mut cx = std::task::Context::from_waker(&waker);
        assert!(near.poll_readable(&mut cx).is_pending());
        drop(near);
        drop(waker);
        assert_eq!(std::sync::Arc::strong_count(&wakes), 1);
    });
}
