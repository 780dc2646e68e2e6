//! Buffers, streams and sinks of bytes on one side, readers and writers on the other.

use std::io::{BufRead as _, ErrorKind, Read as _, Write as _};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::executor::block_on;
use futures::{SinkExt, StreamExt, TryStreamExt, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use sinew_io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, CopyToBytes, Cursor, InspectReader,
    InspectWriter, IoSlice, IoSliceMut, ReaderStream, SinkWriter, StreamReader, SyncIoBridge,
    duplex,
};

use crate::script::{In, Out, Reader, SCRIPTED, Std, Writer, plain, reader, sound_writer, writer};

/// A stream of the pieces, with an error after them if it fails.
fn pieces(
    data: Vec<Vec<u8>>,
    fails: bool,
) -> impl futures::Stream<Item = std::io::Result<Bytes>> + Unpin {
    let end = fails.then(|| Err(SCRIPTED.into()));
    stream::iter(data.into_iter().map(|d| Ok(d.into())).chain(end))
}

proptest! {
    #[test]
    fn read_buf_loses_nothing(script in reader(), capacity in 0_usize..40) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let mut expected = Vec::new();
        let end = plain(std.read_to_end(&mut expected)).map(|_| ());
        let mut buf = BytesMut::with_capacity(capacity);
        let result = loop {
            match plain(block_on(ours.read_buf(&mut buf))) {
                Ok(0) => break Ok(()),
                Ok(_) | Err(ErrorKind::Interrupted) => {}
                Err(e) => break Err(e),
            }
        };
        prop_assert_eq!((&buf[..], result), (&expected[..], end));
    }

    #[test]
    fn write_all_buf_is_write_all(script in writer(), parts in vec(vec(any::<u8>(), 0..9), 0..4)) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let all = parts.concat();
        let expected = plain(std.write_all(&all));
        let mut parts = parts.into_iter().map(Bytes::from);
        let mut next = || parts.next().unwrap_or_default();
        let mut buf = next().chain(next()).chain(next());
        prop_assert_eq!(plain(block_on(ours.write_all_buf(&mut buf))), expected);
        prop_assert_eq!(&ours.written, &std.0.written);
        // What was not written is still there.
        let left = buf.copy_to_bytes(buf.remaining());
        prop_assert_eq!([&ours.written[..], &left].concat(), all);
    }

    #[test]
    fn a_reader_is_a_stream(script in reader(), capacity in 1_usize..40) {
        let (ours, mut std) = (script.clone(), Std(script));
        let mut expected = Vec::new();
        let end = plain(std.read_to_end(&mut expected)).map(|_| ());
        let mut stream = ReaderStream::with_capacity(ours, capacity);
        let mut seen = Vec::new();
        let result = loop {
            match block_on(stream.try_next()) {
                Ok(None) => break Ok(()),
                Ok(Some(piece)) => {
                    prop_assert!((1..=capacity).contains(&piece.len()));
                    seen.extend_from_slice(&piece);
                }
                Err(e) => break Err(e.kind()),
            }
        };
        prop_assert!(block_on(stream.next()).is_none());
        if result == Err(ErrorKind::Interrupted) {
            // The stream ends at every error, so only the beginning can be compared.
            prop_assert!(expected.starts_with(&seen));
        } else {
            prop_assert_eq!((seen, result), (expected, end));
        }
    }

    #[test]
    fn a_stream_is_a_reader(data in vec(vec(any::<u8>(), 0..9), 0..9), fails in any::<bool>(), n in 0_usize..12) {
        let mut reader = StreamReader::new(pieces(data.clone(), fails));
        let all = data.concat();
        let mut head = vec![0; n];
        let expected = match all.len() {
            len if len >= n => Ok(n),
            _ if fails => Err(SCRIPTED),
            _ => Err(ErrorKind::UnexpectedEof),
        };
        prop_assert_eq!(plain(block_on(reader.read_exact(&mut head))), expected);
        if expected.is_ok() {
            prop_assert_eq!(&head, &all[..n]);
            let mut rest = Vec::new();
            let end = plain(block_on(reader.read_to_end(&mut rest)));
            prop_assert_eq!(end, if fails { Err(SCRIPTED) } else { Ok(all.len() - n) });
            prop_assert_eq!(&rest, &all[n..]);
            prop_assert_eq!(plain(block_on(reader.read(&mut [0]))), Ok(0));
        }
    }

    #[test]
    fn lookers_on_see_what_passes(script in reader(), out in sound_writer(), data in vec(any::<u8>(), 0..99)) {
        let mut seen = Vec::new();
        let mut read = Vec::new();
        let mut inspected = InspectReader::new(script, |b: &[u8]| seen.extend_from_slice(b));
        let _ = block_on(inspected.read_to_end(&mut read));
        prop_assert_eq!(seen, read);

        let mut seen = Vec::new();
        let mut inspected = InspectWriter::new(out, |b: &[u8]| seen.extend_from_slice(b));
        let mut bufs = [&data[..data.len() / 2], &[], &data[data.len() / 2..]].map(IoSlice::new);
        block_on(inspected.write_all_vectored(&mut bufs)).unwrap();
        block_on(inspected.write_all(&data)).unwrap();
        drop(inspected);
        prop_assert_eq!(seen, [&data[..], &data].concat());
    }

    #[test]
    fn a_writer_is_a_sink(script in writer(), items in vec(vec(any::<u8>(), 0..9), 0..9)) {
        let (ours, mut std) = (script.clone(), Std(script));
        let expected = items.iter().try_for_each(|i| std.write_all(i));
        let mut sink = ours.into_sink();
        let result = block_on(async {
            for item in items {
                sink.feed(item).await?;
            }
            // Ready means that the last item was written.
            std::future::poll_fn(|cx| sink.poll_ready_unpin(cx)).await
        });
        prop_assert_eq!(plain(result), plain(expected));
        prop_assert_eq!(&sink.get_ref().written, &std.0.written);
    }

    #[test]
    fn a_bridge_is_std(script in reader(), out in writer(), data in vec(any::<u8>(), 0..99)) {
        let (mut ours, mut std) = (SyncIoBridge::new(script.clone()), Std(script));
        let (mut a, mut b) = (Vec::new(), Vec::new());
        prop_assert_eq!(plain(ours.read_to_end(&mut a)), plain(std.read_to_end(&mut b)));
        prop_assert_eq!(a, b);
        let (mut ours, mut std) = (SyncIoBridge::new(out.clone()), Std(out));
        prop_assert_eq!(plain(ours.write_all(&data)), plain(std.write_all(&data)));
        prop_assert_eq!(ours.into_inner().written, std.0.written);
    }
}

