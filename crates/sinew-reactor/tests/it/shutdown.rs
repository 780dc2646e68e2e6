//! The end of a reactor: everybody hears of it and nobody hangs.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use sinew_core::block_on;
use sinew_reactor::{Async, Interest, Source};

use crate::support::{Wakes, each, poll_once};

#[test]
fn waits_under_way_fail() {
    each(|reactor| {
        let (near, _far) = UnixStream::pair().unwrap();
        let mut near = Async::with_reactor(near, reactor.clone()).unwrap();
        let (alone, alone_waker) = Wakes::new();
        let mut alone_cx = Context::from_waker(&alone_waker);
        let mut read = |near: &mut Async<UnixStream>| {
            near.poll_read_with_exclusive(&mut alone_cx, |mut io| io.read(&mut [0; 1]))
        };
        assert!(read(&mut near).is_pending());
        let (shared, shared_waker) = Wakes::new();
        let mut shared_cx = Context::from_waker(&shared_waker);
        assert!(near.poll_readable(&mut shared_cx).is_pending());
        {
            let (placed, placed_waker) = Wakes::new();
            let mut wait = pin!(near.ready(Interest::ERROR));
            assert!(poll_once(wait.as_mut(), &placed_waker).is_pending());

            reactor.shutdown();
            assert!(reactor.is_shutdown());
            assert_eq!((alone.count(), shared.count(), placed.count()), (1, 1, 1));

            let Poll::Ready(Err(error)) = poll_once(wait.as_mut(), &placed_waker) else {
                panic!("a wait must fail after the shutdown");
            };
            assert!(error.to_string().contains("was shut down"), "{error}");
        }
        assert!(matches!(read(&mut near), Poll::Ready(Err(_))));
        assert!(matches!(
            near.poll_readable(&mut shared_cx),
            Poll::Ready(Err(_))
        ));
    });
}

#[test]
fn what_comes_later_fails_too() {
    each(|reactor| {
        let (near, far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        reactor.shutdown();
        reactor.shutdown();
        assert!(block_on(near.readable()).is_err());
        assert!(block_on(near.write_with(|_| Ok(()))).is_err());
        let tried = near.try_io(Interest::READABLE, |_| Ok(())).unwrap_err();
        assert_ne!(tried.kind(), std::io::ErrorKind::WouldBlock);
        assert!(Async::with_reactor(far, reactor.clone()).is_err());
        assert!(reactor.lock().turn(None).is_err());
        assert_eq!(reactor.source_count(), 1);
        drop(near);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn the_turn_under_way_ends() {
    each(|reactor| {
        for _ in 0..50 {
            reactor.lock().turn(Some(Duration::ZERO)).unwrap();
        }
        let turner = thread::spawn({
            let reactor = reactor.clone();
            move || while reactor.lock().turn(None).is_ok() {}
        });
        reactor.shutdown();
        turner.join().unwrap();
    });
}

#[test]
fn objects_outlive_it() {
    each(|reactor| {
        let (near, far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        reactor.shutdown();
        drop(reactor);
        assert!(block_on(near.readable()).is_err());
        drop(far);
        let mut near = near.into_inner().unwrap();
        assert_eq!(near.read(&mut [0; 1]).unwrap(), 0);
    });
}

#[test]
fn sources_come_and_go_while_it_ends() {
    each(|reactor| {
        let churn = |reactor: std::sync::Arc<sinew_reactor::Reactor>| {
            thread::spawn(move || {
                loop {
                    let (near, _far) = UnixStream::pair().unwrap();
                    let Ok(source) = Source::new(&reactor, &near) else {
                        return;
                    };
                    if source.event().is_shutdown() {
                        return;
                    }
                }
            })
        };
        let waiter = thread::spawn({
            let (near, far) = UnixStream::pair().unwrap();
            let near = Async::with_reactor(near, reactor.clone()).unwrap();
            move || {
                let waited = block_on(near.readable());
                drop(far);
                waited
            }
        });
        let churners = [churn(reactor.clone()), churn(reactor.clone())];
        for _ in 0..100 {
            reactor.lock().turn(Some(Duration::ZERO)).unwrap();
        }
        reactor.shutdown();
        for churner in churners {
            churner.join().unwrap();
        }
        assert!(waiter.join().unwrap().is_err());
        assert_eq!(reactor.source_count(), 0);
    });
}
