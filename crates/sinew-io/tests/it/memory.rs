use std::collections::VecDeque;
use std::task::Poll;
use std::thread;

use futures::executor::block_on;
use futures::future::join;
use proptest::prelude::*;
use sinew_io::{
    AsyncReadExt, AsyncSeekExt, AsyncWriteExt, Cursor, ErrorKind, SeekFrom, SimplexStream, duplex,
    empty, repeat, simplex, sink,
};

use crate::script::{plain, poll_once};

proptest! {
    /// Against a plain queue: what goes in comes out, in order, and never more than the bound is in.
    #[test]
    fn a_pipe_is_a_bounded_queue(
        max in 1_usize..20,
        ops in proptest::collection::vec((any::<bool>(), 0_usize..30), 0..60),
    ) {
        let (mut near, mut far) = duplex(max);
        let mut model: VecDeque<u8> = VecDeque::new();
        let mut next = 0_u8;
        for (write, len) in ops {
            if write {
                let data: Vec<u8> = (0..len).map(|n| next.wrapping_add(n as u8)).collect();
                let room = (max - model.len()).min(len);
                match poll_once(&mut near.write(&data)) {
                    Poll::Ready(result) => prop_assert_eq!(plain(result), Ok(room)),
                    Poll::Pending => prop_assert!(room == 0 && len > 0),
                }
                model.extend(&data[..room]);
                next = next.wrapping_add(room as u8);
            } else {
                let mut buf = vec![0; len];
                let held = model.len().min(len);
                match poll_once(&mut far.read(&mut buf)) {
                    Poll::Ready(result) => prop_assert_eq!(plain(result), Ok(held)),
                    Poll::Pending => prop_assert!(held == 0 && len > 0),
                }
                prop_assert!(model.drain(..held).eq(buf[..held].iter().copied()));
            }
        }
        drop(near);
        let mut rest = Vec::new();
        block_on(far.read_to_end(&mut rest)).unwrap();
        prop_assert!(model.into_iter().eq(rest));
    }

    #[test]
    fn a_cursor_is_std(
        data in proptest::collection::vec(any::<u8>(), 0..20),
        ops in proptest::collection::vec((0_u8..5, -10_i64..30), 0..20),
    ) {
        use std::io::{Read, Seek, Write};
        let (mut ours, mut std) = (Cursor::new(data.clone()), std::io::Cursor::new(data));
        for (op, n) in ops {
            let (mut a, mut b) = ([0; 5], [0; 5]);
            let pos = match op {
                0 => {
                    prop_assert_eq!(plain(block_on(ours.read(&mut a))), plain(std.read(&mut b)));
                    prop_assert_eq!(a, b);
                    continue;
                }
                1 => {
                    let (x, y) = (block_on(ours.write(&[n as u8; 3])), std.write(&[n as u8; 3]));
                    prop_assert_eq!(plain(x), plain(y));
                    continue;
                }
                2 => SeekFrom::Start(n.unsigned_abs()),
                3 => SeekFrom::Current(n),
                _ => SeekFrom::End(n),
            };
            prop_assert_eq!(plain(block_on(ours.seek(pos))), plain(std.seek(pos)));
        }
        prop_assert_eq!(ours.position(), std.position());
        prop_assert_eq!(ours.into_inner(), std.into_inner());
    }
}

#[test]
fn ping_pong() {
    let (mut a, mut b) = duplex(32);
    let mut buf = [0; 4];
    block_on(async {
        a.write_all(b"ping").await.unwrap();
        b.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"ping");
        b.write_all(b"pong").await.unwrap();
        a.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"pong");
    });
}

#[test]
fn across_threads() {
    let (mut a, mut b) = duplex(3);
    let data: Vec<u8> = (0..10_000_u32).map(|n| n as u8).collect();
    let expected = data.clone();
    let writer = thread::spawn(move || {
        block_on(a.write_all(&data)).unwrap();
        block_on(a.shutdown()).unwrap();
        let mut echo = Vec::new();
        block_on(a.read_to_end(&mut echo)).unwrap();
        echo
    });
    let mut got = Vec::new();
    block_on(b.read_to_end(&mut got)).unwrap();
    assert!(got == expected);
    block_on(b.write_all(&got)).unwrap();
    drop(b);
    assert!(writer.join().unwrap() == expected);
}