#[test]
fn a_full_buffer_reads_nothing() {
    let mut reader = Cursor::new("abc");
    let mut array = [0_u8; 2];
    let mut space = &mut array[..];
    block_on(async {
        assert_eq!(reader.read_buf(&mut space).await.unwrap(), 2);
        assert_eq!(reader.read_buf(&mut space).await.unwrap(), 0);
        let mut limited = Vec::new().limit(0);
        assert_eq!(reader.read_buf(&mut limited).await.unwrap(), 0);
    });
    assert_eq!((array, reader.position()), (*b"ab", 2));
}

#[test]
fn a_failed_read_buf_leaves_the_buffer() {
    let mut reader = Reader::new([In::Data(b"a".to_vec()), In::Fail]);
    let mut buf = Vec::with_capacity(8);
    block_on(async {
        assert_eq!(reader.read_buf(&mut buf).await.unwrap(), 1);
        reader.read_buf(&mut buf).await.unwrap_err();
    });
    assert_eq!(buf, b"a");
}

#[test]
fn write_buf_writes_once() {
    let mut writer = Writer::new([Out::Take(2), Out::Interrupted]);
    let mut buf = Bytes::from_static(b"abc");
    block_on(async {
        assert_eq!(writer.write_buf(&mut buf).await.unwrap(), 2);
        let error = writer.write_buf(&mut buf).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert_eq!(buf, &b"c"[..]);
        assert_eq!(writer.write_buf(&mut buf).await.unwrap(), 1);
        assert_eq!(writer.write_buf(&mut buf).await.unwrap(), 0);
    });
    assert_eq!(writer.written, b"abc");
}

#[test]
fn a_chunk_that_was_not_read_is_given_back() {
    let mut reader = StreamReader::new(pieces(vec![b"ab".to_vec(), b"cd".to_vec()], false));
    block_on(reader.read_exact(&mut [0; 3])).unwrap();
    let (mut stream, chunk) = reader.into_inner_with_chunk();
    assert_eq!(chunk.unwrap(), &b"d"[..]);
    assert!(block_on(stream.next()).is_none());

    let mut reader = StreamReader::new(pieces(vec![b"ab".to_vec()], false));
    block_on(reader.read_exact(&mut [0; 2])).unwrap();
    assert!(reader.into_inner_with_chunk().1.is_none());
}

