use std::io::{Result, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::executor::block_on;
use proptest::prelude::*;
use sinew_io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWriteExt, BufReader,
    BufStream, BufWriter, Cursor, join,
};

use crate::script::{Reader, Writer, plain};

/// A cursor that is pending before each seek.
struct Slow {
    inner: Cursor<Vec<u8>>,
    pended: bool,
}

impl AsyncRead for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncSeek for Slow {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pos: SeekFrom,
    ) -> Poll<Result<u64>> {
        self.pended = !self.pended;
        if self.pended {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_seek(cx, pos)
    }
}

proptest! {
    #[test]
    fn seeking_in_a_buffered_reader_is_std(
        len in 0_u8..60,
        capacity in 1_usize..20,
        ops in proptest::collection::vec((0_u8..4, -20_i64..60), 0..30),
    ) {
        use std::io::Read;
        let data: Vec<u8> = (0..len).collect();
        let slow = Slow { inner: Cursor::new(data.clone()), pended: false };
        let mut ours = BufReader::with_capacity(capacity, slow);
        let mut std = std::io::Cursor::new(data);
        for (op, n) in ops {
            let pos = match op {
                0 => {
                    let mut buf = [0; 7];
                    let count = block_on(ours.read(&mut buf)).unwrap();
                    let mut expected = [0; 7];
                    let most = std.read(&mut expected).unwrap();
                    // The reads may be of different length, the bytes are the same.
                    prop_assert_eq!(&buf[..count], &expected[..count]);
                    prop_assert_eq!(count == 0, most == 0);
                    let back = count as i64 - most as i64;
                    std.seek(SeekFrom::Current(back)).unwrap();
                    continue;
                }
                1 => SeekFrom::Start(n.unsigned_abs()),
                2 => SeekFrom::Current(n),
                _ => SeekFrom::End(n),
            };
            let expected = plain(std.seek(pos));
            prop_assert_eq!(plain(block_on(ours.seek(pos))), expected);
            prop_assert_eq!(block_on(ours.stream_position()).unwrap(), std.position());
        }
    }
}

#[test]
fn a_seek_too_far_for_one_step_takes_two() {
    let mut reader = BufReader::new(Slow {
        inner: Cursor::new(vec![0; 20]),
        pended: false,
    });
    block_on(reader.fill_buf()).unwrap();
    reader.consume(1);
    let result = block_on(reader.seek(SeekFrom::Current(i64::MIN)));
    assert!(result.is_err());
    assert_eq!(block_on(reader.stream_position()).unwrap(), 1);
    assert_eq!(
        block_on(reader.seek(SeekFrom::Start(u64::MAX))).unwrap(),
        u64::MAX
    );
}

#[test]
fn a_buffered_writer_writes_before_it_seeks() {
    let mut writer = BufWriter::new(Cursor::new(Vec::new()));
    block_on(async {
        writer.write_all(b"0123456").await.unwrap();
        writer.seek(SeekFrom::Start(2)).await.unwrap();
        writer.write_all(b"xx").await.unwrap();
        writer.rewind().await.unwrap();
    });
    assert_eq!(writer.into_inner().into_inner(), b"01xx456");
}

#[test]
fn a_buffered_stream_keeps_the_buffers_it_is_made_from() {
    let stream = || join(Reader::chunks([&b"hello"[..]]), Writer::default());
    let mut outer = BufWriter::new(BufReader::new(stream()));
    block_on(async {
        assert_eq!(outer.fill_buf().await.unwrap(), b"hello");
        outer.write_all(b"wor").await.unwrap();
        let mut both = BufStream::from(outer);
        both.write_all(b"ld").await.unwrap();
        both.flush().await.unwrap();
        let mut text = String::new();
        both.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
        assert_eq!(both.into_inner().writer().written, b"world");
    });
}

#[test]
fn a_buffered_stream_is_buffered_in_both_directions() {
    let inner = join(Reader::chunks([&b"a\nb\n"[..]]), Writer::default());
    let mut stream = BufStream::with_capacity(16, 8, inner);
    block_on(async {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        stream.write_all(line.as_bytes()).await.unwrap();
        assert_eq!(
            (line.as_str(), stream.get_ref().writer().written.len()),
            ("a\n", 0)
        );
        stream.shutdown().await.unwrap();
        assert!(stream.get_ref().writer().closed);
        assert_eq!(stream.get_ref().writer().written, b"a\n");
    });
}

#[test]
fn large_operations_pass_the_buffers_by() {
    let mut reader = BufReader::with_capacity(4, &b"0123456789"[..]);
    let mut buf = [0; 8];
    assert_eq!(block_on(reader.read(&mut buf)).unwrap(), 8);
    let mut writer = BufWriter::with_capacity(4, Vec::new());
    block_on(writer.write_all(b"abcd")).unwrap();
    assert_eq!(writer.get_ref(), b"abcd");
}
