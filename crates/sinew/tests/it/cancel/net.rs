//! Sockets under the kit, those of a network in memory and the system's: dropped at any
//! await, an operation has taken nothing, sent nothing, and the socket goes on.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;

use futures::FutureExt;
use sinew::io::{AsyncReadExt, AsyncWriteExt};
use sinew::net::memory::Network;
use sinew::net::{TcpListener, TcpSocket, TcpStream};
use sinew::task::JoinHandle;
use sinew::testing::cancel::{Lent, every_await, every_pending};

mod connections;
mod datagrams;
#[cfg(unix)]
mod unix;

type Numbers = Rc<RefCell<Vec<u8>>>;

const ANY: &str = "127.0.0.1:0";

/// Runs a test on a network in memory, and on the system's.
fn on_both(test: impl AsyncFn()) {
    {
        let network = Network::new();
        let _entered = network.enter();
        sinew::block_on(test());
    }
    sinew::block_on(test());
}

async fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (far, _) = listener.accept().await.unwrap();
    (near, far)
}

/// What must be done without waiting.
fn now<T>(operation: impl Future<Output = T>) -> T {
    operation.now_or_never().expect("there is room")
}

/// An operation on a stream that takes bytes, or none, and gives what it has taken. The
/// peer sends a byte whenever it waits; all come, in their order.
macro_rules! receives {
    ($pair:expr, $($read:pat => $operation:expr),+ $(,)?) => {{$({
        let runs = every_pending(
            async || $pair,
            async |$read| $operation,
            |far, sent| now(far.write_all(&[sent as u8])).unwrap(),
            async |mut near, mut far, taken: Option<Vec<u8>>| {
                far.write_all(b"rest").await.unwrap();
                drop(far);
                let mut all = taken.unwrap_or_default();
                near.read_to_end(&mut all).await.unwrap();
                let sent = all.strip_suffix(b"rest").expect("all that was sent comes");
                assert!(sent.iter().copied().eq(1..=sent.len() as u8), "{sent:?}");
            },
        )
        .await;
        assert!(runs > 2, "it waits at least once: {}", stringify!($operation));
    })+}};
}

/// An operation on a stream that is full, which takes part of `text`, or none of it, and
/// gives how much. The peer reads once it waits; no byte comes twice or is lost.
macro_rules! sends {
    ($pair:expr, $($write:pat => $operation:expr),+ $(,)?) => {{$({
        let runs = every_pending(
            async || {
                let (mut near, far) = $pair;
                let full = fill(&mut near).await;
                (near, (Peer::Waits(far), full))
            },
            async |$write| $operation,
            |(far, _), _| far.begin(),
            async |near, (mut far, full), sent: Option<usize>| {
                drop(near);
                far.begin();
                let Peer::Reads(read) = far else { unreachable!("it has begun") };
                assert_eq!(read.await.unwrap(), full + sent.unwrap_or(0));
            },
        )
        .await;
        assert!(runs > 2, "it waits at least once: {}", stringify!($operation));
    })+}};
}

/// Who reads what a full stream was sent, in a task of its own.
enum Peer<R> {
    Waits(R),
    Begins,
    Reads(JoinHandle<usize>),
}

impl<R: futures::AsyncRead + Send + Unpin + 'static> Peer<R> {
    /// Begins to read, if it has not yet, and counts the bytes until the end.
    fn begin(&mut self) {
        *self = match std::mem::replace(self, Peer::Begins) {
            Peer::Waits(mut from) => Peer::Reads(sinew::spawn(async move {
                let mut to = sinew::io::sink();
                sinew::io::copy(&mut from, &mut to).await.unwrap() as usize
            })),
            begun => begun,
        };
    }
}

/// Writes until there is no room, and has not been for some polls. Gives how much.
async fn fill(stream: &mut (impl futures::AsyncWrite + Unpin)) -> usize {
    let chunk = vec![0; 1 << 20];
    let (mut total, mut refused) = (0, 0);
    while refused < 3 {
        match stream.write(&chunk).now_or_never() {
            Some(count) => total += count.unwrap(),
            // What was sent may still be on its way to the peer.
            None => {
                refused += 1;
                sinew::task::yield_now().await;
            }
        }
    }
    total
}

const TEXT: &[u8] = b"text";

pub(super) fn read_once(result: std::io::Result<usize>, buf: [u8; 8]) -> Vec<u8> {
    buf[..result.unwrap()].to_vec()
}

macro_rules! stream_operations {
    ($pair:expr) => {{
        receives!($pair,
            stream => {
                let mut buf = [0; 8];
                read_once(stream.read(&mut buf).await, buf)
            },
            stream => {
                stream.readable().await.unwrap();
                Vec::new()
            },
            stream => {
                stream.ready(sinew::io::Interest::READABLE).await.unwrap();
                Vec::new()
            },
            stream => {
                poll_fn(|cx| stream.poll_read_ready(cx)).await.unwrap();
                Vec::new()
            },
            stream => {
                let mut buf = [0; 8];
                let read = || stream.try_read(&mut buf);
                let count = stream.async_io(sinew::io::Interest::READABLE, read).await;
                read_once(count, buf)
            },
            stream => {
                let mut buf = Vec::with_capacity(8);
                stream.read_buf(&mut buf).await.unwrap();
                buf
            },
        );
        sends!($pair,
            stream => stream.write(TEXT).await.unwrap(),
            stream => {
                stream.writable().await.unwrap();
                0
            },
            stream => {
                stream.ready(sinew::io::Interest::WRITABLE).await.unwrap();
                0
            },
            stream => {
                let write = || stream.try_write(TEXT);
                stream.async_io(sinew::io::Interest::WRITABLE, write).await.unwrap()
            },
            stream => {
                let bufs = [std::io::IoSlice::new(TEXT), std::io::IoSlice::new(TEXT)];
                stream.write_vectored(&bufs).await.unwrap()
            },
        );
    }};
}

