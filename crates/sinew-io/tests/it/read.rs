use std::io::{ErrorKind, IoSliceMut, Read};

use futures::executor::block_on;
use proptest::prelude::*;
use sinew_io::{AsyncReadExt, BufReader};

use crate::script::{In, Reader, SCRIPTED, Std, plain, reader, sound_reader};

proptest! {
    #[test]
    fn read_exact_is_std(script in reader(), len in 0_usize..60) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let (mut a, mut b) = (vec![0; len], vec![0; len]);
        let expected = plain(std.read_exact(&mut b)).map(|()| len);
        prop_assert_eq!(plain(block_on(ours.read_exact(&mut a))), expected);
        prop_assert_eq!(a, b);
        prop_assert_eq!(ours.left(), std.0.left());
    }

    #[test]
    fn read_to_end_is_std(script in reader(), before in 0_usize..40, spare in 0_usize..80) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let (mut a, mut b) = (Vec::with_capacity(before + spare), vec![7; before]);
        a.resize(before, 7);
        let expected = plain(std.read_to_end(&mut b));
        prop_assert_eq!(plain(block_on(ours.read_to_end(&mut a))), expected);
        prop_assert_eq!(a, b);
    }

    /// As `std`, except that an error takes back what came before it, as in tokio.
    #[test]
    fn read_to_string_is_std(script in reader()) {
        let (mut ours, mut std) = (script.clone(), Std(script));
        let (mut a, mut b) = (String::from("é"), String::from("é"));
        let expected = plain(std.read_to_string(&mut b));
        if expected.is_err() {
            b.truncate("é".len());
        }
        prop_assert_eq!(plain(block_on(ours.read_to_string(&mut a))), expected);
        prop_assert_eq!(a, b);
    }

    #[test]
    fn chain_and_take_are_std(
        first in sound_reader(),
        second in sound_reader(),
        limit in 0_u64..120,
        buffer in 1_usize..20,
    ) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let ours = first.clone().chain(second.clone()).take(limit);
        let std = Read::take(Read::chain(Std(first.clone()), Std(second.clone())), limit);
        block_on({ ours }.read_to_end(&mut a)).unwrap();
        { std }.read_to_end(&mut b).unwrap();
        prop_assert_eq!(&a, &b);

        let buffered = BufReader::with_capacity(buffer, first)
            .chain(BufReader::with_capacity(buffer, second))
            .take(limit);
        let mut c = Vec::new();
        block_on(sinew_io::copy_buf(&mut { buffered }, &mut c)).unwrap();
        prop_assert_eq!(c, b);
    }
}

#[test]
fn read_exact_gives_the_count_and_reports_an_early_end() {
    let mut buf = [0; 8];
    let mut reader = Reader::chunks([&b"hello "[..], b"world!"]);
    assert_eq!(block_on(reader.read_exact(&mut buf)).unwrap(), 8);
    assert_eq!(&buf, b"hello wo");
    let error = block_on(reader.read_exact(&mut buf)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(&buf[..4], b"rld!");
    assert_eq!(block_on(reader.read_exact(&mut [])).unwrap(), 0);
}

#[test]
fn read_to_end_does_not_grow_a_vector_that_fits() {
    let bytes = b"imlargerthanthirtytwobytessoIcanhelpyou";
    let mut buf = Vec::with_capacity(bytes.len());
    block_on(Reader::chunks([&bytes[..]]).read_to_end(&mut buf)).unwrap();
    assert_eq!((buf.capacity(), &buf[..]), (bytes.len(), &bytes[..]));
}

#[test]
fn read_to_end_doubles_a_vector_that_does_not_fit() {
    let bytes = b"the_vector_startingcap_will_be_smaller";
    let mut buf = Vec::with_capacity(32);
    block_on(Reader::chunks([&bytes[..]]).read_to_end(&mut buf)).unwrap();
    // Once because it does not fit, and once to find the end.
    assert_eq!((buf.capacity(), &buf[..]), (32 * 4, &bytes[..]));
}

#[test]
fn read_to_end_of_much() {
    let data: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let mut buf = Vec::new();
    let count = block_on(Reader::chunks([&data[..]]).read_to_end(&mut buf)).unwrap();
    assert_eq!(count, data.len());
    assert!(buf == data);
}

#[test]
fn read_to_string_keeps_the_original_on_errors() {
    for (steps, kind) in [
        (vec![In::Data(b"def".to_vec()), In::Fail], SCRIPTED),
        (vec![In::Data(b"de\xff".to_vec())], ErrorKind::InvalidData),
    ] {
        let mut text = String::from("abc");
        let error = block_on(Reader::new(steps).read_to_string(&mut text)).unwrap_err();
        assert_eq!((error.kind(), text.as_str()), (kind, "abc"));
    }
}

#[test]
fn a_chain_is_not_ended_by_an_empty_buffer() {
    let mut chain = AsyncReadExt::chain(&b"ab"[..], &b"cd"[..]);
    assert_eq!(block_on(chain.read(&mut [])).unwrap(), 0);
    let mut empty = [IoSliceMut::new(&mut [])];
    assert_eq!(block_on(chain.read_vectored(&mut empty)).unwrap(), 0);
    let mut text = String::new();
    block_on(chain.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "abcd");
}

#[test]
fn take_counts_and_can_be_set_anew() {
    let mut take = AsyncReadExt::take(&b"hello"[..], 2);
    let mut buf = [0; 8];
    assert_eq!(block_on(take.read(&mut buf)).unwrap(), 2);
    assert_eq!(
        (take.limit(), block_on(take.read(&mut buf)).unwrap()),
        (0, 0)
    );
    take.set_limit(u64::MAX);
    assert_eq!(block_on(take.read(&mut buf)).unwrap(), 3);
    assert_eq!(take.into_inner(), b"");
}

/// A reader that claims more than it was given room for.
struct Liar;

impl sinew_io::AsyncRead for Liar {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buf: &mut [u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::task::Poll::Ready(Ok(buf.len() + 1))
    }
}

#[test]
#[should_panic(expected = "reported 5 bytes for a buffer of 4")]
fn a_count_beyond_the_buffer_is_refused() {
    let _ = block_on(Liar.read_exact(&mut [0; 4]));
}

#[test]
#[should_panic(expected = "for a buffer of 3")]
fn take_refuses_a_count_beyond_its_limit() {
    let _ = block_on(Liar.take(3).read(&mut [0; 4]));
}

proptest! {
    #[test]
    fn read_exact_arc_is_read_exact(from in reader(), len in 0_usize..60) {
        let mut expected = vec![0; len];
        let result = plain(std::io::Read::read_exact(&mut Std(from.clone()), &mut expected));
        let ours = plain(block_on(sinew_io::read_exact_arc(from, len)));
        prop_assert_eq!(ours.map(|arc| arc.to_vec()), result.map(|()| expected));
    }
}
