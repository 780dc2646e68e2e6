//! Connecting, in success and failure.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use futures::FutureExt;
use sinew_net::{FailedAttempt, TcpSocket, TcpStream, raw_os_error};

use crate::{listen, nobody, run};

fn two_nobodies() -> ([TcpSocket; 2], [SocketAddr; 2]) {
    let [(one, first), (two, second)] = [nobody(), nobody()];
    ([one, two], [first, second])
}

#[test]
fn refused_names_the_address_and_keeps_the_number() {
    let (_socket, addr) = nobody();
    let error = run(TcpStream::connect(addr)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    let system = io::Error::from(rustix::io::Errno::CONNREFUSED);
    assert_eq!(error.to_string(), format!("connect to {addr}: {system}"));
    assert_eq!(raw_os_error(&error), system.raw_os_error());
    let source = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.raw_os_error(), system.raw_os_error());
    assert!(error.get_ref().unwrap().is::<FailedAttempt>());
}

#[test]
fn every_address_is_tried() {
    run(async {
        let listener = listen().await;
        let good = listener.local_addr().unwrap();
        let (_sockets, [one, other]) = two_nobodies();
        let addrs = [one, good, other];
        let stream = TcpStream::connect(&addrs[..]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    });
}

#[test]
fn when_all_fail_the_last_is_named() {
    let (_sockets, addrs) = two_nobodies();
    let error = run(TcpStream::connect(&addrs[..])).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("connect to {}: ", addrs[1]))
    );
}

#[test]
fn no_address_is_invalid_input() {
    let none: [SocketAddr; 0] = [];
    let error = run(TcpStream::connect(&none[..])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = run(TcpStream::connect("127.0.0.1:99999")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("127.0.0.1:99999"));
}

#[test]
fn by_name() {
    run(async {
        let listener = listen().await;
        let port = listener.local_addr().unwrap().port();
        let stream = TcpStream::connect(("localhost", port)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap().port(), port);
    });
}

#[test]
fn ipv6() {
    run(async {
        let Ok(listener) = sinew_net::TcpListener::bind("[::1]:0").await else {
            return; // A machine without IPv6.
        };
        let addr = listener.local_addr().unwrap();
        let stream = TcpStream::connect(addr).await.unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, stream.local_addr().unwrap());
    });
}

#[test]
fn a_connect_that_nobody_answers_times_out() {
    run(async {
        // With its queue full, a listener answers no more.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let addr = listener.local_addr().unwrap();
        let mut held = Vec::new();
        let error = loop {
            let limit = Duration::from_millis(50);
            match TcpStream::connect_timeout(&addr, limit).await {
                Ok(stream) => held.push(stream),
                Err(error) => break error,
            }
            assert!(held.len() < 100, "the queue is never full");
        };
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(
            error
                .to_string()
                .starts_with(&format!("connect to {addr}: ")),
            "{error}"
        );

        // The others are accepted. (One that was given up may have got through, on a
        // machine too busy to tell it in time.)
        for stream in &held {
            let expected = stream.local_addr().unwrap();
            while listener.accept().await.unwrap().1 != expected {}
        }
    });
}

#[test]
fn connect_timeout_connects() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        TcpStream::connect_timeout(&addr, Duration::MAX)
            .await
            .unwrap();
        let (_socket, addr) = nobody();
        let error = TcpStream::connect_timeout(&addr, Duration::MAX)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn nothing_happens_before_the_first_poll() {
    run(async {
        let listener = listen().await;
        let connect = TcpStream::connect(listener.local_addr().unwrap());
        assert!(listener.accept().now_or_never().is_none());
        drop(connect);
        assert!(listener.accept().now_or_never().is_none());
    });
}

#[test]
fn std_streams_come_and_go() {
    use std::io::{Read, Write};
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let theirs = std::net::TcpStream::connect(addr).unwrap();
        let ours = TcpStream::try_from(theirs).unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let (mut ours, mut server) = (ours.into_std().unwrap(), server.into_std().unwrap());
        ours.set_nonblocking(false).unwrap();
        server.set_nonblocking(false).unwrap();
        ours.write_all(b"x").unwrap();
        server.read_exact(&mut [0; 1]).unwrap();
        // And back again: the descriptor may be registered anew.
        TcpStream::from_std(ours).unwrap().writable().await.unwrap();
    });
}

#[test]
fn dropping_a_connect_closes_its_socket() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        // On this machine the connection is there as soon as it is asked for.
        if let Some(stream) = TcpStream::connect(addr).now_or_never() {
            drop(stream);
        }
        let (stream, _) = listener.accept().await.unwrap();
        let mut buf = [0; 1];
        let read = futures::AsyncReadExt::read(&mut &stream, &mut buf).await;
        assert_eq!(read.unwrap(), 0);
    });
}
