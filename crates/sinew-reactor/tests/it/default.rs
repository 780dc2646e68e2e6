//! The current reactor: entered, or the default one with its own thread.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::Context;
use std::thread;

use sinew_core::block_on;
use sinew_core::waker::waker_fn;
use sinew_reactor::{Async, Reactor};

use crate::support::PATIENCE;

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
