//! Data, ends and errors of streams, pipes and the like.

use std::io::{self, Read, Write};
use std::net::{Shutdown, UdpSocket};
use std::os::unix::net::UnixStream;
use std::task::Poll;

use sinew_reactor::{Async, Interest, Reactor, Ready};

use crate::support::{drain, drive, each, poll_once, read_bytes, read_to_end, tcp_pair};

#[test]
fn data_comes_through() {
    each(|reactor| {
        let (near, far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        let far = Async::with_reactor(far, reactor.clone()).unwrap();
        drive(&reactor, async {
            for round in 0..100_u8 {
                near.write_with(|mut io| io.write(&[round])).await.unwrap();
                let mut buf = [0; 8];
                let n = far.read_with(|mut io| io.read(&mut buf)).await.unwrap();
                assert_eq!(buf[..n], [round]);
            }
        });
    });
}

#[test]
fn data_and_the_end_in_one_edge() {
    each(|reactor| {
        for piece in [1, 4, 5, 64] {
            let (mut client, server) = tcp_pair();
            let server = Async::with_reactor(server, reactor.clone()).unwrap();
            client.write_all(b"hello").unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            // Both are there before the first turn, so they come as one event.
            let data = drive(&reactor, read_to_end(&server, piece)).unwrap();
            assert_eq!(data, b"hello");
        }
    });
}

#[test]
fn the_end_after_a_short_read() {
    each(|reactor| {
        let (mut client, server) = tcp_pair();
        let server = Async::with_reactor(server, reactor.clone()).unwrap();
        client.write_all(b"hello").unwrap();
        let mut buf = [0; 64];
        assert_eq!(drive(&reactor, read_bytes(&server, &mut buf)).unwrap(), 5);
        drop(client);
        assert_eq!(drive(&reactor, read_bytes(&server, &mut buf)).unwrap(), 0);
        // Still at the end, each time that it is asked.
        assert_eq!(drive(&reactor, read_bytes(&server, &mut buf)).unwrap(), 0);
    });
}

#[test]
fn a_short_read_saves_the_next_call() {
    let reactor = Reactor::new().unwrap();
    let (mut client, server) = tcp_pair();
    let server = Async::with_reactor(server, reactor.clone()).unwrap();
    client.write_all(b"hello").unwrap();
    let mut buf = [0; 64];
    assert_eq!(drive(&reactor, read_bytes(&server, &mut buf)).unwrap(), 5);
    let tried = server.try_io(Interest::READABLE, |_| Ok(()));
    let spared = tried.unwrap_err().kind() == io::ErrorKind::WouldBlock;
    assert_eq!(spared, cfg!(target_os = "linux"));
}

#[test]
fn a_reset_ends_waits_in_both_directions() {
    each(|reactor| {
        let (client, mut server) = tcp_pair();
        let client = Async::with_reactor(client, reactor.clone()).unwrap();
        drive(&reactor, client.writable()).unwrap();
        let mut writer = client.get_ref();
        writer.write_all(b"unread").unwrap();
        let mut peeked = [0; 1];
        assert_eq!(server.peek(&mut peeked).unwrap(), 1);
        server.flush().unwrap();
        // Closed with bytes unread: the system sends a reset.
        drop(server);
        let mut buf = [0; 8];
        let read = drive(&reactor, client.read_with(|mut io| io.read(&mut buf)));
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        let ready = drive(&reactor, client.ready(Interest::WRITABLE)).unwrap();
        assert!(ready.is_write_closed());
        let wrote = drive(&reactor, client.write_with(|mut io| io.write(b"x")));
        assert_eq!(wrote.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn half_closed_both_ways() {
    each(|reactor| {
        let (client, server) = tcp_pair();
        let client = Async::with_reactor(client, reactor.clone()).unwrap();
        let server = Async::with_reactor(server, reactor.clone()).unwrap();
        drive(&reactor, async {
            client
                .write_with(|mut io| io.write(b"request"))
                .await
                .unwrap();
            client.get_ref().shutdown(Shutdown::Write).unwrap();
            assert_eq!(read_to_end(&server, 64).await.unwrap(), b"request");
            server
                .write_with(|mut io| io.write(b"answer"))
                .await
                .unwrap();
            server.get_ref().shutdown(Shutdown::Write).unwrap();
            assert_eq!(read_to_end(&client, 64).await.unwrap(), b"answer");
        });
    });
}

#[test]
fn a_full_stream_is_writable_again_when_read() {
    each(|reactor| {
        let (near, mut far) = tcp_pair();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        let block = vec![7; 256 * 1024];
        let mut written = 0;
        let write = async |block: &[u8]| {
            let op = |cx: &mut std::task::Context<'_>| {
                near.poll_write_bytes(cx, block, |mut io, buf| io.write(buf))
            };
            std::future::poll_fn(op).await.unwrap()
        };
        drive(&reactor, near.writable()).unwrap();
        let (_, waker) = crate::support::Wakes::new();
        loop {
            let mut next = std::pin::pin!(write(&block));
            match poll_once(next.as_mut(), &waker) {
                Poll::Ready(n) => written += n,
                Poll::Pending => break,
            }
            drain(&reactor);
        }
        assert!(written > 0);
        let reader = std::thread::spawn(move || {
            let mut sink = vec![0; 64 * 1024];
            let mut read = 0;
            loop {
                match far.read(&mut sink).unwrap() {
                    0 => return read,
                    n => read += n,
                }
            }
        });
        written += drive(&reactor, write(&block));
        drop(near);
        assert_eq!(reader.join().unwrap(), written);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn the_ends_of_a_pipe_hear_of_each_other() {
    each(|reactor| {
        let (read, write) = rustix::pipe::pipe().unwrap();
        let write = Async::with_reactor(write, reactor.clone()).unwrap();
        drive(&reactor, write.writable()).unwrap();
        drop(read);
        drain(&reactor);
        let wrote = write.write_with(|io| Ok(rustix::io::write(io, b"x")?));
        let error = drive(&reactor, wrote).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);

        let (read, write) = rustix::pipe::pipe().unwrap();
        let read = Async::with_reactor(read, reactor.clone()).unwrap();
        drop(write);
        let mut buf = [0; 8];
        let got = read.read_with(|io| Ok(rustix::io::read(io, &mut buf)?));
        assert_eq!(drive(&reactor, got).unwrap(), 0);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_eventfd_is_readable_when_it_counts() {
    use rustix::event::{EventfdFlags, eventfd};

    each(|reactor| {
        let fd = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
        let fd = Async::with_reactor(fd, reactor.clone()).unwrap();
        for count in 1..5_u64 {
            rustix::io::write(fd.get_ref(), &count.to_ne_bytes()).unwrap();
            let mut buf = [0; 8];
            let read = fd.read_with(|io| Ok(rustix::io::read(io, &mut buf)?));
            assert_eq!(drive(&reactor, read).unwrap(), 8);
            assert_eq!(u64::from_ne_bytes(buf), count);
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_refused_datagram_wakes_the_receiver() {
    each(|reactor| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let closed = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(closed.local_addr().unwrap()).unwrap();
        drop(closed);
        let socket = Async::with_reactor(socket, reactor.clone()).unwrap();
        drive(&reactor, socket.writable()).unwrap();
        socket.get_ref().send(b"x").unwrap();
        let mut buf = [0; 8];
        let received = drive(&reactor, socket.read_with(|io| io.recv(&mut buf)));
        assert_eq!(
            received.unwrap_err().kind(),
            io::ErrorKind::ConnectionRefused
        );
    });
}

#[test]
fn a_guess_that_was_wrong_costs_one_try() {
    each(|reactor| {
        let (near, _far) = UnixStream::pair().unwrap();
        let near = Async::with_reactor(near, reactor.clone()).unwrap();
        near.assume_ready(Ready::READABLE | Ready::READ_CLOSED);
        let tries = std::cell::Cell::new(0);
        let (_, waker) = crate::support::Wakes::new();
        let mut read = std::pin::pin!(near.read_with(|mut io| {
            tries.set(tries.get() + 1);
            io.read(&mut [0; 8])
        }));
        assert!(poll_once(read.as_mut(), &waker).is_pending());
        assert!(poll_once(read.as_mut(), &waker).is_pending());
        drain(&reactor);
        assert!(poll_once(read.as_mut(), &waker).is_pending());
        assert_eq!(tries.get(), 1);
    });
}
