use std::io::{BufRead, ErrorKind};

use futures::executor::block_on;
use futures::{StreamExt, TryStreamExt};
use proptest::prelude::*;
use sinew_io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::script::{In, Reader, SCRIPTED, Std, plain, reader, sound_reader, text_reader};

fn both(script: Reader, capacity: usize) -> (BufReader<Reader>, std::io::BufReader<Std<Reader>>) {
    let std = std::io::BufReader::with_capacity(capacity, Std(script.clone()));
    (BufReader::with_capacity(capacity, script), std)
}

proptest! {
    #[test]
    fn read_until_is_std(script in reader(), capacity in 1_usize..24) {
        let (mut ours, mut std) = both(script, capacity);
        for _ in 0..100 {
            let (mut a, mut b) = (vec![1], vec![1]);
            let expected = plain(std.read_until(b'a', &mut b));
            let result = plain(block_on(ours.read_until(b'a', &mut a)));
            prop_assert_eq!(&result, &expected);
            prop_assert_eq!(a, b);
            if expected == Ok(0) {
                break;
            }
        }
    }

    #[test]
    fn read_line_is_std(script in reader(), capacity in 1_usize..24) {
        let (mut ours, mut std) = both(script, capacity);
        for _ in 0..100 {
            let (mut a, mut b) = (String::from("é"), String::from("é"));
            let expected = plain(std.read_line(&mut b));
            let result = plain(block_on(ours.read_line(&mut a)));
            prop_assert_eq!(&result, &expected);
            prop_assert_eq!(a, b);
            if expected == Ok(0) {
                break;
            }
        }
    }

    #[test]
    fn lines_are_std(script in prop_oneof![sound_reader(), text_reader()], capacity in 1_usize..24) {
        let (ours, std) = both(script.clone(), capacity);
        let expected: Vec<_> = std.lines().map(plain).collect();
        let stream: Vec<_> = block_on(ours.lines().map(plain).collect());
        prop_assert_eq!(&stream, &expected);

        let mut lines = BufReader::with_capacity(capacity, script).lines();
        for line in expected {
            prop_assert_eq!(plain(block_on(lines.next_line())), line.map(Some));
        }
        prop_assert_eq!(plain(block_on(lines.next_line())), Ok(None));
    }

    #[test]
    fn segments_are_std(script in sound_reader(), capacity in 1_usize..24) {
        let (ours, std) = both(script, capacity);
        let expected: Vec<_> = std.split(b'b').collect::<Result<_, _>>().unwrap();
        let segments: Vec<_> = block_on(ours.split(b'b').try_collect()).unwrap();
        prop_assert_eq!(segments, expected);
    }

    /// Every way of taking bytes out of a `BufReader`, one after the other.
    #[test]
    fn a_buffered_reader_yields_the_bytes(
        script in sound_reader(),
        capacity in 1_usize..24,
        ops in proptest::collection::vec((0_u8..4, 0_usize..30), 0..40),
    ) {
        let data = script.left();
        let mut reader = BufReader::with_capacity(capacity, script);
        let mut seen = Vec::new();
        for (op, len) in ops {
            let mut buf = vec![0; len];
            let result = match op {
                0 => block_on(reader.read(&mut buf)),
                1 => {
                    let (one, two) = buf.split_at_mut(len / 2);
                    let mut bufs = [one, &mut [], two].map(std::io::IoSliceMut::new);
                    block_on(reader.read_vectored(&mut bufs))
                }
                2 => {
                    let filled = block_on(reader.fill_buf());
                    let result = filled.map(|filled| {
                        let n = filled.len().min(len);
                        buf[..n].copy_from_slice(&filled[..n]);
                        n
                    });
                    if let Ok(n) = result {
                        reader.consume(n);
                    }
                    result
                }
                _ => {
                    let held = reader.buffer().len().min(len);
                    buf[..held].copy_from_slice(&reader.buffer()[..held]);
                    reader.consume(held);
                    Ok(held)
                }
            };
            match result {
                Ok(n) => seen.extend_from_slice(&buf[..n]),
                Err(e) => prop_assert_eq!(e.kind(), ErrorKind::Interrupted),
            }
        }
        block_on(reader.read_to_end(&mut seen)).unwrap();
        prop_assert_eq!(seen, data);
    }
}

