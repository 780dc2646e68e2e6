use std::io::ErrorKind;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::{SinkExt, StreamExt};
use sinew_codec::{
    BytesCodec, Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite,
    LengthDelimitedCodec, LinesCodec, LinesCodecError,
};
use sinew_io::{AsyncReadExt, AsyncWriteExt, duplex};
use sinew_testing::io::{Builder, Scripted, Step};
use sinew_testing::{assert_pending, assert_ready, assert_ready_ok, block_on, task};

/// Big-endian numbers of two bytes, of which 0 is invalid. At the end it says goodbye once.
#[derive(Debug, Default)]
struct Numbers {
    said_goodbye: bool,
}

impl Decoder for Numbers {
    type Item = u16;
    type Error = std::io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> std::io::Result<Option<u16>> {
        if src.len() < 2 {
            return Ok(None);
        }
        match src.get_u16() {
            0 => Err(ErrorKind::InvalidData.into()),
            n => Ok(Some(n)),
        }
    }

    fn decode_eof(&mut self, buf: &mut BytesMut) -> std::io::Result<Option<u16>> {
        if let Some(n) = self.decode(buf)? {
            return Ok(Some(n));
        }
        let goodbye = !std::mem::replace(&mut self.said_goodbye, true);
        Ok(goodbye.then_some(u16::MAX))
    }
}

impl Encoder<u16> for Numbers {
    type Error = std::io::Error;

    fn encode(&mut self, item: u16, dst: &mut BytesMut) -> std::io::Result<()> {
        if item == 0 {
            return Err(ErrorKind::InvalidInput.into());
        }
        dst.put_u16(item);
        Ok(())
    }
}

fn kinds<T>(items: Vec<std::io::Result<T>>) -> Vec<Result<T, ErrorKind>> {
    let plain = |item: std::io::Result<T>| item.map_err(|e| e.kind());
    items.into_iter().map(plain).collect()
}

#[test]
fn frames_of_the_end_come_before_the_end() {
    let frames = FramedRead::new(&[0, 1, 0, 2, 9][..], Numbers::default());
    let items = block_on(frames.collect::<Vec<_>>());
    assert_eq!(kinds(items), [Ok(1), Ok(2), Ok(u16::MAX)]);
}

#[test]
fn an_error_ends_the_stream_once() {
    let mut frames = FramedRead::new(&[0, 1, 0, 0, 0, 2][..], Numbers::default());
    block_on(async {
        let first = kinds((&mut frames).collect().await);
        assert_eq!(first, [Ok(1), Err(ErrorKind::InvalidData)]);
        let second = kinds((&mut frames).collect().await);
        // The bytes that were wrong were taken, so decoding goes on behind them.
        assert_eq!(second, [Ok(2), Ok(u16::MAX)]);
        assert!(frames.next().await.is_none());
    });
}

#[test]
fn a_failed_read_ends_the_stream_once() {
    let steps = [Step::Pass(3), Step::Error(ErrorKind::TimedOut)];
    let reader = Scripted::new(&[0, 1, 0, 2][..], steps);
    let mut frames = FramedRead::new(reader, Numbers::default());
    block_on(async {
        let first = kinds((&mut frames).collect().await);
        assert_eq!(first, [Ok(1), Err(ErrorKind::TimedOut)]);
        assert_eq!(frames.next().await.unwrap().unwrap(), 2);
    });
}

#[test]
fn a_reader_may_go_on_after_its_end() {
    let steps = [Step::Pass(2), Step::Zero, Step::Pass(2), Step::Zero];
    let reader = Scripted::new(&b"abcd"[..], steps);
    let mut frames = FramedRead::new(reader, BytesCodec::new());
    block_on(async {
        assert_eq!(frames.next().await.unwrap().unwrap(), "ab");
        assert!(frames.next().await.is_none());
        assert_eq!(frames.next().await.unwrap().unwrap(), "cd");
        assert!(frames.next().await.is_none());
    });
}

