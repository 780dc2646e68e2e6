//! What is left when a future is dropped after any number of polls, and that a future which is kept
//! loses nothing.

use std::io::IoSlice;

use futures::executor::block_on;
use proptest::prelude::*;
use sinew_io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, copy_buf};

use crate::script::{Reader, Writer, poll_once, sound_reader, sound_writer, text_reader};

/// Polls `op` up to `polls` times; `true` once it was ready.
fn polled<F: Future + Unpin>(op: &mut F, polls: usize) -> bool {
    (0..polls).any(|_| poll_once(op).is_ready())
}

proptest! {
    #[test]
    fn read_exact_knows_what_it_has(from in sound_reader(), polls in 0_usize..8) {
        let mut data = from.left();
        data.truncate(20);
        let (mut from, mut buf) = (from, [0; 20]);
        let mut op = from.read_exact(&mut buf);
        polled(&mut op, polls);
        prop_assert!(data.starts_with(op.filled()));
        prop_assert_eq!(op.bytes_read(), op.filled().len());
        let result = block_on(op);
        prop_assert_eq!(result.is_ok(), data.len() == 20);
        prop_assert_eq!(&buf[..data.len()], data);
    }

    #[test]
    fn read_to_end_leaves_what_it_read(from in sound_reader(), polls in 0_usize..8, spare in 0_usize..60) {
        let data = from.left();
        let (mut from, mut buf) = (from, Vec::with_capacity(spare));
        let mut op = from.read_to_end(&mut buf);
        polled(&mut op, polls);
        drop(op);
        prop_assert!(data.starts_with(&buf));
        block_on(from.read_to_end(&mut buf)).unwrap();
        prop_assert_eq!(buf, data);
    }

    #[test]
    fn read_to_string_leaves_whole_characters(from in text_reader(), polls in 0_usize..8) {
        let data = String::from_utf8(from.left()).unwrap();
        let (mut kept, mut dropped) = (from.clone(), from);
        let mut text = String::new();
        let mut op = dropped.read_to_string(&mut text);
        polled(&mut op, polls);
        drop(op);
        prop_assert!(data.starts_with(&text));

        let mut text = String::new();
        let mut op = kept.read_to_string(&mut text);
        polled(&mut op, polls);
        block_on(&mut op).ok();
        drop(op);
        prop_assert_eq!(text, data);
    }

    #[test]
    fn read_until_goes_on(from in sound_reader(), polls in 0_usize..8) {
        let data = from.left();
        let mut reader = BufReader::with_capacity(3, from);
        let mut buf = Vec::new();
        let mut op = reader.read_until(b'\n', &mut buf);
        polled(&mut op, polls);
        drop(op);
        if buf.last() != Some(&b'\n') {
            block_on(reader.read_until(b'\n', &mut buf)).unwrap();
        }
        let line = data.iter().position(|&b| b == b'\n').map_or(data.len(), |n| n + 1);
        prop_assert_eq!(&buf, &data[..line]);
    }

    #[test]
    fn read_line_kept_loses_nothing(from in text_reader(), polls in 0_usize..8) {
        let data = String::from_utf8(from.left()).unwrap();
        let first = data.split_inclusive('\n').next().unwrap_or("");
        let (kept, dropped) = (from.clone(), from);

        let mut reader = BufReader::with_capacity(3, kept);
        let mut line = String::new();
        let mut op = reader.read_line(&mut line);
        let done = polled(&mut op, polls);
        if !done {
            prop_assert_eq!(block_on(&mut op).unwrap(), first.len());
        }
        drop(op);
        prop_assert_eq!(line, first);

        let mut reader = BufReader::with_capacity(3, dropped);
        let mut line = String::new();
        polled(&mut reader.read_line(&mut line), polls);
        prop_assert!(first.starts_with(&line));
    }

    #[test]
    fn next_line_dropped_loses_nothing(from in text_reader(), polls in 1_usize..4) {
        let data = String::from_utf8(from.left()).unwrap();
        let mut lines = BufReader::with_capacity(3, from).lines();
        let mut seen = Vec::new();
        loop {
            let mut op = Box::pin(lines.next_line());
            let Some(line) = (0..polls).find_map(|_| match poll_once(&mut op) {
                std::task::Poll::Ready(line) => Some(line.unwrap()),
                std::task::Poll::Pending => None,
            }) else {
                continue;
            };
            match line {
                Some(line) => seen.push(line),
                None => break,
            }
        }
        prop_assert!(data.lines().eq(seen));
    }

    #[test]
    fn write_all_knows_what_it_wrote(
        to in sound_writer(),
        data in proptest::collection::vec(any::<u8>(), 0..100),
        polls in 0_usize..8,
    ) {
        let mut to = to;
        let mut op = to.write_all(&data);
        polled(&mut op, polls);
        let count = op.bytes_written();
        prop_assert_eq!(op.remaining(), &data[count..]);
        drop(op);
        prop_assert_eq!(&to.written, &data[..count]);
        block_on(to.write_all(&data[count..])).unwrap();
        prop_assert_eq!(&to.written, &data);
    }

    #[test]
    fn write_all_vectored_kept_writes_nothing_twice(
        to in sound_writer(),
        parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..9),
        polls in 0_usize..8,
    ) {
        let mut to: Writer = to;
        let mut bufs: Vec<_> = parts.iter().map(|p| IoSlice::new(p)).collect();
        let mut op = to.write_all_vectored(&mut bufs);
        polled(&mut op, polls);
        let left: usize = op.remaining().iter().map(|b| b.len()).sum();
        block_on(&mut op).unwrap();
        drop(op);
        prop_assert!(left <= to.written.len());
        prop_assert_eq!(to.written, parts.concat());
    }

    #[test]
    fn copies_kept_or_buffered_lose_nothing(
        from in sound_reader(),
        to in sound_writer(),
        polls in 0_usize..8,
    ) {
        let data: Vec<u8> = from.left();
        let (mut reader, mut writer): (Reader, _) = (from.clone(), to.clone());
        let mut op = copy(&mut reader, &mut writer);
        if !polled(&mut op, polls) {
            prop_assert_eq!(block_on(&mut op).unwrap(), data.len() as u64);
        }
        drop(op);
        prop_assert_eq!(&writer.written, &data);

        let (mut reader, mut writer) = (BufReader::with_capacity(5, from), to);
        polled(&mut copy_buf(&mut reader, &mut writer), polls);
        block_on(copy_buf(&mut reader, &mut writer)).unwrap();
        prop_assert_eq!(&writer.written, &data);
    }
}

#[test]
fn a_panic_in_the_reader_leaves_the_string() {
    struct Panics;

    impl sinew_io::AsyncRead for Panics {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut [u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            panic!("as asked")
        }
    }

    let mut text = String::from("kept");
    let mut bytes = b"kept".to_vec();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = poll_once(&mut Panics.read_to_string(&mut text));
    }));
    assert!(result.is_err());
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = poll_once(&mut Panics.read_to_end(&mut bytes));
    }));
    assert!(result.is_err());
    assert_eq!((text.as_str(), &bytes[..]), ("kept", &b"kept"[..]));
}
