//! The current reactor: entered, or the default one with its own thread.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use sinew_core::block_on;
use sinew_core::waker::waker_fn;
use sinew_reactor::{Async, Reactor};

use crate::support::PATIENCE;

/// Held by a test that takes the default reactor over, and by one that tells who
/// turns it.
static TURNING: Mutex<()> = Mutex::new(());

#[test]
fn the_default_works_under_any_block_on() {
    let (near, far) = UnixStream::pair().unwrap();
    let near = Async::new(near).unwrap();
    let far = Async::new(far).unwrap();
    let echo = thread::spawn(move || {
        block_on(async {
            let mut buf = [0; 16];
            let n = far.read_with(|mut io| io.read(&mut buf)).await.unwrap();
            far.write_with(|mut io| io.write(&buf[..n])).await.unwrap()
        })
    });
    let answer = block_on(async {
        near.write_with(|mut io| io.write(b"hello")).await.unwrap();
        let mut buf = [0; 16];
        let n = near.read_with(|mut io| io.read(&mut buf)).await.unwrap();
        buf[..n].to_vec()
    });
    assert_eq!(answer, b"hello");
    assert_eq!(echo.join().unwrap(), 5);
}

#[test]
fn the_default_is_turned_by_its_own_thread_also_after_a_panic() {
    let _alone = TURNING.lock().unwrap_or_else(PoisonError::into_inner);
    for panics in [true, false] {
        let (near, _far) = UnixStream::pair().unwrap();
        let near = Async::new(near).unwrap();
        let (send, receive) = mpsc::channel();
        let waker = waker_fn(move || {
            let name = thread::current().name().map(str::to_owned);
            // The receiver may have what it wants and be gone.
            let _ = send.send(name);
            assert!(!panics, "the waker's own panic");
        });
        if near
            .poll_writable(&mut Context::from_waker(&waker))
            .is_pending()
        {
            let name = receive.recv_timeout(PATIENCE).unwrap();
            assert_eq!(name.as_deref(), Some("sinew-reactor"));
        }
    }
}

#[test]
fn there_is_one_default_and_an_entered_one_goes_before_it() {
    let default = Reactor::current().unwrap();
    let elsewhere = thread::spawn(|| Reactor::current().unwrap())
        .join()
        .unwrap();
    assert!(Arc::ptr_eq(&default, &elsewhere));
    let own = Reactor::new().unwrap();
    {
        let _entered = own.clone().enter();
        assert!(Arc::ptr_eq(&Reactor::current().unwrap(), &own));
        let (near, _far) = UnixStream::pair().unwrap();
        let near = Async::new_nonblocking(near).unwrap();
        assert!(Arc::ptr_eq(near.reactor(), &own));
        let elsewhere = thread::spawn(|| Reactor::current().unwrap())
            .join()
            .unwrap();
        assert!(Arc::ptr_eq(&elsewhere, &default));
    }
    assert!(Arc::ptr_eq(&Reactor::current().unwrap(), &default));
}

/// Others in this process wait meanwhile, so the reactor is turned at once.
#[test]
fn who_takes_over_turns_it_until_he_lets_go() {
    let _alone = TURNING.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut near, far) = UnixStream::pair().unwrap();
    let driving = Reactor::take_over().unwrap();
    let again = Reactor::take_over().unwrap();
    assert!(Arc::ptr_eq(driving.reactor(), again.reactor()));
    drop(again);
    let far = Async::with_reactor(far, driving.reactor().clone()).unwrap();
    assert!(Arc::ptr_eq(far.reactor(), &Reactor::current().unwrap()));
    near.write_all(b"one").unwrap();
    let mut buf = [0; 16];
    {
        let mut read = std::pin::pin!(far.read_with(|mut io| io.read(&mut buf)));
        // The thread may be in its last turn, and may be who wakes: so no turn here
        // waits for long.
        let count = loop {
            let polled = read.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if let Poll::Ready(count) = polled {
                break count;
            }
            let turn = driving
                .reactor()
                .lock()
                .turn(Some(Duration::from_millis(1)));
            turn.unwrap();
        };
        assert_eq!(count.unwrap(), 3);
    }

    let waiting = thread::spawn(move || {
        let mut buf = [0; 16];
        block_on(far.read_with(|mut io| io.read(&mut buf))).unwrap()
    });
    drop(driving);
    near.write_all(b"three").unwrap();
    assert_eq!(waiting.join().unwrap(), 5);
}
