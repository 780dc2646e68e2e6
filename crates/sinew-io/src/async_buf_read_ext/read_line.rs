use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncBufRead;

use super::read_until::poll_until;
use crate::utf8::Appender;

/// The future of [`AsyncBufReadExt::read_line`](crate::AsyncBufReadExt::read_line).
///
/// It holds how far it has come, and it is `Unpin`: await `&mut read_line` in a `select!` and await
/// it again later, and nothing is lost. Dropping it leaves the whole characters that were read in
/// the string.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadLine<'a, R: ?Sized> {
    reader: &'a mut R,
    output: &'a mut String,
    appender: Appender,
    read: usize,
}

impl<'a, R: ?Sized> ReadLine<'a, R> {
    pub(super) fn new(reader: &'a mut R, output: &'a mut String) -> Self {
        let appender = Appender::new(output);
        Self {
            reader,
            output,
            appender,
            read: 0,
        }
    }

    /// How many bytes have been read so far.
    pub fn bytes_read(&self) -> usize {
        self.read
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadLine<'_, R> {
    type Output = Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let (output, appender) = (&mut *me.output, &mut me.appender);
        let reader = Pin::new(&mut *me.reader);
        let read = ready!(poll_until(reader, cx, b'\n', &mut me.read, |chunk| {
            appender.push(output, chunk);
        }));
        let result = match read {
            Ok(count) => appender.finish(output).map(|()| count),
            Err(e) => {
                appender.abandon(output);
                Err(e)
            }
        };
        // Polled again, it reads the next line.
        me.appender = Appender::new(me.output);
        me.read = 0;
        Poll::Ready(result)
    }
}
