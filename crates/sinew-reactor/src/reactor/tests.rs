use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use sinew_core::waker::waker_fn;

use super::*;
use crate::{Interest, Source};

#[test]
fn a_waker_that_panics_does_not_keep_others_from_being_woken() {
    let reactor = Reactor::new().unwrap();
    let pairs: Vec<_> = (0..4).map(|_| UnixStream::pair().unwrap()).collect();
    let sources: Vec<_> = pairs
        .iter()
        .map(|(near, _)| Source::new(&reactor, near).unwrap())
        .collect();
    let woken = Arc::new(AtomicUsize::new(0));
    for (at, source) in sources.iter().enumerate() {
        let woken = woken.clone();
        let waker = waker_fn(move || {
            woken.fetch_add(1, Ordering::Relaxed);
            assert!(at != 1, "the waker's own panic");
        });
        let mut cx = std::task::Context::from_waker(&waker);
        assert!(source.poll_ready(&mut cx, Interest::WRITABLE).is_pending());
    }
    let turned = panic::catch_unwind(AssertUnwindSafe(|| reactor.lock().turn(None)));
    assert!(turned.is_err());
    assert_eq!(woken.load(Ordering::Relaxed), 4);
    // The reactor goes on, although its lock was poisoned.
    assert_eq!(reactor.lock().turn(Some(Duration::ZERO)).unwrap(), 0);
    assert!(reactor.try_lock().is_some());
}

#[test]
fn a_waker_may_use_the_reactor() {
    let reactor = Reactor::new().unwrap();
    let (near, _far) = UnixStream::pair().unwrap();
    let source = Source::new(&reactor, &near).unwrap();
    let used = reactor.clone();
    let waker = waker_fn(move || {
        used.notify();
        assert!(used.try_lock().is_none());
        let (other, _) = UnixStream::pair().unwrap();
        drop(Source::new(&used, &other).unwrap());
        assert_eq!(used.source_count(), 1);
    });
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(source.poll_ready(&mut cx, Interest::WRITABLE).is_pending());
    assert_eq!(reactor.lock().turn(None).unwrap(), 1);
}

#[test]
fn a_refused_descriptor_leaves_nothing_behind() {
    let reactor = Reactor::new().unwrap();
    let file = std::fs::File::open("/").unwrap();
    assert!(Source::new(&reactor, &file).is_err());
    assert_eq!(reactor.source_count(), 0);

    let (near, _far) = UnixStream::pair().unwrap();
    let source = Source::new(&reactor, &near).unwrap();
    assert!(Source::new(&reactor, &near).is_err());
    assert_eq!(reactor.source_count(), 1);
    drop(source);
    assert_eq!(reactor.source_count(), 0);
}

#[test]
fn deregistering_twice_leaves_the_next_source_alone() {
    let reactor = Reactor::new().unwrap();
    let (near, mut far) = UnixStream::pair().unwrap();
    let (fd, number) = (near.as_fd(), near.as_raw_fd());
    let register = || {
        // SAFETY: it is deregistered before `near` is closed.
        unsafe { reactor.register(fd, Interest::all()) }.unwrap()
    };
    let (first, place) = register();
    reactor.deregister(first, number, Some(fd)).unwrap();
    let (second, source) = register();
    assert!(std::ptr::eq(place, source));
    reactor.deregister(first, number, Some(fd)).unwrap();
    far.write_all(b"!").unwrap();
    assert_eq!(reactor.lock().turn(None).unwrap(), 1);
    assert!(source.snapshot().ready().is_readable());
    reactor.deregister(second, number, Some(fd)).unwrap();
}