#[test]
fn an_error_of_a_stream_does_not_end_it() {
    let items = [Ok(&b"a"[..]), Err(SCRIPTED), Ok(&b"b"[..])];
    let stream = stream::iter(items.map(|i| i.map_err(std::io::Error::from)));
    let mut reader = StreamReader::new(stream);
    block_on(async {
        assert_eq!(reader.read_u8().await.unwrap(), b'a');
        assert_eq!(plain(reader.read_u8().await), Err(SCRIPTED));
        assert_eq!(reader.read_u8().await.unwrap(), b'b');
        assert_eq!(plain(reader.read_u8().await), Err(ErrorKind::UnexpectedEof));
    });
}

#[test]
fn a_sink_of_bytes_is_a_writer() {
    let (sender, receiver) = futures::channel::mpsc::unbounded::<Bytes>();
    let sink = sender.sink_map_err(std::io::Error::other);
    let mut writer = SinkWriter::new(CopyToBytes::new(sink));
    block_on(async {
        writer.write_all(b"ab").await.unwrap();
        writer.write_all(b"c").await.unwrap();
        writer.flush().await.unwrap();
        writer.close().await.unwrap();
        writer.write_all(b"d").await.unwrap_err();
        let items: Vec<_> = receiver.collect().await;
        assert_eq!(items, [&b"ab"[..], b"c"]);
    });
}

#[test]
#[should_panic(expected = "called without `poll_ready`")]
fn a_sink_holds_one_item() {
    let mut sink = Writer::new([Out::Pending]).into_sink();
    sink.start_send_unpin(b"a").unwrap();
    sink.start_send_unpin(b"b").unwrap();
}

#[test]
fn a_closed_sink_has_written_and_closed() {
    let mut sink = Writer::new([Out::Pending, Out::Take(1)]).into_sink();
    block_on(async {
        sink.feed("abc").await.unwrap();
        sink.close().await.unwrap();
    });
    let writer = sink.into_inner();
    assert_eq!((&writer.written[..], writer.closed), (&b"abc"[..], true));
}

#[test]
fn the_end_is_shown_too() {
    let mut calls = 0;
    let mut reader = InspectReader::new(&b""[..], |bytes: &[u8]| {
        assert!(bytes.is_empty());
        calls += 1;
    });
    let mut space = [0];
    block_on(async {
        assert_eq!(reader.read(&mut space).await.unwrap(), 0);
        let mut bufs = [IoSliceMut::new(&mut space)];
        assert_eq!(reader.read_vectored(&mut bufs).await.unwrap(), 0);
    });
    assert_eq!(calls, 2);
}

#[test]
fn lookers_on_pass_the_other_direction_through() {
    block_on(async {
        let (near, mut far) = duplex(64);
        let reader = InspectReader::new(near, |_: &[u8]| panic!("nothing is read"));
        let mut both = InspectWriter::new(reader, |bytes: &[u8]| assert_eq!(bytes, b"ab"));
        both.write_all(b"ab").await.unwrap();
        both.close().await.unwrap();
        let mut text = String::new();
        far.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "ab");
    });
}

#[test]
fn a_bridge_seeks_and_reads_lines() {
    let mut bridge = SyncIoBridge::new(Cursor::new(b"one\ntwo\n".to_vec()));
    let mut line = String::new();
    bridge.read_line(&mut line).unwrap();
    assert_eq!(line, "one\n");
    std::io::Seek::seek(&mut bridge, std::io::SeekFrom::Start(1)).unwrap();
    let mut part = Vec::new();
    bridge.read_until(b'e', &mut part).unwrap();
    assert_eq!(part, b"ne");
    assert_eq!(bridge.as_ref().position(), 3);
    bridge.as_mut().set_position(4);
    assert_eq!(bridge.fill_buf().unwrap(), b"two\n");
    bridge.consume(4);
    bridge.shutdown().unwrap();
}

#[test]
fn consume_has_two_names() {
    let mut reader = &b"abc"[..];
    reader.consume_unpin(1);
    AsyncBufReadExt::consume(&mut reader, 1);
    assert_eq!(reader, b"c");
}