pub(super) use {receives, sends, stream_operations};

#[test]
fn tcp_streams() {
    on_both(async || {
        stream_operations!(tcp_pair().await);
        receives!(tcp_pair().await,
            stream => {
                stream.peek(&mut [0; 8]).await.unwrap();
                Vec::new()
            },
            stream => {
                let (mut half, _) = stream.split();
                let mut buf = [0; 8];
                read_once(half.read(&mut buf).await, buf)
            },
            stream => {
                let (half, _) = stream.split();
                half.readable().await.unwrap();
                Vec::new()
            },
            stream => {
                let (mut half, _) = stream.split();
                half.peek(&mut [0; 8]).await.unwrap();
                Vec::new()
            },
        );
        sends!(tcp_pair().await,
            stream => stream.split().1.write(TEXT).await.unwrap(),
            stream => {
                stream.split().1.writable().await.unwrap();
                0
            },
        );
    });
}

#[test]
fn a_writer_that_is_closed_at_any_await_has_sent_what_it_took() {
    on_both(async || {
        every_pending(
            async || tcp_pair().await,
            async |near| {
                near.write_all(TEXT).await.unwrap();
                near.shutdown().await.unwrap();
            },
            |_, _| {},
            async |near, mut far, closed| {
                // One that was closed is kept: it is not dropping it that ends the text.
                let kept = closed.map(|()| near);
                let mut text = Vec::new();
                far.read_to_end(&mut text).await.unwrap();
                assert!(TEXT.starts_with(&text));
                assert!(kept.is_none() || text == TEXT);
            },
        )
        .await;
    });
}

/// On a network in memory, where all orders can be run: more clients than the backlog
/// takes, of whom some give up, or the server does.
#[test]
fn clients_and_a_server_in_every_order() {
    let runs = every_await(
        || {
            let entered = Network::new().enter();
            let addr = "10.0.0.1:80".parse().unwrap();
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(addr).unwrap();
            let listener = Rc::new(socket.listen(1).unwrap());
            (listener, Numbers::default(), Numbers::default(), entered)
        },
        |script, (listener, sent, heard, _)| {
            for n in 0..2 {
                let sent = sent.clone();
                script.waiting_actor(async move {
                    let mut client = TcpStream::connect("10.0.0.1:80").await.unwrap();
                    client.write_all(&[n]).await.unwrap();
                    sent.borrow_mut().push(n);
                });
            }
            let (listener, heard) = (listener.clone(), heard.clone());
            script.waiting_actor(async move {
                loop {
                    let (server, _) = listener.accept().await.unwrap();
                    hear(server, &heard);
                }
            });
        },
        |(listener, sent, heard, _), _| {
            while let Some(accepted) = listener.accept().now_or_never() {
                hear(accepted.unwrap().0, heard);
            }
            let (mut sent, mut heard) = (sent.take(), heard.take());
            sent.sort_unstable();
            heard.sort_unstable();
            assert!(sent.iter().all(|n| heard.contains(n)), "{sent:?} {heard:?}");
        },
    );
    assert!(runs > 20, "{runs}");
}

/// Notes what the peer has sent.
fn hear(mut server: TcpStream, heard: &RefCell<Vec<u8>>) {
    let mut text = Vec::new();
    // Without an end if the client is still there.
    let _ = server.read_to_end(&mut text).now_or_never();
    heard.borrow_mut().extend(text);
}

#[test]
fn a_reader_and_a_writer_in_every_order() {
    let runs = every_await(
        || {
            let entered = Network::with_capacity(1).enter();
            let (near, far) = now(tcp_pair());
            let ends = [near, far].map(|end| Rc::new(Cell::new(Some(end))));
            (ends, Numbers::default(), Numbers::default(), entered)
        },
        |script, (ends, sent, read, _)| {
            let (writer, sent) = (ends[0].clone(), sent.clone());
            script.waiting_actor(async move {
                let mut stream = Lent::of(&writer);
                for n in 0..3 {
                    stream.write(&[n]).await.unwrap();
                    sent.borrow_mut().push(n);
                }
            });
            let (reader, read) = (ends[1].clone(), read.clone());
            script.waiting_actor(async move {
                let mut stream = Lent::of(&reader);
                loop {
                    let mut buf = [0; 2];
                    let count = stream.read(&mut buf).await.unwrap();
                    read.borrow_mut().extend(&buf[..count]);
                }
            });
        },
        |(ends, sent, read, _), _| {
            drop(ends[0].take());
            let mut read = read.take();
            now(ends[1].take().unwrap().read_to_end(&mut read)).unwrap();
            assert_eq!(read, sent.take());
        },
    );
    assert!(runs > 20, "{runs}");
}
