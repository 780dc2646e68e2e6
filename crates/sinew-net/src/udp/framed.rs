//! Frames over datagrams.

use std::borrow::Borrow;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use sinew_codec::{Decoder, Encoder};

use crate::UdpSocket;

/// No datagram is longer.
const LONGEST: usize = 64 * 1024;

/// A [`UdpSocket`] as a stream of what its datagrams say and from whom, and as a
/// sink for what to say and to whom. Feature `codec`.
///
/// Each frame that is sent is one datagram. A datagram that comes is all that the
/// decoder gets at a time: it may give several frames or none, and what it leaves is
/// the [`decode_eof`](Decoder::decode_eof) of its codec to judge, for no more will
/// come. An empty datagram gives nothing, unless the codec makes something of it.
///
/// `T` is the socket, or something that lends it, like an `Arc`: two of them may
/// read and write with one socket.
///
/// # Cancel safety
///
/// Both sides are: no datagram is lost with a `next` that is dropped, and a frame
/// accepted is sent by the next flush.
///
/// ```
/// use futures::{SinkExt, StreamExt};
/// use sinew_codec::LinesCodec;
/// use sinew_net::UdpSocket;
/// use sinew_net::udp::UdpFramed;
///
/// # futures::executor::block_on(async {
/// let here = UdpSocket::bind("127.0.0.1:0").await?;
/// let there = UdpSocket::bind("127.0.0.1:0").await?;
/// let (from, to) = (here.local_addr()?, there.local_addr()?);
///
/// let mut here = UdpFramed::new(here, LinesCodec::new());
/// let mut there = UdpFramed::new(there, LinesCodec::new());
/// here.send(("one\ntwo", to)).await.unwrap();
/// assert_eq!(there.next().await.unwrap().unwrap(), ("one".to_owned(), from));
/// assert_eq!(there.next().await.unwrap().unwrap(), ("two".to_owned(), from));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams and sinks do nothing unless polled"]
pub struct UdpFramed<C, T = UdpSocket> {
    socket: T,
    codec: C,
    /// Where the system puts a datagram: bytes that exist. Made by the first read.
    space: Box<[u8]>,
    /// What is left of the last datagram, and whom it came from while the codec may
    /// have more to make of it.
    read: BytesMut,
    from: Option<SocketAddr>,
    /// The datagram that waits to be sent.
    write: BytesMut,
    to: Option<SocketAddr>,
}

impl<C, T> Unpin for UdpFramed<C, T> {}

impl<C, T: Borrow<UdpSocket>> UdpFramed<C, T> {
    /// Frames over the datagrams of `socket`.
    pub fn new(socket: T, codec: C) -> UdpFramed<C, T> {
        UdpFramed {
            socket,
            codec,
            space: Box::default(),
            read: BytesMut::new(),
            from: None,
            write: BytesMut::new(),
            to: None,
        }
    }

    /// The socket.
    pub fn get_ref(&self) -> &T {
        &self.socket
    }

    /// The socket. Datagrams read past this value are not decoded.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.socket
    }

    /// The codec.
    pub fn codec(&self) -> &C {
        &self.codec
    }

    /// The codec.
    pub fn codec_mut(&mut self) -> &mut C {
        &mut self.codec
    }

    /// What is left of the last datagram.
    pub fn read_buffer(&self) -> &BytesMut {
        &self.read
    }

    /// What is left of the last datagram.
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.read
    }

    /// The socket. A frame that was not flushed is not sent.
    pub fn into_inner(self) -> T {
        self.socket
    }

    /// Sends the datagram that waits.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(to) = self.to else {
            return Poll::Ready(Ok(()));
        };
        let sent = ready!(self.socket.borrow().poll_send_to(cx, &self.write, to));
        // One that cannot be sent does not stand in the way of the next.
        let length = self.write.len();
        self.write.clear();
        self.to = None;
        if sent? != length {
            let what = "the system took a part of the datagram";
            return Poll::Ready(Err(io::Error::other(what)));
        }
        Poll::Ready(Ok(()))
    }
}

/// Does not end.
impl<C: Decoder, T: Borrow<UdpSocket>> Stream for UdpFramed<C, T> {
    type Item = Result<(C::Item, SocketAddr), C::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(from) = this.from {
                match this.codec.decode_eof(&mut this.read) {
                    Ok(Some(frame)) => return Poll::Ready(Some(Ok((frame, from)))),
                    Ok(None) => {}
                    Err(error) => {
                        // What could not be decoded now cannot be later.
                        this.read.clear();
                        this.from = None;
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                this.read.clear();
                this.from = None;
            }
            if this.space.is_empty() {
                this.space = vec![0; LONGEST].into_boxed_slice();
            }
            let socket = this.socket.borrow();
            let (count, from) = ready!(socket.poll_recv_from(cx, &mut this.space))?;
            this.read.extend_from_slice(&this.space[..count]);
            this.from = Some(from);
        }
    }
}

impl<I, C: Encoder<I>, T: Borrow<UdpSocket>> Sink<(I, SocketAddr)> for UdpFramed<C, T> {
    type Error = C::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        ready!(self.get_mut().poll_send(cx))?;
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, (item, to): (I, SocketAddr)) -> Result<(), C::Error> {
        let this = self.get_mut();
        if let Err(error) = this.codec.encode(item, &mut this.write) {
            this.write.clear();
            return Err(error);
        }
        this.to = Some(to);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        Sink::<(I, SocketAddr)>::poll_ready(self, cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        Sink::<(I, SocketAddr)>::poll_ready(self, cx)
    }
}