#[test]
fn read_line_reports_where_the_text_is_invalid() {
    let steps = [
        In::Data(b"Hello Wor".to_vec()),
        In::Data(b"\xffld.\nnext".to_vec()),
    ];
    let mut reader = BufReader::new(Reader::new(steps));
    let mut line = String::from("Foo");
    let error = block_on(reader.read_line(&mut line)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let text = "invalid utf-8 sequence of 1 bytes from index 12";
    assert_eq!((error.to_string().as_str(), line.as_str()), (text, "Foo"));
    line.clear();
    assert_eq!(block_on(reader.read_line(&mut line)).unwrap(), 4);
    assert_eq!(line, "next");
}

#[test]
fn read_line_keeps_text_before_an_error() {
    let steps = [
        In::Data(b"Hello Wor".to_vec()),
        In::Fail,
        In::Data(b"ld\n".to_vec()),
    ];
    let mut reader = BufReader::new(Reader::new(steps));
    let mut line = String::from("Foo");
    let error = block_on(reader.read_line(&mut line)).unwrap_err();
    assert_eq!((error.kind(), line.as_str()), (SCRIPTED, "FooHello Wor"));
    assert_eq!(block_on(reader.read_line(&mut line)).unwrap(), 3);
    assert_eq!(line, "FooHello World\n");
}

#[test]
fn read_line_drops_invalid_text_before_an_error() {
    let steps = [
        In::Data(b"Hello Wor".to_vec()),
        In::Data(b"\xff\xff".to_vec()),
        In::Fail,
    ];
    let mut line = String::from("Foo");
    let mut reader = BufReader::new(Reader::new(steps));
    let error = block_on(reader.read_line(&mut line)).unwrap_err();
    assert_eq!((error.kind(), line.as_str()), (SCRIPTED, "Foo"));
}

#[test]
fn lines_go_on_after_an_error() {
    let steps = [
        In::Data(b"he".to_vec()),
        In::Fail,
        In::Data(b"llo\r\n\xff\nx".to_vec()),
    ];
    let mut lines = BufReader::new(Reader::new(steps)).lines();
    assert_eq!(plain(block_on(lines.next_line())), Err(SCRIPTED));
    assert_eq!(
        block_on(lines.next_line()).unwrap().as_deref(),
        Some("hello")
    );
    assert_eq!(
        plain(block_on(lines.next_line())),
        Err(ErrorKind::InvalidData)
    );
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("x"));
    assert_eq!(block_on(lines.next_line()).unwrap(), None);
}

#[test]
fn fill_buf_is_empty_only_at_the_end() {
    let mut reader = BufReader::with_capacity(4, Reader::chunks([&b"abcdef"[..]]));
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"abcd");
    reader.consume(4);
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"ef");
    reader.consume(usize::MAX);
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"");
}

#[test]
#[should_panic(expected = "capacity must be greater than zero")]
fn a_reader_without_a_buffer_is_refused() {
    BufReader::with_capacity(0, sinew_io::empty());
}

#[test]
fn works_on_trait_objects() {
    let mut reader: Box<dyn sinew_io::AsyncBufRead + Unpin> = Box::new(&b"a\nb"[..]);
    let mut line = String::new();
    block_on(reader.as_mut().read_line(&mut line)).unwrap();
    let dynamic: &mut (dyn sinew_io::AsyncRead + Unpin) = &mut reader;
    block_on(dynamic.read_to_string(&mut line)).unwrap();
    assert_eq!(line, "a\nb");
}
