//! Sources that are told of data again and again that they would have found anyway.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;

use sinew_reactor::{Async, Interest, Reactor};

use crate::support::{Wakes, drain, drive, each, is_epoll, poll_once};

/// A socket, and who sends to it. What is sent is there at once, and no more than ten
/// packets have room.
fn pair(reactor: &Arc<Reactor>) -> (Async<UnixDatagram>, UnixDatagram) {
    let _entered = reactor.clone().enter();
    let (near, far) = UnixDatagram::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    let near = Async::new_with_room_at(near, Location::caller()).unwrap();
    drain(reactor);
    (near, far)
}

/// Sends so many packets, each of which is an event if it is told of. How many were.
fn sends(reactor: &Reactor, far: &UnixDatagram, count: usize) -> u64 {
    let before = reactor.metrics().events;
    for _ in 0..count {
        far.send(b"packet").unwrap();
        drain(reactor);
    }
    reactor.metrics().events - before
}

async fn receive(near: &Async<UnixDatagram>) -> usize {
    near.read_with(|socket| socket.recv(&mut [0; 16]))
        .await
        .unwrap()
}

fn try_receive(near: &Async<UnixDatagram>) -> std::io::Result<usize> {
    near.try_io(Interest::READABLE, |socket| socket.recv(&mut [0; 16]))
}

#[test]
fn who_finds_data_anyway_is_told_no_more_until_it_finds_none() {
    each(|reactor| {
        let (near, far) = pair(&reactor);
        for _ in 0..3 {
            assert_eq!(sends(&reactor, &far, 3), 3);
            // It takes a packet, and there are more.
            assert_eq!(drive(&reactor, receive(&near)), 6);
            let told = sends(&reactor, &far, 5);
            assert!(told == 0 || !is_epoll(&reactor), "{told} events");
            for _ in 0..7 {
                assert_eq!(drive(&reactor, receive(&near)), 6);
            }
            let (wakes, waker) = Wakes::new();
            let mut more = pin!(receive(&near));
            assert!(poll_once(more.as_mut(), &waker).is_pending());
            drain(&reactor);
            assert_eq!(wakes.count(), 0);
            assert_eq!(sends(&reactor, &far, 1), 1);
            assert_eq!(wakes.count(), 1);
            assert_eq!(drive(&reactor, more), 6);
            assert_eq!(
                try_receive(&near).unwrap_err().kind(),
                ErrorKind::WouldBlock
            );
        }
    });
}

#[test]
fn who_only_ever_tries_is_told_again() {
    each(|reactor| {
        let (near, far) = pair(&reactor);
        for _ in 0..3 {
            sends(&reactor, &far, 6);
            for _ in 0..6 {
                assert_eq!(try_receive(&near).unwrap(), 6);
            }
            assert_eq!(
                try_receive(&near).unwrap_err().kind(),
                ErrorKind::WouldBlock
            );
            sends(&reactor, &far, 1);
            assert_eq!(try_receive(&near).unwrap(), 6);
            assert_eq!(
                try_receive(&near).unwrap_err().kind(),
                ErrorKind::WouldBlock
            );
        }
    });
}

#[test]
fn a_wait_for_data_that_is_there_ends_at_once_though_nobody_is_told() {
    each(|reactor| {
        let (near, far) = pair(&reactor);
        sends(&reactor, &far, 3);
        assert_eq!(try_receive(&near).unwrap(), 6);
        sends(&reactor, &far, 3);
        let (_, waker) = Wakes::new();
        assert!(poll_once(pin!(near.readable()), &waker).is_ready());
    });
}

#[test]
fn who_runs_out_of_room_meanwhile_is_told_of_both() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    each(|reactor| {
        let entered = reactor.clone().enter();
        let (near, mut far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        far.set_nonblocking(true).unwrap();
        let near = Async::new_with_room_at(near, Location::caller()).unwrap();
        drop(entered);
        for _ in 0..3 {
            far.write_all(b"x").unwrap();
            drain(&reactor);
        }
        let byte = |mut io: &UnixStream| io.read(&mut [0]);
        assert_eq!(drive(&reactor, near.read_with(byte)).unwrap(), 1);
        // It is told of data no more. Now it fills the way to its peer.
        while near
            .try_io(Interest::WRITABLE, |mut io| io.write(&[0; 4096]))
            .is_ok()
        {}
        for _ in 0..2 {
            assert_eq!(drive(&reactor, near.read_with(byte)).unwrap(), 1);
        }
        let (wakes, waker) = Wakes::new();
        let mut read = pin!(near.read_with(byte));
        assert!(poll_once(read.as_mut(), &waker).is_pending());
        let mut writable = pin!(near.writable());
        assert!(poll_once(writable.as_mut(), &waker).is_pending());
        drain(&reactor);
        assert_eq!(wakes.count(), 0);
        far.write_all(b"x").unwrap();
        assert_eq!(drive(&reactor, read).unwrap(), 1);
        let mut buf = vec![0; 65_536];
        while far.read(&mut buf).is_ok_and(|count| count > 0) {}
        drive(&reactor, writable).unwrap();
    });
}
