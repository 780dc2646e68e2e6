//! Readers and writers that do what a list of steps says, both asynchronously and, with the
//! `Pending` steps left out, as `std`'s traits.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use sinew_io::{AsyncRead, AsyncWrite};

/// The kind of the errors that scripts make.
pub(crate) const SCRIPTED: ErrorKind = ErrorKind::ConnectionReset;

#[derive(Clone, Debug)]
pub(crate) enum In {
    Data(Vec<u8>),
    Pending,
    Interrupted,
    Fail,
}

/// A reader that ends when its script does.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    steps: VecDeque<In>,
}

impl Reader {
    pub(crate) fn new(steps: impl IntoIterator<Item = In>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }

    /// The data in chunks as given, with a `Pending` before each and before the end.
    pub(crate) fn chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let data = chunks.into_iter().map(|c| In::Data(c.to_vec()));
        Self::new(data.flat_map(|d| [In::Pending, d]).chain([In::Pending]))
    }

    /// What is left to read if nothing fails.
    pub(crate) fn left(&self) -> Vec<u8> {
        let data = self.steps.iter().filter_map(|s| match s {
            In::Data(data) => Some(&data[..]),
            _ => None,
        });
        data.collect::<Vec<_>>().concat()
    }
}

/// The same script for `std`'s traits. A type of its own, because a type that implements both
/// families makes every method call ambiguous.
#[derive(Clone, Debug)]
pub(crate) struct Std<T>(pub(crate) T);

impl io::Read for Std<Reader> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_now(buf)
    }
}

impl io::Write for Std<Writer> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write_now(&[IoSlice::new(buf)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flushed = self.0.written.len();
        Ok(())
    }
}

impl Reader {
    /// Reads once, over whatever is pending.
    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match self.steps.pop_front() {
                None => return Ok(0),
                Some(In::Pending) => {}
                Some(In::Interrupted) => return Err(ErrorKind::Interrupted.into()),
                Some(In::Fail) => return Err(SCRIPTED.into()),
                Some(In::Data(mut data)) => {
                    let n = data.len().min(buf.len());
                    buf[..n].copy_from_slice(&data[..n]);
                    data.drain(..n);
                    if !data.is_empty() {
                        self.steps.push_front(In::Data(data));
                    }
                    return Ok(n);
                }
            }
        }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if let (false, Some(In::Pending)) = (buf.is_empty(), self.steps.front()) {
            self.steps.pop_front();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.read_now(buf))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Out {
    Take(usize),
    Pending,
    Interrupted,
    Fail,
    Zero,
}

/// A writer that takes everything once its script is over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    steps: VecDeque<Out>,
    pub(crate) written: Vec<u8>,
    /// How much was written at the last flush.
    pub(crate) flushed: usize,
    pub(crate) closed: bool,
}

impl Writer {
    pub(crate) fn new(steps: impl IntoIterator<Item = Out>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            ..Self::default()
        }
    }

    fn pends(&mut self, cx: &Context<'_>) -> bool {
        let pends = matches!(self.steps.front(), Some(Out::Pending));
        if pends {
            self.steps.pop_front();
            cx.waker().wake_by_ref();
        }
        pends
    }
}

impl Writer {
    /// Writes once, over whatever is pending.
    fn write_now(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let total: usize = bufs.iter().map(|b| b.len()).sum();
        if total == 0 {
            return Ok(0);
        }
        let max = loop {
            match self.steps.pop_front() {
                None => break total,
                Some(Out::Take(n)) => break n,
                Some(Out::Pending) => {}
                Some(Out::Zero) => return Ok(0),
                Some(Out::Interrupted) => return Err(ErrorKind::Interrupted.into()),
                Some(Out::Fail) => return Err(SCRIPTED.into()),
            }
        };
        let mut left = max;
        for buf in bufs {
            let n = buf.len().min(left);
            self.written.extend_from_slice(&buf[..n]);
            left -= n;
        }
        Ok(max - left)
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.pends(cx) {
            return Poll::Pending;
        }
        Poll::Ready(self.write_now(bufs))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pends(cx) {
            return Poll::Pending;
        }
        self.flushed = self.written.len();
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pends(cx) {
            return Poll::Pending;
        }
        self.closed = true;
        Poll::Ready(Ok(()))
    }
}

/// Bytes in which lines, delimiters, long characters and invalid UTF-8 are all likely.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-c\n]{1,6}".prop_map(String::into_bytes),
        3 => "[aé€𝄞\r\n]{1,4}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
        1 => proptest::collection::vec(any::<u8>(), 30..80),
    ]
}

/// Bytes of every kind, and the places at which they are cut.
fn chunked(data: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<In>> {
    let cuts = proptest::collection::vec((1_usize..7, 0..8_u8), 0..60);
    (data, cuts).prop_map(|(data, cuts)| {
        let mut steps = Vec::new();
        let mut rest = &data[..];
        for (len, what) in cuts {
            match what {
                0 => steps.push(In::Interrupted),
                1..4 => steps.push(In::Pending),
                _ => {}
            }
            let (chunk, after) = rest.split_at(len.min(rest.len()));
            if !chunk.is_empty() {
                steps.push(In::Data(chunk.to_vec()));
            }
            rest = after;
        }
        if !rest.is_empty() {
            steps.push(In::Data(rest.to_vec()));
        }
        steps
    })
}

/// A reader of arbitrary bytes in arbitrary chunks, which does not fail.
pub(crate) fn sound_reader() -> impl Strategy<Value = Reader> {
    let data = proptest::collection::vec(piece(), 0..12).prop_map(|p| p.concat());
    chunked(data).prop_map(Reader::new)
}

/// A reader of text in arbitrary chunks, which does not fail.
pub(crate) fn text_reader() -> impl Strategy<Value = Reader> {
    chunked("[ab é€𝄞\r\n]{0,40}".prop_map(String::into_bytes)).prop_map(Reader::new)
}

/// A reader of arbitrary bytes in arbitrary chunks, which may fail in the middle.
pub(crate) fn reader() -> impl Strategy<Value = Reader> {
    (
        sound_reader(),
        proptest::option::of(any::<prop::sample::Index>()),
    )
        .prop_map(|(mut reader, fail)| {
            if let Some(at) = fail {
                let at = at.index(reader.steps.len() + 1);
                reader.steps.insert(at, In::Fail);
            }
            reader
        })
}

fn out_step() -> impl Strategy<Value = Out> {
    prop_oneof![
        4 => (1_usize..9).prop_map(Out::Take),
        1 => (9_usize..200).prop_map(Out::Take),
        3 => Just(Out::Pending),
        1 => Just(Out::Interrupted),
    ]
}

/// A writer that takes arbitrary amounts and does not fail.
pub(crate) fn sound_writer() -> impl Strategy<Value = Writer> {
    proptest::collection::vec(out_step(), 0..60).prop_map(Writer::new)
}

/// A writer that takes arbitrary amounts and may fail or take nothing more.
pub(crate) fn writer() -> impl Strategy<Value = Writer> {
    let step = prop_oneof![20 => out_step(), 1 => Just(Out::Fail), 1 => Just(Out::Zero)];
    proptest::collection::vec(step, 0..60).prop_map(Writer::new)
}

/// A result that can be compared.
pub(crate) fn plain<T>(result: io::Result<T>) -> Result<T, ErrorKind> {
    result.map_err(|e| e.kind())
}

/// Polls once with a waker that does nothing.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}
