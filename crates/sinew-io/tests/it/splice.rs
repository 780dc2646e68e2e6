//! The seam to the system: whatever a source and a target answer, the bytes are the same.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{ErrorKind, Result};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};

use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use sinew_core::borrowed_any::Shrink;
use sinew_io::splice::{Descriptor, Finder, Relay, Source, Spliced, Target, register};
use sinew_io::{AsyncRead, AsyncWrite, BufReader, copy};

use crate::script::{SCRIPTED, plain};

/// What a source does when it is asked.
#[derive(Clone, Debug)]
enum Answer {
    Moves(usize),
    Pending,
    NotNow,
    /// It has read this many bytes, and gives them back.
    Never(usize),
    Fails,
}

/// A reader that is a source as well.
struct Giver(RefCell<Given>);

struct Given {
    left: VecDeque<u8>,
    answers: VecDeque<Answer>,
    asked: usize,
}

/// A writer that is a target as well.
struct Taker<'a> {
    written: &'a RefCell<Vec<u8>>,
    admits: bool,
}

thread_local! {
    /// What is between a source and its target: the system's part, in a test.
    static SYSTEM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

// SAFETY: it has no lifetimes.
unsafe impl Shrink for Giver {
    type To<'a> = Giver;
}

// SAFETY: its one lifetime is that of a shared reference.
unsafe impl Shrink for Taker<'static> {
    type To<'a> = Taker<'a>;
}

impl Giver {
    fn new(bytes: impl IntoIterator<Item = u8>, answers: Vec<Answer>) -> Giver {
        static OFFERED: Once = Once::new();
        OFFERED.call_once(|| {
            register(Finder {
                source: |reader| Some(reader.downcast::<Giver>()?),
                target: |writer| Some(writer.downcast::<Taker<'static>>()?),
            });
        });
        Giver(RefCell::new(Given {
            left: bytes.into_iter().collect(),
            answers: answers.into(),
            asked: 0,
        }))
    }

    fn asked(&self) -> usize {
        self.0.borrow().asked
    }
}

impl AsyncRead for Giver {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut [u8]) -> Poll<Result<usize>> {
        let left = &mut self.0.borrow_mut().left;
        let count = buf.len().min(left.len());
        for (to, from) in buf.iter_mut().zip(left.drain(..count)) {
            *to = from;
        }
        Poll::Ready(Ok(count))
    }
}

impl Source for Giver {
    fn poll_splice(
        &self,
        cx: &mut Context<'_>,
        target: &dyn Target,
        relay: &mut Relay,
    ) -> Poll<Result<Spliced>> {
        let given = &mut *self.0.borrow_mut();
        given.asked += 1;
        // It is the same relay each time.
        let steps: &mut usize = relay.state();
        *steps += 1;
        assert_eq!(*steps, given.asked);
        match given.answers.pop_front() {
            Some(Answer::Moves(count)) => {
                let count = count.min(given.left.len());
                if count == 0 {
                    return Poll::Ready(Ok(Spliced::End));
                }
                target
                    .poll_take(cx, &mut |_| {
                        SYSTEM.with_borrow_mut(|system| system.extend(given.left.drain(..count)));
                        Ok(count)
                    })
                    .map_ok(Spliced::Moved)
            }
            Some(Answer::Pending) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Answer::NotNow) => Poll::Ready(Ok(Spliced::NotNow)),
            Some(Answer::Never(count)) => {
                let count = count.min(given.left.len());
                Poll::Ready(Ok(Spliced::Never(given.left.drain(..count).collect())))
            }
            Some(Answer::Fails) => Poll::Ready(Err(SCRIPTED.into())),
            None => Poll::Ready(Ok(Spliced::NotNow)),
        }
    }
}

