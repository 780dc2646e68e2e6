//! Frames over datagrams.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use bytes::{Buf, BytesMut};
use futures::{SinkExt, StreamExt};
use sinew_codec::{BytesCodec, Decoder, Encoder, LinesCodec};
use sinew_net::udp::UdpFramed;

use super::bind;
use crate::run;

/// Numbers of two bytes.
struct Numbers;

impl Decoder for Numbers {
    type Item = u16;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<u16>> {
        Ok((src.len() >= 2).then(|| src.get_u16()))
    }
}

impl Encoder<usize> for Numbers {
    type Error = io::Error;

    /// That many zeros, unless they are too many for a datagram to hold.
    fn encode(&mut self, item: usize, dst: &mut BytesMut) -> io::Result<()> {
        dst.resize(item, 0);
        if item == 13 {
            return Err(ErrorKind::InvalidInput.into());
        }
        Ok(())
    }
}

#[test]
fn one_datagram_may_be_several_frames_and_an_empty_one_is_none() {
    run(async {
        let (here, there) = (bind().await, bind().await);
        let (from, to) = (here.local_addr().unwrap(), there.local_addr().unwrap());
        let mut there = UdpFramed::new(there, LinesCodec::new());
        for datagram in [&b"one\ntwo"[..], b"", b"three\n"] {
            here.send_to(datagram, to).await.unwrap();
        }
        for line in ["one", "two", "three"] {
            let (frame, sender) = there.next().await.unwrap().unwrap();
            assert_eq!((&frame[..], sender), (line, from));
        }
        assert!(there.read_buffer().is_empty());
    });
}

#[test]
fn what_a_datagram_leaves_over_is_an_error_and_does_not_reach_the_next() {
    run(async {
        let (here, there) = (bind().await, bind().await);
        let to = there.local_addr().unwrap();
        let mut there = UdpFramed::new(there, Numbers);
        here.send_to(&[0, 1, 9], to).await.unwrap();
        here.send_to(&[0, 2], to).await.unwrap();
        assert_eq!(there.next().await.unwrap().unwrap().0, 1);
        assert!(there.next().await.unwrap().is_err());
        assert_eq!(there.next().await.unwrap().unwrap().0, 2);
    });
}

#[test]
fn two_share_a_socket() {
    run(async {
        let (here, there) = (bind().await, bind().await);
        let (from, to) = (here.local_addr().unwrap(), there.local_addr().unwrap());
        let here = Arc::new(here);
        let mut writer = UdpFramed::new(Arc::clone(&here), BytesCodec::new());
        let mut reader = UdpFramed::new(here, BytesCodec::new());
        let mut echo = UdpFramed::new(there, BytesCodec::new());
        for len in [1, 1000, 60_000] {
            let sent = bytes::Bytes::from(vec![7; len]);
            writer.send((sent.clone(), to)).await.unwrap();
            let (frame, sender) = echo.next().await.unwrap().unwrap();
            assert_eq!(sender, from);
            echo.send((frame.freeze(), from)).await.unwrap();
            let (frame, sender) = reader.next().await.unwrap().unwrap();
            assert_eq!((frame.freeze(), sender), (sent, to));
        }
    });
}

#[test]
fn a_frame_that_fails_does_not_stand_in_the_way() {
    run(async {
        let (here, there) = (bind().await, bind().await);
        let to = there.local_addr().unwrap();
        let mut here = UdpFramed::new(here, Numbers);
        // One that the codec refuses, one that the system does.
        assert!(here.send((13, to)).await.is_err());
        assert!(here.send((70_000, to)).await.is_err());
        here.send((4, to)).await.unwrap();
        let mut buf = [1; 8];
        assert_eq!(there.recv_from(&mut buf).await.unwrap().0, 4);
    });
}
