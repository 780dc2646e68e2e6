//! How connections come to be: listeners, connects, and the names and addresses before.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;

use futures::future::maybe_done;
use futures::{FutureExt, StreamExt};
use sinew::io::{AsyncReadExt, AsyncWriteExt};
use sinew::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use sinew::testing::cancel::every_pending;

use super::{ANY, TEXT, on_both};

#[test]
fn tcp_listeners() {
    async fn bind() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind(ANY).await.unwrap();
        let addr = listener.local_addr().unwrap();
        (listener, addr)
    }
    on_both(async || {
        every_client_is_served(bind, TcpStream::connect, async |listener| {
            listener.accept().await.unwrap().0
        })
        .await;
        every_client_is_served(bind, TcpStream::connect, async |listener| {
            poll_fn(|cx| listener.poll_accept(cx)).await.unwrap().0
        })
        .await;
        every_client_is_served(bind, TcpStream::connect, async |listener| {
            listener.incoming().next().await.unwrap().unwrap()
        })
        .await;
    });
}

/// A client comes whenever `accept` waits. However often that is dropped, each client
/// has a server.
pub(super) async fn every_client_is_served<L, A, S, C>(
    bind: impl AsyncFn() -> (L, A),
    connect: impl Fn(A) -> C,
    accept: impl AsyncFn(&L) -> S,
) where
    A: Clone,
    S: futures::AsyncRead + futures::AsyncWrite + Unpin,
    C: Future<Output = std::io::Result<S>>,
{
    let runs = every_pending(
        async || {
            let (listener, addr) = bind().await;
            (listener, (addr, Vec::new()))
        },
        async |listener| accept(listener).await,
        |(addr, clients), _| {
            let mut client = Box::pin(maybe_done(connect(addr.clone())));
            let _ = client.as_mut().now_or_never();
            clients.push(client);
        },
        async |listener, (addr, mut clients), accepted| {
            clients.push(Box::pin(maybe_done(connect(addr.clone()))));
            let mut servers: Vec<_> = accepted.into_iter().collect();
            let mut connected = Vec::new();
            for (n, mut client) in (0..).zip(clients) {
                client.as_mut().await;
                let mut client = client.as_mut().take_output().unwrap().unwrap();
                client.write_all(&[n]).await.unwrap();
                connected.push(client);
            }
            while servers.len() < connected.len() {
                servers.push(accept(&listener).await);
            }
            let mut heard = Vec::new();
            for server in &mut servers {
                heard.push(server.read_u8().await.unwrap());
            }
            heard.sort_unstable();
            assert!(heard.into_iter().eq(0..connected.len() as u8));
        },
    )
    .await;
    assert!(runs > 2, "{runs}");
}

#[test]
fn connects() {
    on_both(async || {
        connects_again(async |addr| TcpStream::connect(addr).await).await;
        connects_again(async |addr| {
            TcpStream::connect_timeout(&addr, std::time::Duration::from_secs(60)).await
        })
        .await;
        connects_again(async |addr| TcpSocket::new_v4().unwrap().connect(addr).await).await;
    });
}

/// One that was given up does not keep the next from connecting, and leaves nothing open:
/// whom the listener has accepted meanwhile reads the end at once.
async fn connects_again(connect: impl AsyncFn(SocketAddr) -> std::io::Result<TcpStream>) {
    every_pending(
        async || {
            let listener = TcpListener::bind(ANY).await.unwrap();
            (listener.local_addr().unwrap(), listener)
        },
        async |addr| connect(*addr).await.unwrap(),
        |_, _| {},
        async |addr, listener, given_up_or_not| {
            drop(given_up_or_not);
            let mut client = connect(addr).await.unwrap();
            client.write_all(TEXT).await.unwrap();
            let own = client.local_addr().unwrap();
            drop(client);
            loop {
                let (mut server, peer) = listener.accept().await.unwrap();
                let mut text = Vec::new();
                let read = server.read_to_end(&mut text).await;
                if peer == own {
                    assert_eq!((read.unwrap(), &text[..]), (TEXT.len(), TEXT));
                    return;
                }
                assert!(text.is_empty());
            }
        },
    )
    .await;
}

#[test]
fn binds_and_lookups() {
    on_both(async || {
        every_pending(
            async || ((), ()),
            async |()| TcpListener::bind("localhost:0").await.unwrap(),
            |(), _| {},
            async |(), (), listener| {
                // What was given up is closed: its address can be had again.
                let addr = listener.map(|listener| listener.local_addr().unwrap());
                drop(
                    TcpListener::bind(addr.unwrap_or(ANY.parse().unwrap()))
                        .await
                        .unwrap(),
                );
            },
        )
        .await;
        every_pending(
            async || ((), ()),
            async |()| UdpSocket::bind("localhost:0").await.unwrap(),
            |(), _| {},
            async |(), (), _| drop(UdpSocket::bind("localhost:0").await.unwrap()),
        )
        .await;
        every_pending(
            async || ((), ()),
            async |()| {
                sinew::net::lookup_host("localhost:80")
                    .await
                    .unwrap()
                    .count()
            },
            |(), _| {},
            async |(), (), count| {
                assert!(count.is_none_or(|count| count > 0));
                assert!(
                    sinew::net::lookup_host("localhost:80")
                        .await
                        .unwrap()
                        .count()
                        > 0
                );
            },
        )
        .await;
    });
}
