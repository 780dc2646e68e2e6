//! What the sockets make of a provider.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Waker};

use futures::executor::block_on;
use futures::future::{join, join_all};
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use sinew_core::leaf::{self, Kind};

use super::{pair, write_now};
use crate::memory::Network;
use crate::{TcpListener, TcpStream};

#[test]
fn the_network_is_looked_up_when_the_function_is_called() {
    let network = Network::new();
    let binding = {
        let _entered = network.enter();
        TcpListener::bind("192.0.2.1:80")
    };
    // The address is not one of this machine's: the system would refuse it.
    block_on(binding).unwrap();
}

#[test]
fn what_needs_a_descriptor_says_why_there_is_none() {
    use std::os::fd::AsRawFd;
    let (client, _server) = pair(8);
    let panic = catch_unwind(AssertUnwindSafe(|| client.as_raw_fd())).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("virtual network"), "{message}");
    assert_eq!(
        client.into_std().unwrap_err().kind(),
        ErrorKind::Unsupported
    );
}

#[test]
fn options_are_remembered() {
    let (client, _server) = pair(8);
    assert!(!client.nodelay().unwrap());
    client.set_nodelay(true).unwrap();
    assert!(client.nodelay().unwrap());
    client.set_ttl(7).unwrap();
    assert_eq!(client.ttl().unwrap(), 7);
    assert_eq!(client.linger().unwrap(), None);
}

#[test]
fn a_pending_read_says_what_it_waits_for_and_where_it_was_made() {
    let network = Network::new();
    let _entered = network.enter();
    let listener = block_on(TcpListener::bind("10.0.0.1:80")).unwrap();
    let line = line!() + 1;
    let client = block_on(TcpStream::connect("10.0.0.1:80")).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let mut stream = &client;
    let mut buf = [0; 1];
    let (polled, waits) = leaf::trace(|| {
        let mut read = pin!(stream.read(&mut buf));
        read.as_mut().poll(&mut cx).is_pending()
    });
    assert!(polled);
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].kind, Kind::Readable);
    assert_eq!(waits[0].location.file(), file!());
    assert_eq!(waits[0].location.line(), line);
    drop(listener);
}

#[test]
fn reads_and_writes_spend_the_budget() {
    let (client, server) = pair(1 << 20);
    write_now(&client, &[0; 1 << 16]).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let reads = sinew_core::coop::budget(|| {
        let mut stream = &server;
        (0..1000)
            .take_while(|_| {
                let mut buf = [0; 1];
                let mut read = pin!(stream.read(&mut buf));
                read.as_mut().poll(&mut cx).is_ready()
            })
            .count()
    });
    assert_eq!(reads, 128);
}

/// A handler as a server has it: generic over what it talks to.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let answer = format!("you said {}", line.to_uppercase());
        stream.get_mut().write_all(answer.as_bytes()).await?;
        line.clear();
    }
    stream.get_mut().close().await
}

#[test]
fn a_request_handler_runs_on_it() {
    let network = Network::new();
    network.add_host("server.test", ["10.0.0.1".parse().unwrap()]);
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let server = listener
            .incoming()
            .take(3)
            .for_each_concurrent(None, |stream| async {
                serve(stream.unwrap()).await.unwrap()
            });
        let clients = join_all((0..3).map(|n| async move {
            let mut stream = TcpStream::connect("server.test:80").await.unwrap();
            let request = format!("hello {n}\nbye\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.close().await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, format!("you said HELLO {n}\nyou said BYE\n"));
        }));
        join(server, clients).await;
    });
}
