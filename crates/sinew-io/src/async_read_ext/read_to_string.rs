use std::future::Future;
use std::io::Result;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::growth::Growth;
use crate::utf8;

/// The future of [`AsyncReadExt::read_to_string`](crate::AsyncReadExt::read_to_string).
///
/// It holds how far it has come, and it is `Unpin`: await `&mut read_to_string` in a `select!` and
/// await it again later. Dropping it leaves what was read and is valid UTF-8 in the string.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadToString<'a, R: ?Sized> {
    reader: &'a mut R,
    output: &'a mut String,
    /// The string's bytes, from the first poll on.
    work: Option<Work>,
}

/// The string taken apart. It goes back into the string when the operation ends or is dropped.
#[derive(Debug)]
struct Work {
    bytes: Vec<u8>,
    growth: Growth,
}

impl<'a, R: ?Sized> ReadToString<'a, R> {
    pub(super) fn new(reader: &'a mut R, output: &'a mut String) -> Self {
        Self {
            reader,
            output,
            work: None,
        }
    }

    /// How many bytes have been read so far.
    pub fn bytes_read(&self) -> usize {
        self.work.as_ref().map_or(0, |w| w.growth.bytes_read())
    }
}

impl Work {
    fn new(output: &mut String) -> Self {
        let bytes = mem::take(output).into_bytes();
        let growth = Growth::new(&bytes);
        Self { bytes, growth }
    }

    /// The string, with `read` saying how reading ended.
    fn finish(mut self, read: Result<()>, output: &mut String) -> Result<usize> {
        let original = self.growth.start();
        if let Err(e) = read {
            self.bytes.truncate(original);
            *output = utf8::valid_prefix(self.bytes);
            return Err(e);
        }
        self.growth.trim(&mut self.bytes);
        match String::from_utf8(self.bytes) {
            Ok(text) => {
                *output = text;
                Ok(self.growth.bytes_read())
            }
            Err(e) => {
                let error = utf8::invalid(e.utf8_error());
                let mut bytes = e.into_bytes();
                bytes.truncate(original);
                *output = utf8::valid_prefix(bytes);
                Err(error)
            }
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToString<'_, R> {
    type Output = Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        // The work stays in place while the reader runs, so that its panic loses nothing.
        let work = me.work.get_or_insert_with(|| Work::new(me.output));
        let reader = Pin::new(&mut *me.reader);
        let read = ready!(work.growth.poll_read_to_end(reader, cx, &mut work.bytes));
        let work = me.work.take();
        Poll::Ready(work.map_or(Ok(0), |work| work.finish(read, me.output)))
    }
}

impl<R: ?Sized> Drop for ReadToString<'_, R> {
    fn drop(&mut self) {
        if let Some(mut work) = self.work.take() {
            work.growth.trim(&mut work.bytes);
            *self.output = utf8::valid_prefix(work.bytes);
        }
    }
}
