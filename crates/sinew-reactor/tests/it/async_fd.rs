//! `AsyncFd`: guards, what they clear, and descriptors that change underneath.

use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::task::Context;

use sinew_reactor::unix::{AsyncFd, AsyncFdRegisterError};
use sinew_reactor::{Interest, Reactor, Ready};

use crate::support::{Wakes, drive, each};

fn pair() -> (UnixStream, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    far.set_nonblocking(true).unwrap();
    (near, far)
}

#[test]
fn a_guard_clears_what_it_has_seen_and_no_more() {
    each(|reactor| {
        let _entered = Reactor::enter(reactor.clone());
        let (mut near, far) = pair();
        let far = AsyncFd::new(far).unwrap();
        near.write_all(b"x").unwrap();
        drive(&reactor, async {
            let mut guard = far.readable().await.unwrap();
            assert_eq!(guard.ready(), Ready::READABLE);
            far.get_ref().read_exact_now(1);
            guard.clear_ready();
            assert!(guard.ready().is_empty());
        });
        let late = far.try_io(Interest::READABLE, |_| Ok(()));
        assert_eq!(late.unwrap_err().kind(), ErrorKind::WouldBlock);

        near.write_all(b"y").unwrap();
        drive(&reactor, async {
            let mut guard = far.readable().await.unwrap();
            // News come between the look and the clear.
            near.write_all(b"z").unwrap();
            while reactor
                .lock()
                .turn(Some(std::time::Duration::ZERO))
                .unwrap()
                > 0
            {}
            guard.clear_ready();
            far.readable().await.unwrap().retain_ready();
        });
    });
}

trait ReadNow {
    fn read_exact_now(&self, count: usize);
}

impl ReadNow for UnixStream {
    fn read_exact_now(&self, count: usize) {
        let mut this = self;
        this.read_exact(&mut vec![0; count]).unwrap();
    }
}

#[test]
fn try_io_says_when_it_would_block() {
    each(|reactor| {
        let _entered = Reactor::enter(reactor.clone());
        let (mut near, far) = pair();
        let mut far = AsyncFd::new(far).unwrap();
        near.write_all(b"ab").unwrap();
        drive(&reactor, async {
            let mut guard = far.readable_mut().await.unwrap();
            let mut buf = [0; 8];
            let read = guard.try_io(|fd| fd.get_mut().read(&mut buf));
            assert_eq!(read.unwrap().unwrap(), 2);
            let again = guard.try_io(|fd| fd.get_mut().read(&mut buf));
            assert_eq!(again.unwrap_err().to_string(), "the operation would block");
            assert!(guard.ready().is_empty());
            assert_eq!(
                guard.get_inner().as_fd().as_raw_fd(),
                guard.get_inner_mut().as_raw_fd()
            );
        });
        let value = drive(
            &reactor,
            far.async_io_mut(Interest::WRITABLE, |io| io.write(b"q")),
        );
        assert_eq!(value.unwrap(), 1);
        let value = drive(
            &reactor,
            far.async_io(Interest::WRITABLE, |mut io| io.write(b"q")),
        );
        assert_eq!(value.unwrap(), 1);
    });
}

#[test]
fn that_the_peer_is_gone_is_not_forgotten() {
    each(|reactor| {
        let _entered = Reactor::enter(reactor.clone());
        let (near, far) = pair();
        let far = AsyncFd::new(far).unwrap();
        drop(near);
        drive(&reactor, async {
            let mut guard = far.readable().await.unwrap();
            assert!(guard.ready().is_read_closed());
            guard.clear_ready();
            assert!(guard.ready().is_read_closed());
            assert!(far.readable().await.unwrap().ready().is_read_closed());
        });
    });
}

#[test]
fn only_the_interest_is_registered() {
    each(|reactor| {
        let _entered = Reactor::enter(reactor.clone());
        let (_near, far) = pair();
        let far = AsyncFd::with_interest(far, Interest::READABLE).unwrap();
        let (_wakes, waker) = Wakes::new();
        let mut wait = pin!(far.writable());
        let mut cx = Context::from_waker(&waker);
        reactor
            .lock()
            .turn(Some(std::time::Duration::ZERO))
            .unwrap();
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    });
}

#[test]
fn the_error_gives_the_object_back() {
    let file = std::fs::File::open("/").unwrap();
    let error: AsyncFdRegisterError<_> = AsyncFd::try_new(file).unwrap_err();
    assert!(!error.to_string().is_empty());
    let (file, cause) = error.into_parts();
    assert!(file.metadata().unwrap().is_dir());
    assert!(cause.raw_os_error().is_some());
    let error: io::Error = AsyncFd::register(file).unwrap_err().into();
    assert!(error.raw_os_error().is_some());
}

/// A descriptor is closed behind the first owner's back, its number is given to
/// a second one: the first owner's end must not silence the second.
#[test]
fn a_number_used_again_is_its_new_owners() {
    each(|reactor| {
        let _entered = Reactor::enter(reactor.clone());
        let (_near, far) = pair();
        let number = far.as_raw_fd();
        let mut first = AsyncFd::new(Some(far).into_holder()).unwrap();
        // Closes the descriptor, but the holder still shows its number.
        first.get_mut().close();
        let (one, other) = pair();
        // Where the lowest free number is given, one of the two has it, unless
        // another thread of this test binary took it: nothing to see then.
        let (mut near, again) = if other.as_raw_fd() == number {
            (one, other)
        } else if one.as_raw_fd() == number {
            one.set_nonblocking(true).unwrap();
            (other, one)
        } else {
            return;
        };
        let second = AsyncFd::new(again).unwrap();
        drop(first);
        near.write_all(b"x").unwrap();
        drive(&reactor, async {
            assert!(second.readable().await.unwrap().ready().is_readable());
        });
    });
}

/// Shows the number of a descriptor also after it was closed.
struct Holder {
    stream: Option<UnixStream>,
    number: i32,
}

trait IntoHolder {
    fn into_holder(self) -> Holder;
}

impl IntoHolder for Option<UnixStream> {
    fn into_holder(self) -> Holder {
        let number = self.as_ref().unwrap().as_raw_fd();
        Holder {
            stream: self,
            number,
        }
    }
}

impl Holder {
    fn close(&mut self) {
        self.stream = None;
    }
}

impl AsFd for Holder {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        // SAFETY: not sound, and that is the point: an object of this kind gets
        // its descriptor closed underneath. The number is only compared and
        // given to calls that check it.
        unsafe { std::os::fd::BorrowedFd::borrow_raw(self.number) }
    }
}

#[test]
fn metrics_count_what_was_done() {
    each(|reactor| {
        let _entered = Reactor::enter(reactor.clone());
        let before = reactor.metrics();
        let (_near, far) = pair();
        let far = AsyncFd::new(far).unwrap();
        drive(&reactor, async {
            far.writable().await.unwrap().retain_ready();
        });
        drop(far);
        let after = reactor.metrics();
        assert_eq!(after.registered, before.registered + 1);
        assert_eq!(after.deregistered, before.deregistered + 1);
        assert!(after.events > before.events);
    });
}