#[test]
fn a_dropped_next_loses_nothing() {
    let (mut near, far) = duplex(64);
    let mut frames = FramedRead::new(far, LinesCodec::new());
    block_on(near.write_all(b"hel")).unwrap();
    assert_pending!(task::spawn(frames.next()).poll());
    assert_eq!(&frames.read_buffer()[..], b"hel");
    block_on(near.write_all(b"lo\n")).unwrap();
    let line = assert_ready!(task::spawn(frames.next()).poll());
    assert_eq!(line.unwrap().unwrap(), "hello");
}

#[test]
fn the_sink_flushes_at_its_boundary() {
    let mut frames = FramedWrite::new(Vec::new(), Numbers::default());
    frames.set_backpressure_boundary(4);
    block_on(async {
        frames.feed(1).await.unwrap();
        frames.feed(2).await.unwrap();
        assert_eq!(&frames.write_buffer()[..], [0, 1, 0, 2]);
        assert!(frames.get_ref().is_empty());
        frames.feed(3).await.unwrap();
        assert_eq!(frames.get_ref(), &[0, 1, 0, 2]);
        assert_eq!(&frames.write_buffer()[..], [0, 3]);
        frames.flush().await.unwrap();
    });
    assert_eq!(frames.backpressure_boundary(), 4);
    assert_eq!(frames.into_inner(), [0, 1, 0, 2, 0, 3]);
}

#[test]
fn an_item_that_cannot_be_sent_leaves_nothing() {
    let mut frames = FramedWrite::with_capacity(Vec::new(), Numbers::default(), 16);
    assert_eq!(frames.backpressure_boundary(), 16);
    block_on(async {
        let error = frames.send(0).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        frames.send(1).await.unwrap();
    });
    assert_eq!(frames.get_ref(), &[0, 1]);
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let writer = Scripted::repeat(Vec::new(), [Step::Zero]);
    let mut frames = FramedWrite::new(writer, Numbers::default());
    let error = block_on(frames.send(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    // What was not written is still there.
    assert_eq!(&frames.write_buffer()[..], [0, 1]);
}

#[test]
fn a_flush_goes_on_where_it_was() {
    let interrupted = Step::Error(ErrorKind::Interrupted);
    let steps = [Step::Pass(1), Step::Pending, interrupted, Step::Pass(1)];
    let mut frames = FramedWrite::new(Scripted::new(Vec::new(), steps), Numbers::default());
    block_on(frames.feed(258)).unwrap();
    assert_pending!(task::spawn(SinkExt::<u16>::flush(&mut frames)).poll());
    assert_eq!(frames.get_ref().get_ref(), &[1]);
    assert_ready_ok!(task::spawn(SinkExt::<u16>::flush(&mut frames)).poll());
    assert_eq!(frames.get_ref().get_ref(), &[1, 2]);
}

#[test]
fn closing_flushes_and_closes() {
    let (near, mut far) = duplex(64);
    let mut frames = Framed::new(near, LinesCodec::new());
    block_on(async {
        frames.feed("a").await.unwrap();
        SinkExt::<&str>::close(&mut frames).await.unwrap();
        let mut text = String::new();
        far.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "a\n");
    });
}

#[test]
fn a_handshake_changes_the_codec() {
    let mock = Builder::new()
        .read(b"binary\n\x00\x00\x00\x02hi")
        .write(b"ok\n\x00\x00\x00\x03you")
        .build();
    let mut lines = Framed::new(mock, LinesCodec::new());
    block_on(async {
        assert_eq!(lines.next().await.unwrap().unwrap(), "binary");
        lines.feed("ok").await.unwrap();
        let mut frames = lines.map_codec(|_| LengthDelimitedCodec::new());
        assert_eq!(frames.next().await.unwrap().unwrap(), "hi");
        frames.send(Bytes::from("you")).await.unwrap();
    });
}

#[test]
fn parts_keep_what_is_in_the_buffers() {
    let mut parts = FramedParts::new::<&str>(&b"ne\ntwo"[..], LinesCodec::new());
    parts.read_buf.extend_from_slice(b"zero\no");
    let mut lines = Framed::from_parts(parts);
    block_on(async {
        assert_eq!(lines.next().await.unwrap().unwrap(), "zero");
        assert_eq!(lines.next().await.unwrap().unwrap(), "one");
    });
    let parts = lines.into_parts();
    assert_eq!((&parts.read_buf[..], parts.io), (&b"two"[..], &b""[..]));

    let mut write = FramedWrite::new(Vec::new(), LinesCodec::new());
    block_on(write.feed("a")).unwrap();
    let mut write = write.map_encoder(|_| BytesCodec::new());
    block_on(write.feed(Bytes::from("b"))).unwrap();
    assert_eq!(write.into_parts().write_buf, "a\nb");
}

#[test]
fn codecs_are_at_hand() {
    let mut lines = LinesCodec::new().framed(sinew_io::Cursor::new(Vec::new()));
    assert_eq!(lines.codec().max_length(), usize::MAX);
    *lines.codec_mut() = LinesCodec::new_with_max_length(3);
    lines.read_buffer_mut().extend_from_slice(b"x");
    lines.write_buffer_mut().extend_from_slice(b"y");
    assert_eq!(
        (&lines.read_buffer()[..], &lines.write_buffer()[..]),
        (&b"x"[..], &b"y"[..])
    );
    assert_eq!(format!("{lines:?}").split(' ').next(), Some("Framed"));

    let mut read = FramedRead::new(&b"a"[..], Numbers::default());
    read.decoder_mut().said_goodbye = true;
    let shown = "FramedRead { inner: [97], decoder: Numbers { said_goodbye: true }, \
                 eof: false, is_readable: false, buffer: b\"\" }";
    assert_eq!(format!("{read:?}"), shown);
    let mut read = read.map_decoder(|_| BytesCodec::new());
    assert_eq!(block_on(read.next()).unwrap().unwrap(), "a");
}

#[test]
fn lines_that_are_no_text_are_errors_of_their_own() {
    let mut codec = LinesCodec::new();
    let mut buf = BytesMut::from(&b"\xff\nfine\n"[..]);
    match codec.decode(&mut buf) {
        Err(LinesCodecError::Io(e)) => assert_eq!(e.kind(), ErrorKind::InvalidData),
        other => panic!("{other:?}"),
    }
    assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), "fine");
}

