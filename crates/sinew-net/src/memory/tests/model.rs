//! A connection does what two queues with a flag each would do.

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice, IoSliceMut};

use futures::FutureExt;
use futures::executor::block_on;
use proptest::prelude::*;

use super::pair;
use crate::Interest;

const CAPACITY: usize = 7;

#[derive(Clone, Debug)]
enum Step {
    Write(Vec<u8>),
    WriteVectored(Vec<u8>, Vec<u8>),
    Read(usize),
    ReadVectored(usize, usize),
    Peek(usize),
    Close,
}

fn step() -> impl Strategy<Value = (bool, Step)> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..10);
    let what = prop_oneof![
        4 => bytes().prop_map(Step::Write),
        2 => (bytes(), bytes()).prop_map(|(a, b)| Step::WriteVectored(a, b)),
        4 => (0..10_usize).prop_map(Step::Read),
        2 => (0..5_usize, 0..5_usize).prop_map(|(a, b)| Step::ReadVectored(a, b)),
        2 => (0..10_usize).prop_map(Step::Peek),
        1 => Just(Step::Close),
    ];
    (any::<bool>(), what)
}

/// One direction.
#[derive(Default)]
struct Queue {
    bytes: VecDeque<u8>,
    closed: bool,
}

impl Queue {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let room = CAPACITY - self.bytes.len();
        if self.closed {
            return Err(ErrorKind::BrokenPipe);
        }
        if room == 0 && !bytes.is_empty() {
            return Err(ErrorKind::WouldBlock);
        }
        let count = room.min(bytes.len());
        self.bytes.extend(&bytes[..count]);
        Ok(count)
    }

    fn peek(&self, len: usize) -> Result<Vec<u8>, ErrorKind> {
        if len > 0 && self.bytes.is_empty() && !self.closed {
            return Err(ErrorKind::WouldBlock);
        }
        Ok(self.bytes.iter().copied().take(len).collect())
    }

    fn read(&mut self, len: usize) -> Result<Vec<u8>, ErrorKind> {
        let read = self.peek(len)?;
        self.bytes.drain(..read.len());
        Ok(read)
    }
}

fn kind<T>(done: std::io::Result<T>) -> Result<T, ErrorKind> {
    done.map_err(|error| error.kind())
}

proptest! {
    #[test]
    fn a_connection_is_two_queues(steps in prop::collection::vec(step(), 0..60)) {
        let ends: [_; 2] = pair(CAPACITY).into();
        // `queues[n]` is what end `n` has sent.
        let mut queues = [Queue::default(), Queue::default()];
        for (side, step) in steps {
            let (end, mine, theirs) = (&ends[usize::from(side)], usize::from(side), usize::from(!side));
            match step {
                Step::Write(bytes) => {
                    prop_assert_eq!(kind(end.try_write(&bytes)), queues[mine].write(&bytes));
                }
                Step::WriteVectored(a, b) => {
                    let done = kind(end.try_write_vectored(&[IoSlice::new(&a), IoSlice::new(&b)]));
                    prop_assert_eq!(done, queues[mine].write(&[a, b].concat()));
                }
                Step::Read(len) => {
                    let mut buf = vec![0; len];
                    let done = kind(end.try_read(&mut buf)).map(|count| buf[..count].to_vec());
                    prop_assert_eq!(done, queues[theirs].read(len));
                }
                Step::ReadVectored(a, b) => {
                    let mut buf = vec![0; a + b];
                    let (one, two) = buf.split_at_mut(a);
                    let mut bufs = [IoSliceMut::new(one), IoSliceMut::new(two)];
                    let done = kind(end.try_read_vectored(&mut bufs));
                    let done = done.map(|count| buf[..count].to_vec());
                    prop_assert_eq!(done, queues[theirs].read(a + b));
                }
                Step::Peek(len) => {
                    let mut buf = vec![0; len];
                    let done = end.peek(&mut buf).now_or_never();
                    let done = done.unwrap_or(Err(ErrorKind::WouldBlock.into()));
                    let done = kind(done).map(|count| buf[..count].to_vec());
                    prop_assert_eq!(done, queues[theirs].peek(len));
                }
                Step::Close => {
                    block_on(futures::AsyncWriteExt::close(&mut &*end)).unwrap();
                    queues[mine].closed = true;
                }
            }
            // Readiness says what the next operation would say.
            let ready = end.ready(Interest::READABLE).now_or_never().is_some();
            prop_assert_eq!(ready, queues[theirs].peek(1).is_ok());
            let ready = end.ready(Interest::WRITABLE).now_or_never().is_some();
            let full = queues[mine].bytes.len() == CAPACITY && !queues[mine].closed;
            prop_assert_eq!(ready, !full);
        }
    }
}
