use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Condvar, Mutex};
use std::task::{Context, Poll};

use futures::executor::block_on;
use futures_io::AsyncWrite;

use sinew_testing::cancel::every_pending;

use super::{Cut, Handle, MOST, Output};
use crate::AsyncWriteExt;

/// Defines an output of its own, and what has come out of it.
macro_rules! output {
    ($output:ident, $seen:ident) => {
        static $seen: Seen = Seen {
            pieces: Mutex::new(Vec::new()),
            changed: Condvar::new(),
        };
        static $output: Output =
            Output::new("output-test", |bytes, flush| $seen.take(bytes, flush));
    };
}

struct Seen {
    pieces: Mutex<Vec<(String, bool)>>,
    changed: Condvar,
}

impl Seen {
    fn take(&self, bytes: &[u8], flush: bool) -> io::Result<()> {
        if bytes == b"bad\n" {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let piece = String::from_utf8_lossy(bytes).into_owned();
        self.pieces.lock().unwrap().push((piece, flush));
        self.changed.notify_all();
        Ok(())
    }

    fn wait_for(&self, count: usize) -> Vec<(String, bool)> {
        let pieces = self.pieces.lock().unwrap();
        let enough = |pieces: &mut Vec<_>| pieces.len() < count;
        self.changed.wait_while(pieces, enough).unwrap().clone()
    }
}

struct Writer(Handle);

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, &[io::IoSlice::new(buf)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

fn writer(output: &'static Output, cut: Cut) -> Writer {
    Writer(Handle::new(output, cut, Location::caller()))
}

fn piece(text: &str, flush: bool) -> (String, bool) {
    (text.to_owned(), flush)
}

#[test]
fn lines_are_not_torn() {
    output!(OUTPUT, SEEN);
    let (mut a, mut b) = (writer(&OUTPUT, Cut::Lines), writer(&OUTPUT, Cut::Lines));
    block_on(async {
        a.write_all(b"one ").await.unwrap();
        b.write_all(b"other\nbeg").await.unwrap();
        a.write_all(b"line\n").await.unwrap();
        a.flush().await.unwrap();
        b.flush().await.unwrap();
        // Nothing was written since.
        b.flush().await.unwrap();
    });
    let expected = [
        piece("other\n", false),
        piece("one line\n", false),
        piece("", true),
        piece("beg", true),
    ];
    assert_eq!(SEEN.wait_for(4), expected);
}

#[test]
fn what_was_begun_goes_out_when_the_handle_is_dropped() {
    output!(OUTPUT, SEEN);
    let mut a = writer(&OUTPUT, Cut::Lines);
    block_on(a.write_all(b"beg")).unwrap();
    drop(a);
    assert_eq!(SEEN.wait_for(1), [piece("beg", true)]);
}

#[test]
fn a_flush_waits_for_what_other_handles_have_handed_on() {
    output!(OUTPUT, SEEN);
    for round in 1..100 {
        block_on(async {
            let mut a = writer(&OUTPUT, Cut::Lines);
            a.write_all(b"line\nbeg").await.unwrap();
            drop(a);
            writer(&OUTPUT, Cut::Lines).flush().await.unwrap();
        });
        let pieces = SEEN.pieces.lock().unwrap();
        let beginnings = pieces.iter().filter(|piece| piece.0 == "beg");
        assert_eq!(beginnings.count(), round);
    }
}

#[test]
fn nothing_is_held_back_where_nothing_is_cut() {
    output!(OUTPUT, SEEN);
    let mut a = writer(&OUTPUT, Cut::Nowhere);
    block_on(a.write_all(b"beg")).unwrap();
    assert_eq!(SEEN.wait_for(1), [piece("beg", false)]);
}

#[test]
fn an_error_comes_with_the_next_write() {
    output!(OUTPUT, SEEN);
    let mut a = writer(&OUTPUT, Cut::Lines);
    block_on(async {
        a.write_all(b"bad\n").await.unwrap();
        let error = a.write_all(b"good\n").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        a.write_all(b"good\n").await.unwrap();
        a.flush().await.unwrap();
    });
    assert_eq!(SEEN.wait_for(2)[0], piece("good\n", false));
}

#[test]
fn a_line_without_an_end_goes_out_in_parts() {
    output!(OUTPUT, SEEN);
    let mut a = writer(&OUTPUT, Cut::Lines);
    let long = "x".repeat(MOST + 5);
    block_on(async {
        a.write_all(long.as_bytes()).await.unwrap();
        a.flush().await.unwrap();
    });
    let pieces = SEEN.wait_for(2);
    assert_eq!(
        pieces.iter().map(|(p, _)| p.as_str()).collect::<String>(),
        long
    );
}

/// Whichever write or flush is dropped, what a write has taken comes out once and in order.
#[test]
fn no_line_is_lost_or_doubled_at_any_await() {
    output!(OUTPUT, SEEN);
    const LINES: [&str; 3] = ["a\n", "b\n", "c\n"];
    /// Writes what no write has taken yet.
    async fn write((writer, taken): &mut (Writer, usize)) {
        while let Some(line) = LINES.get(*taken) {
            assert_eq!(writer.write(line.as_bytes()).await.unwrap(), line.len());
            *taken += 1;
            writer.flush().await.unwrap();
        }
    }
    let runs = block_on(every_pending(
        async || {
            SEEN.pieces.lock().unwrap().clear();
            let handle = Handle::new(&OUTPUT, Cut::Lines, Location::caller());
            ((Writer(handle), 0), ())
        },
        async |writer| write(writer).await,
        |(), _| {},
        async |mut writer, (), _| {
            write(&mut writer).await;
            writer.0.flush().await.unwrap();
            let seen = SEEN.pieces.lock().unwrap().clone();
            let seen: String = seen.into_iter().map(|(piece, _)| piece).collect();
            assert_eq!(seen, LINES.concat());
        },
    ));
    assert!(runs > 1, "{runs}");
}
