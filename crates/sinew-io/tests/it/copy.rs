use std::io::ErrorKind;

use futures::executor::block_on;
use futures::future::{join, join3};
use proptest::prelude::*;
use sinew_io::{
    AsyncReadExt, AsyncWriteExt, BufReader, copy, copy_bidirectional,
    copy_bidirectional_with_sizes, copy_buf, duplex, join as join_io,
};

use crate::script::{
    In, Out, Reader, SCRIPTED, Std, Writer, plain, poll_once, reader, sound_reader, sound_writer,
    writer,
};

proptest! {
    #[test]
    fn copy_is_std(from in reader(), to in sound_writer()) {
        let (mut ours, mut std) = (to.clone(), Std(to));
        let expected = plain(std::io::copy(&mut Std(from.clone()), &mut std));
        let result = plain(block_on(copy(&mut { from }, &mut ours)));
        prop_assert_eq!(&result, &expected);
        prop_assert_eq!(&ours.written, &std.0.written);
        if result.is_ok() {
            prop_assert_eq!(ours.flushed, ours.written.len());
        }
    }

    #[test]
    fn copy_buf_is_std(from in reader(), to in sound_writer(), capacity in 1_usize..24) {
        let (mut ours, mut std) = (to.clone(), Std(to));
        let expected = plain(std::io::copy(&mut Std(from.clone()), &mut std));
        let mut from = BufReader::with_capacity(capacity, from);
        prop_assert_eq!(plain(block_on(copy_buf(&mut from, &mut ours))), expected);
        prop_assert_eq!(&ours.written, &std.0.written);
    }

    /// Where a failing writer stops depends on the chunks, but it is never given other bytes.
    #[test]
    fn a_failing_writer_gets_a_prefix(from in sound_reader(), to in writer()) {
        let data = from.left();
        for buffered in [false, true] {
            let (mut from, mut to) = (from.clone(), to.clone());
            let result = if buffered {
                block_on(copy_buf(&mut BufReader::with_capacity(5, from), &mut to))
            } else {
                block_on(copy(&mut from, &mut to))
            };
            prop_assert!(data.starts_with(&to.written));
            match result {
                Ok(n) => prop_assert_eq!((n as usize, &to.written), (data.len(), &data)),
                Err(e) => prop_assert!([SCRIPTED, ErrorKind::WriteZero].contains(&e.kind())),
            }
        }
    }

    #[test]
    fn both_directions_move_everything(
        a_in in sound_reader(),
        b_in in sound_reader(),
        a_out in sound_writer(),
        b_out in sound_writer(),
        sizes in (1_usize..40, 1_usize..40),
    ) {
        let (from_a, from_b) = (a_in.left(), b_in.left());
        let (mut a, mut b) = (join_io(a_in, a_out), join_io(b_in, b_out));
        let op = copy_bidirectional_with_sizes(&mut a, &mut b, sizes.0, sizes.1);
        let counts = block_on(op).unwrap();
        prop_assert_eq!(counts, (from_a.len() as u64, from_b.len() as u64));
        prop_assert!(a.writer().closed && b.writer().closed);
        prop_assert_eq!(&a.writer().written, &from_b);
        prop_assert_eq!(&b.writer().written, &from_a);
    }
}

#[test]
fn what_was_read_before_an_error_is_written_though_the_writer_waits() {
    let mut from = Reader::new([In::Data(b"ab".to_vec()), In::Data(b"cd".to_vec()), In::Fail]);
    let mut to = Writer::new([Out::Pending, Out::Pending, Out::Take(1)]);
    assert_eq!(plain(block_on(copy(&mut from, &mut to))), Err(SCRIPTED));
    assert_eq!(to.written, b"abcd");
}

#[test]
fn a_pending_reader_makes_copy_flush() {
    let (mut near, mut far) = duplex(64);
    let mut to = Writer::default();
    let mut op = copy(&mut near, &mut to);
    block_on(far.write_all(b"ping")).unwrap();
    assert!(poll_once(&mut op).is_pending());
    drop(op);
    assert_eq!((to.flushed, &to.written[..]), (4, &b"ping"[..]));
}

#[test]
fn copy_of_more_than_the_buffer() {
    let data: Vec<u8> = (0..100_000_u32).map(|n| (n / 7) as u8).collect();
    let mut to = Vec::new();
    assert_eq!(block_on(copy(&mut &data[..], &mut to)).unwrap(), 100_000);
    assert!(to == data);
}

#[test]
fn one_end_closing_leaves_the_other_direction_open() {
    let (mut client, mut a) = duplex(16);
    let (mut b, mut server) = duplex(16);
    let proxy = copy_bidirectional(&mut a, &mut b);
    let client = async {
        client.write_all(b"request").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let server = async {
        let mut request = String::new();
        server.read_to_string(&mut request).await.unwrap();
        server.write_all(b"a long answer to it").await.unwrap();
        server.shutdown().await.unwrap();
        request
    };
    let (counts, answer, request) = block_on(join3(proxy, client, server));
    assert_eq!(counts.unwrap(), (7, 19));
    assert_eq!(
        (request.as_str(), answer.as_str()),
        ("request", "a long answer to it")
    );
}

#[test]
fn a_blocked_direction_does_not_block_the_other() {
    let (mut client, mut a) = duplex(4);
    let (mut b, mut server) = duplex(4);
    let mut proxy = copy_bidirectional_with_sizes(&mut a, &mut b, 4, 4);
    // Nobody reads what the client sends: both pipes and the buffer fill up.
    loop {
        let blocked = poll_once(&mut client.write(b"x")).is_pending();
        assert!(poll_once(&mut proxy).is_pending());
        if blocked && poll_once(&mut client.write(b"x")).is_pending() {
            break;
        }
    }
    let (sent, ()) = block_on(async {
        let read = async {
            let mut buf = [0; 9];
            client.read_exact(&mut buf).await.unwrap()
        };
        let write = server.write_all(b"unblocked");
        let both = join(read, async { write.await.unwrap() });
        match futures::future::select(std::pin::pin!(both), &mut proxy).await {
            futures::future::Either::Left((done, _)) => done,
            futures::future::Either::Right(_) => panic!("both ends are open"),
        }
    });
    assert_eq!(sent, 9);
}

#[test]
fn an_error_ends_both_directions_at_once() {
    let (mut a, _unread) = duplex(1);
    // The direction from `b` has bytes in the buffer that `a` has no room for.
    let reader = Reader::new([In::Data(b"xyz".to_vec()), In::Fail]);
    let mut b = join_io(reader, Writer::default());
    let result = poll_once(&mut copy_bidirectional(&mut a, &mut b));
    assert!(matches!(result, std::task::Poll::Ready(Err(e)) if e.kind() == SCRIPTED));
}

#[test]
#[should_panic(expected = "`b_to_a_buf_size` must be greater than 0")]
fn a_direction_without_a_buffer_is_refused() {
    let (mut a, mut b) = (sinew_io::empty(), sinew_io::empty());
    drop(copy_bidirectional_with_sizes(&mut a, &mut b, 1, 0));
}