#[test]
fn a_dropped_end_is_the_end_for_the_reader() {
    let (mut a, mut b) = duplex(32);
    let mut text = String::new();
    let (_, read) = block_on(join(
        async {
            a.write_all(b"ping").await.unwrap();
            drop(a);
        },
        b.read_to_string(&mut text),
    ));
    assert_eq!((read.unwrap(), text.as_str()), (4, "ping"));
    let error = block_on(b.write(b"")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_dropped_end_is_a_broken_pipe_for_the_waiting_writer() {
    let (mut a, b) = duplex(2);
    let (result, ()) = block_on(join(a.write_all(b"ping"), async { drop(b) }));
    assert_eq!(plain(result), Err(ErrorKind::BrokenPipe));
}

#[test]
fn after_shutdown_nothing_can_be_written_but_read() {
    let (mut a, mut b) = duplex(8);
    block_on(a.shutdown()).unwrap();
    assert_eq!(plain(block_on(a.write(b"x"))), Err(ErrorKind::BrokenPipe));
    assert_eq!(block_on(b.read(&mut [0; 4])).unwrap(), 0);
    block_on(b.write_all(b"still")).unwrap();
    let mut buf = [0; 5];
    block_on(a.read_exact(&mut buf)).unwrap();
    assert_eq!(&buf, b"still");
}

#[test]
fn a_full_pipe_waits_for_its_reader() {
    let (mut reader, mut writer) = simplex(4);
    let mut write = writer.write_all(b"hello!");
    assert!(poll_once(&mut write).is_pending());
    assert_eq!(write.bytes_written(), 4);
    let mut buf = [0; 3];
    block_on(reader.read_exact(&mut buf)).unwrap();
    block_on(write).unwrap();
    let mut rest = [0; 3];
    block_on(reader.read_exact(&mut rest)).unwrap();
    assert_eq!([buf, rest].concat(), b"hello!");
}

#[test]
fn the_ends_of_a_simplex_close_when_dropped() {
    let (mut reader, mut writer) = simplex(8);
    block_on(writer.write_all(b"last")).unwrap();
    let mut text = String::new();
    let mut read = reader.read_to_string(&mut text);
    assert!(poll_once(&mut read).is_pending());
    drop(writer);
    assert_eq!(block_on(read).unwrap(), 4);

    let (reader, mut writer) = simplex(1);
    let (result, ()) = block_on(join(writer.write_all(b"ab"), async { drop(reader) }));
    assert_eq!(plain(result), Err(ErrorKind::BrokenPipe));
}

#[test]
fn a_simplex_put_together_is_still_open() {
    let (reader, mut writer) = simplex(8);
    block_on(writer.write_all(b"ab")).unwrap();
    let mut whole: SimplexStream = reader.unsplit(writer);
    block_on(whole.write_all(b"cd")).unwrap();
    let mut buf = [0; 4];
    block_on(whole.read_exact(&mut buf)).unwrap();
    assert_eq!(&buf, b"abcd");
    assert!(poll_once(&mut whole.read(&mut buf)).is_pending());
}

#[test]
#[should_panic(expected = "`max_buf_size` must be greater than 0")]
fn a_pipe_without_room_is_refused() {
    duplex(0);
}

#[test]
fn trivial_streams() {
    let mut buf = [1; 3];
    assert_eq!(block_on(empty().read(&mut buf)).unwrap(), 0);
    assert_eq!(block_on(empty().write(&buf)).unwrap(), 3);
    assert_eq!(block_on(empty().seek(SeekFrom::End(9))).unwrap(), 0);
    assert_eq!(block_on(sink().write(&buf)).unwrap(), 3);
    assert_eq!(block_on(repeat(7).read(&mut buf)).unwrap(), 3);
    assert_eq!(buf, [7; 3]);
    let count = block_on(sinew_io::copy(&mut repeat(0).take(100_000), &mut sink()));
    assert_eq!(count.unwrap(), 100_000);
}
