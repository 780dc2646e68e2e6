use std::io::{ErrorKind, IoSlice, Write as _};

use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use sinew_io::{AsyncWriteExt, BufWriter, LineWriter};

use crate::script::{Out, Std, Writer, plain, sound_writer, writer};

fn data() -> impl Strategy<Value = Vec<u8>> {
    "[ab\n]{0,30}".prop_map(String::into_bytes)
}

proptest! {
    #[test]
    fn write_all_is_std(script in writer(), data in vec(any::<u8>(), 0..200)) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let expected = plain(std.write_all(&data));
        prop_assert_eq!(plain(block_on(ours.write_all(&data))), expected);
        prop_assert_eq!(ours.written, std.0.written);
    }

    #[test]
    fn write_all_vectored_is_one_write_all(
        script in writer(),
        parts in vec(vec(any::<u8>(), 0..9), 0..20),
    ) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let mut slices: Vec<_> = parts.iter().map(|p| IoSlice::new(p)).collect();
        let expected = plain(std.write_all(&parts.concat()));
        prop_assert_eq!(plain(block_on(ours.write_all_vectored(&mut slices))), expected);
        prop_assert_eq!(ours.written, std.0.written);
    }

    /// Plain and vectored writes and flushes in any order deliver the bytes in order, and a flush
    /// delivers all of them.
    #[test]
    fn a_buffered_writer_delivers_the_bytes(
        script in sound_writer(),
        capacity in 0_usize..24,
        ops in vec((0_u8..3, data()), 0..20),
    ) {
        let mut writer = BufWriter::with_capacity(capacity, script);
        let mut expected = Vec::new();
        for (op, data) in ops {
            match op {
                0 => block_on(writer.write_all(&data)).unwrap(),
                1 => {
                    let (a, b) = data.split_at(data.len() / 2);
                    let mut bufs = [a, &[][..], b].map(IoSlice::new);
                    block_on(writer.write_all_vectored(&mut bufs)).unwrap();
                }
                _ => {
                    block_on(writer.write_all(&data)).unwrap();
                    block_on(writer.flush()).unwrap();
                    prop_assert_eq!(writer.get_ref().flushed, expected.len() + data.len());
                }
            }
            expected.extend_from_slice(&data);
            prop_assert!(writer.buffer().len() <= capacity);
            let seen = [&writer.get_ref().written, writer.buffer()].concat();
            prop_assert_eq!(seen, &expected[..]);
        }
        block_on(writer.shutdown()).unwrap();
        let inner = writer.into_inner();
        prop_assert!(inner.closed);
        prop_assert_eq!(inner.written, expected);
    }

    /// Write by write: `std`'s `write_all` has a path of its own past the buffer.
    #[test]
    fn a_buffered_writer_is_std(script in sound_writer(), capacity in 0_usize..24, ops in vec(data(), 0..20)) {
        let mut ours = BufWriter::with_capacity(capacity, script.clone());
        let mut std = std::io::BufWriter::with_capacity(capacity, Std(script));
        for data in ops {
            let mut rest = &data[..];
            while !rest.is_empty() {
                let result = plain(block_on(ours.write(rest)));
                prop_assert_eq!(&result, &plain(std.write(rest)));
                prop_assert_eq!(ours.buffer(), std.buffer());
                prop_assert_eq!(&ours.get_ref().written, &std.get_ref().0.written);
                rest = &rest[result.unwrap_or(0)..];
            }
        }
    }

    /// Whole lines are on their way as soon as they are written, and only the last line's beginning
    /// is held back.
    #[test]
    fn a_line_writer_holds_back_no_whole_line(
        script in sound_writer(),
        capacity in 0_usize..24,
        ops in vec((any::<bool>(), data()), 0..20),
    ) {
        let mut writer = LineWriter::with_capacity(capacity, script);
        let mut expected = Vec::new();
        for (vectored, data) in ops {
            if vectored {
                let (a, b) = data.split_at(data.len() / 2);
                let mut bufs = [a, &[][..], b].map(IoSlice::new);
                block_on(writer.write_all_vectored(&mut bufs)).unwrap();
            } else {
                block_on(writer.write_all(&data)).unwrap();
            }
            expected.extend_from_slice(&data);
            prop_assert!(!writer.buffer().contains(&b'\n'));
            let seen = [&writer.get_ref().written, writer.buffer()].concat();
            prop_assert_eq!(seen, &expected[..]);
        }
        block_on(writer.flush()).unwrap();
        prop_assert_eq!(writer.get_ref().written.len(), expected.len());
    }
}

#[test]
fn a_failed_flush_keeps_what_was_not_written() {
    let mut writer = BufWriter::new(Writer::new([Out::Take(2), Out::Fail]));
    block_on(writer.write_all(b"abcd")).unwrap();
    assert!(block_on(writer.flush()).is_err());
    assert_eq!(writer.buffer(), b"cd");
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().written, b"abcd");
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let zero = || Writer::new([Out::Zero, Out::Zero]);
    let kinds = [
        plain(block_on(zero().write_all(b"a"))),
        plain(block_on(zero().write_u16(1))),
        plain(block_on(
            zero().write_all_vectored(&mut [IoSlice::new(b"a")]),
        )),
        plain(block_on(async {
            let mut writer = BufWriter::new(zero());
            writer.write_all(b"a").await?;
            writer.flush().await
        })),
    ];
    assert_eq!(kinds, [Err(ErrorKind::WriteZero); 4]);
}

#[test]
fn shutdown_and_close_are_the_same() {
    let mut writer = Writer::new([Out::Pending]);
    block_on(writer.shutdown()).unwrap();
    assert!(writer.closed);
    let mut writer = Writer::new([Out::Pending]);
    block_on(writer.close()).unwrap();
    assert!(writer.closed);
}
