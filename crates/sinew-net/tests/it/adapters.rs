//! tokio's and hyper's IO traits on the streams: what goes in comes out.

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::thread;

use futures::future::join;
use hyper::rt::{Read as HyperRead, ReadBuf, Write as HyperWrite};
use sinew_net::memory::Network;
use sinew_net::unix::pipe;
use sinew_net::{TcpListener, TcpStream, UnixStream, tcp, unix};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::{pair, run, with_std_peer};

#[test]
fn every_stream_has_both_families() {
    fn reads<T: AsyncRead + HyperRead>() {}
    fn writes<T: AsyncWrite + HyperWrite>() {}
    reads::<TcpStream>();
    reads::<&TcpStream>();
    reads::<tcp::ReadHalf<'_>>();
    reads::<tcp::OwnedReadHalf>();
    reads::<UnixStream>();
    reads::<&UnixStream>();
    reads::<unix::ReadHalf<'_>>();
    reads::<unix::OwnedReadHalf>();
    reads::<pipe::Receiver>();
    writes::<TcpStream>();
    writes::<&TcpStream>();
    writes::<tcp::WriteHalf<'_>>();
    writes::<tcp::OwnedWriteHalf>();
    writes::<UnixStream>();
    writes::<&UnixStream>();
    writes::<unix::WriteHalf<'_>>();
    writes::<unix::OwnedWriteHalf>();
    writes::<pipe::Sender>();
}

async fn through_tokio(mut from: impl AsyncWrite + Unpin, mut to: impl AsyncRead + Unpin) {
    let sent: Vec<u8> = (0..300_000).map(|n| (n % 251) as u8).collect();
    let mut received = Vec::new();
    let write = async {
        from.write_all(&sent).await.unwrap();
        from.shutdown().await.unwrap();
        drop(from);
    };
    let ((), read) = join(write, to.read_to_end(&mut received)).await;
    assert_eq!(read.unwrap(), sent.len());
    assert!(received == sent);
}

/// Reads to the end in pieces of `piece` bytes.
async fn hyper_read_to_end(mut from: impl HyperRead + Unpin, piece: usize) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let mut space = vec![MaybeUninit::uninit(); piece];
        let mut buf = ReadBuf::uninit(&mut space);
        poll_fn(|cx| Pin::new(&mut from).poll_read(cx, buf.unfilled()))
            .await
            .unwrap();
        if buf.filled().is_empty() {
            return all;
        }
        all.extend_from_slice(buf.filled());
    }
}

async fn through_hyper(from: impl HyperWrite + Unpin, to: impl HyperRead + Unpin) {
    let sent: Vec<u8> = (0..100_000).map(|n| (n % 251) as u8).collect();
    let write = async {
        let mut from = from;
        assert!(from.is_write_vectored());
        let mut at = 0;
        while at < sent.len() {
            let parts = [
                IoSlice::new(&sent[at..at + 1]),
                IoSlice::new(&sent[at + 1..]),
            ];
            at += poll_fn(|cx| Pin::new(&mut from).poll_write_vectored(cx, &parts))
                .await
                .unwrap();
        }
        poll_fn(|cx| Pin::new(&mut from).poll_flush(cx))
            .await
            .unwrap();
        poll_fn(|cx| Pin::new(&mut from).poll_shutdown(cx))
            .await
            .unwrap();
    };
    let ((), received) = join(write, hyper_read_to_end(to, 777)).await;
    assert!(received == sent);
}

#[test]
fn bytes_pass_through_tokios_traits() {
    run(async {
        let (from, to) = pair().await;
        through_tokio(from, to).await;
        let (from, to) = pair().await;
        through_tokio(&from, &to).await;
        let (from, to) = UnixStream::pair().unwrap();
        through_tokio(from, to).await;
        let (from, to) = UnixStream::pair().unwrap();
        let ((_, from), (to, _)) = (from.into_split(), to.into_split());
        through_tokio(from, to).await;
        let (from, to) = pipe::pipe().unwrap();
        through_tokio(from, to).await;
    });
}

#[test]
fn bytes_pass_through_hypers_traits() {
    run(async {
        let (from, to) = pair().await;
        through_hyper(from, to).await;
        let (from, to) = pair().await;
        through_hyper(&from, &to).await;
        let (from, to) = UnixStream::pair().unwrap();
        through_hyper(from, to).await;
        let (from, to) = pair().await;
        let ((_, from), (to, _)) = (from.into_split(), to.into_split());
        through_hyper(from, to).await;
    });
}

#[test]
fn a_stream_of_a_virtual_network_has_them_too() {
    let network = Network::new();
    let _entered = network.enter();
    run(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let from = TcpStream::connect("10.0.0.1:80").await.unwrap();
        let (to, _) = listener.accept().await.unwrap();
        through_hyper(from, to).await;
    });
}

/// What was in hyper's buffer before stays in front.
#[test]
fn a_read_for_hyper_goes_behind_what_is_there() {
    run(async {
        let (mut ours, mut peer) = with_std_peer().await;
        let thread = thread::spawn(move || {
            peer.write_all(b"abc").unwrap();
            peer.read_to_end(&mut Vec::new()).unwrap();
        });
        let mut space = [MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut space);
        while buf.filled().len() < 3 {
            poll_fn(|cx| HyperRead::poll_read(Pin::new(&mut ours), cx, buf.unfilled()))
                .await
                .unwrap();
        }
        assert_eq!(buf.filled(), b"abc");
        let write = poll_fn(|cx| HyperWrite::poll_shutdown(Pin::new(&mut ours), cx));
        pin!(write).await.unwrap();
        thread.join().unwrap();
        let read =
            poll_fn(|cx| HyperRead::poll_read(Pin::new(&mut ours), cx, buf.unfilled())).await;
        // The end, or that the peer has gone.
        assert!(read.is_ok() || read.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
        assert_eq!(buf.filled(), b"abc");
    });
}
