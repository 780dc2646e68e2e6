//! Accepting.

use std::future::poll_fn;
use std::io::{ErrorKind, Write};
use std::net;
use std::thread;

use futures::future::join_all;
use futures::{AsyncReadExt, FutureExt, StreamExt};
use sinew_net::{TcpListener, TcpStream};

use crate::child::in_child;
use crate::{listen, run};

#[test]
fn the_address_in_use_is_named() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let error = TcpListener::bind(addr).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(
            error.to_string().starts_with(&format!("bind to {addr}: ")),
            "{error}"
        );
    });
}

#[test]
fn an_address_of_another_machine_is_named() {
    let error = run(TcpListener::bind("192.0.2.1:0")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    assert!(
        error.to_string().starts_with("bind to 192.0.2.1:0: "),
        "{error}"
    );
}

#[test]
fn the_first_address_that_can_be_had_is_taken() {
    run(async {
        let taken = listen().await;
        let addrs = [taken.local_addr().unwrap(), "127.0.0.1:0".parse().unwrap()];
        let listener = TcpListener::bind(&addrs[..]).await.unwrap();
        assert_ne!(listener.local_addr().unwrap(), addrs[0]);
    });
}

#[test]
fn an_address_can_be_bound_again_at_once() {
    if !in_child("listener::an_address_can_be_bound_again_at_once", 64) {
        return;
    }
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let client = TcpStream::connect(addr).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        // The server's end closes first and lingers in the system.
        drop((server, listener));
        drop(client);
        TcpListener::bind(addr).await.unwrap();
    });
}

#[test]
fn a_dropped_accept_loses_no_connection() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        for _ in 0..200 {
            assert!(listener.accept().now_or_never().is_none());
            let client = net::TcpStream::connect(addr).unwrap();
            // Polled perhaps once, perhaps with the connection at hand.
            let accepted = listener.accept().now_or_never();
            let (_, peer) = match accepted {
                Some(accepted) => accepted.unwrap(),
                None => listener.accept().await.unwrap(),
            };
            assert_eq!(peer, client.local_addr().unwrap());
        }
    });
}

#[test]
fn several_tasks_accept_from_one_listener() {
    const TASKS: usize = 4;
    const EACH: usize = 50;
    let listener = run(listen());
    let addr = listener.local_addr().unwrap();
    thread::scope(|scope| {
        for _ in 0..TASKS {
            scope.spawn(|| {
                run(async {
                    for _ in 0..EACH {
                        listener.accept().await.unwrap();
                    }
                });
            });
        }
        for _ in 0..TASKS * EACH {
            drop(net::TcpStream::connect(addr).unwrap());
        }
    });
}

#[test]
fn several_futures_accept_in_one_task() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let accepts = join_all((0..10).map(|_| listener.accept()));
        let connects = async {
            (0..10)
                .map(|_| net::TcpStream::connect(addr).unwrap())
                .collect::<Vec<_>>()
        };
        let (accepted, clients) = futures::future::join(accepts, connects).await;
        let mut peers: Vec<_> = accepted.into_iter().map(|done| done.unwrap().1).collect();
        let mut expected: Vec<_> = clients.iter().map(|c| c.local_addr().unwrap()).collect();
        peers.sort_unstable();
        expected.sort_unstable();
        assert_eq!(peers, expected);
    });
}

#[test]
fn incoming_is_a_stream() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let client = thread::spawn(move || {
            for n in 0..20_u8 {
                net::TcpStream::connect(addr)
                    .unwrap()
                    .write_all(&[n])
                    .unwrap();
            }
        });
        let read = |stream: std::io::Result<TcpStream>| async {
            let mut buf = Vec::new();
            stream.unwrap().read_to_end(&mut buf).await.unwrap();
            buf[0]
        };
        let mut seen: Vec<u8> = listener.incoming().take(10).then(read).collect().await;
        let mut owned = listener.into_incoming();
        seen.extend((&mut owned).take(10).then(read).collect::<Vec<_>>().await);
        assert_eq!(seen, (0..20).collect::<Vec<u8>>());
        client.join().unwrap();
        assert_eq!(owned.as_ref().local_addr().unwrap(), addr);
        assert_eq!(owned.into_inner().local_addr().unwrap(), addr);
    });
}

#[test]
fn poll_accept() {
    run(async {
        let listener = listen().await;
        let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_, peer) = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    });
}

#[test]
fn accepted_sockets_do_not_block_and_are_not_inherited() {
    use rustix::fs::OFlags;
    use rustix::io::FdFlags;
    run(async {
        let (client, server) = crate::pair().await;
        for stream in [&client, &server] {
            assert!(
                rustix::fs::fcntl_getfl(stream)
                    .unwrap()
                    .contains(OFlags::NONBLOCK)
            );
            assert!(
                rustix::io::fcntl_getfd(stream)
                    .unwrap()
                    .contains(FdFlags::CLOEXEC)
            );
        }
    });
}

#[test]
fn std_listeners_come_and_go() {
    run(async {
        let theirs = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = theirs.local_addr().unwrap();
        let ours = TcpListener::try_from(theirs).unwrap();
        assert!(ours.accept().now_or_never().is_none());
        let theirs = ours.into_std().unwrap();
        theirs.set_nonblocking(false).unwrap();
        let client = net::TcpStream::connect(addr).unwrap();
        let (_, peer) = theirs.accept().unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    });
}

#[test]
fn debug_names_the_addresses() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap().to_string();
        assert!(format!("{listener:?}").contains(&addr));
        let stream = TcpStream::connect(addr.as_str()).await.unwrap();
        assert!(format!("{stream:?}").contains(&addr));
    });
}