#[test]
fn a_length_beyond_the_limit_is_no_frame() {
    let mut codec = LengthDelimitedCodec::builder()
        .max_frame_length(3)
        .new_codec();
    let mut buf = BytesMut::from(&b"\x00\x00\x00\x04"[..]);
    let error = codec.decode(&mut buf).unwrap_err();
    assert_eq!(
        (error.kind(), &*error.to_string()),
        (ErrorKind::InvalidData, "frame size too big")
    );
    let error = codec.encode(&b"abcd"[..], &mut buf).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    codec.set_max_frame_length(4);
    buf.extend_from_slice(b"abcd");
    assert_eq!(codec.decode(&mut buf).unwrap().unwrap(), "abcd");
}

#[test]
fn the_limit_is_at_most_what_the_field_can_hold() {
    let narrow = |adjustment| {
        LengthDelimitedCodec::builder()
            .length_field_type::<u8>()
            .max_frame_length(usize::MAX)
            .length_adjustment(adjustment)
            .new_codec()
            .max_frame_length()
    };
    assert_eq!([narrow(0), narrow(-1), narrow(2)], [255, 254, 257]);
    let wide = LengthDelimitedCodec::builder()
        .length_field_length(8)
        .max_frame_length(usize::MAX)
        .new_codec();
    assert_eq!(wide.max_frame_length(), usize::MAX);
}

#[test]
fn an_adjustment_below_zero_is_no_frame() {
    let mut codec = LengthDelimitedCodec::builder()
        .length_field_type::<u8>()
        .length_adjustment(-2)
        .new_codec();
    let error = codec.decode(&mut BytesMut::from(&b"\x01"[..])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn an_announced_length_reserves_no_more_than_a_read() {
    let mut codec = LengthDelimitedCodec::new();
    let mut buf = BytesMut::from(&b"\x00\x7f\xff\xff"[..]);
    assert!(codec.decode(&mut buf).unwrap().is_none());
    assert!(buf.capacity() < 128 * 1024, "{}", buf.capacity());
}

#[test]
#[should_panic(expected = "invalid length field length")]
fn a_field_has_at_most_eight_bytes() {
    LengthDelimitedCodec::builder().length_field_length(9);
}
