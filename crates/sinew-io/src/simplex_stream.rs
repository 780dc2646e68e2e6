use std::io::{IoSlice, IoSliceMut, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use sinew_core::coop;

use crate::split::{ReadHalf, Side, WriteHalf, split_with};

pub(crate) mod pipe;

use self::pipe::{Notice, Pipe};

/// A pipe in memory, in one direction: what is written to it can be read from it.
///
/// [`simplex`] gives its two ends, [`new_unsplit`](Self::new_unsplit) the whole. It holds at most
/// as many bytes as it was made for; when it is full, writing waits for reading.
#[derive(Debug)]
pub struct SimplexStream {
    pipe: Pipe,
}

/// Makes a pipe in memory and gives its reading and its writing end.
///
/// At most `max_buf_size` bytes are in it at a time. When the writing end is shut down or dropped,
/// the reading end yields what is left and then ends. When the reading end is dropped, writing
/// fails with `BrokenPipe`.
///
/// # Panics
///
/// Panics if `max_buf_size` is 0.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{AsyncReadExt, AsyncWriteExt, simplex};
///
/// let (mut reader, mut writer) = simplex(64);
/// writer.write_all(b"ping").await?;
/// drop(writer);
///
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "ping");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn simplex(max_buf_size: usize) -> (ReadHalf<SimplexStream>, WriteHalf<SimplexStream>) {
    split_with(SimplexStream::new_unsplit(max_buf_size), |stream, side| {
        stream.get_mut().leave(side)
    })
}

impl SimplexStream {
    /// Makes a pipe that holds at most `max_buf_size` bytes, with both ends in one value.
    ///
    /// # Panics
    ///
    /// Panics if `max_buf_size` is 0.
    #[track_caller]
    pub fn new_unsplit(max_buf_size: usize) -> Self {
        Self {
            pipe: Pipe::new(max_buf_size),
        }
    }

    /// The end of one side.
    fn leave(&mut self, side: Side) -> Notice {
        match side {
            Side::Read => self.pipe.close_read(),
            Side::Write => self.pipe.close_write(),
        }
    }
}

fn settle<T>((result, notice): (Poll<T>, Notice)) -> Poll<T> {
    notice.deliver();
    result
}

impl AsyncRead for SimplexStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.poll_read_vectored(cx, &mut [IoSliceMut::new(buf)])
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let result = settle(self.pipe.poll_read(cx, bufs));
        if result.is_ready() {
            proceed.made_progress();
        }
        result
    }
}

impl AsyncWrite for SimplexStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let result = settle(self.pipe.poll_write(cx, bufs));
        if result.is_ready() {
            proceed.made_progress();
        }
        result
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        self.pipe.close_write().deliver();
        Poll::Ready(Ok(()))
    }
}