impl AsyncWrite for Taker<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let count = buf.len().min(3000);
        self.written.borrow_mut().extend(&buf[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Target for Taker<'_> {
    fn admits(&self) -> bool {
        self.admits
    }

    fn poll_take(
        &self,
        _: &mut Context<'_>,
        take: &mut dyn FnMut(Descriptor<'_>) -> Result<usize>,
    ) -> Poll<Result<usize>> {
        // Some descriptor: the source here does nothing to it.
        let count = take(std::io::stdin().as_fd())?;
        let moved = SYSTEM.take();
        assert_eq!(moved.len(), count);
        self.written.borrow_mut().extend(moved);
        Poll::Ready(Ok(count))
    }
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

fn answer() -> impl Strategy<Value = Answer> {
    // Nothing moved is the end, which is when nothing is left.
    prop_oneof![
        4 => (1..40_000_usize).prop_map(Answer::Moves),
        2 => Just(Answer::Pending),
        2 => Just(Answer::NotNow),
        1 => (0..20_000_usize).prop_map(Answer::Never),
    ]
}

proptest! {
    #[test]
    fn whatever_the_source_answers_the_bytes_are_the_same(
        len in 0..200_000_usize,
        answers in vec(answer(), 0..12),
        fails in any::<bool>(),
    ) {
        let expected = pattern(len);
        let fails = fails.then_some(Answer::Fails);
        let mut from = Giver::new(expected.clone(), answers.into_iter().chain(fails).collect());
        let written = RefCell::default();
        let mut to = Taker { written: &written, admits: true };
        let result = plain(block_on(copy(&mut from, &mut to)));
        let written = written.into_inner();
        match result {
            Ok(count) => {
                prop_assert_eq!(count, len as u64);
                prop_assert!(written == expected);
            }
            Err(kind) => {
                // What was read before has been written.
                prop_assert_eq!(kind, SCRIPTED);
                let left = Vec::from(from.0.into_inner().left);
                prop_assert!([written, left].concat() == expected);
            }
        }
    }
}

fn copied(from: &mut (impl AsyncRead + Unpin), admits: bool) -> Vec<u8> {
    let written = RefCell::default();
    let mut to = Taker {
        written: &written,
        admits,
    };
    block_on(copy(from, &mut to)).unwrap();
    written.into_inner()
}

#[test]
fn few_bytes_go_through_the_buffer() {
    let bytes = pattern(16 * 1024 - 1);
    let mut from = Giver::new(bytes.clone(), vec![Answer::Moves(1)]);
    assert_eq!(copied(&mut from, true), bytes);
    assert_eq!(from.asked(), 0);
}

#[test]
fn many_bytes_are_moved_by_the_source() {
    let bytes = pattern(100_000);
    let moves = vec![
        Answer::Moves(50_000),
        Answer::Moves(50_000),
        Answer::Moves(1),
    ];
    let mut from = Giver::new(bytes.clone(), moves);
    assert_eq!(copied(&mut from, true), bytes);
    assert_eq!(from.asked(), 3);
}

#[test]
fn a_source_that_never_can_is_not_asked_again() {
    let bytes = pattern(100_000);
    let mut from = Giver::new(bytes.clone(), vec![Answer::Never(20_000)]);
    assert_eq!(copied(&mut from, true), bytes);
    assert_eq!(from.asked(), 1);
}

#[test]
fn a_source_is_not_asked_for_what_is_read_through_something_else() {
    let bytes = pattern(100_000);
    let from = Giver::new(bytes.clone(), vec![Answer::Moves(1)]);
    let mut from = BufReader::new(from);
    assert_eq!(copied(&mut from, true), bytes);
    assert_eq!(from.get_ref().asked(), 0);
}

#[test]
fn a_target_may_decline() {
    let bytes = pattern(100_000);
    let mut from = Giver::new(bytes.clone(), vec![Answer::Moves(1)]);
    assert_eq!(copied(&mut from, false), bytes);
    assert_eq!(from.asked(), 0);
}

#[test]
fn a_writer_that_nobody_knows_gets_everything() {
    let bytes = pattern(100_000);
    let mut from = Giver::new(bytes.clone(), vec![Answer::Fails]);
    let mut to = Vec::new();
    assert_eq!(block_on(copy(&mut from, &mut to)).unwrap(), 100_000);
    assert_eq!(to, bytes);
    assert_eq!(from.asked(), 0);
}

#[test]
fn an_error_comes_after_what_was_read() {
    let mut from = Giver::new(pattern(100_000), vec![Answer::Fails]);
    let written = RefCell::default();
    let mut to = Taker {
        written: &written,
        admits: true,
    };
    let error = block_on(copy(&mut from, &mut to)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(written.into_inner(), pattern(16 * 1024));
}
