use std::io::{IoSlice, IoSliceMut, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use sinew_core::coop;

use crate::simplex_stream::pipe::Pipe;

/// One end of a connection in memory, made by [`duplex`].
///
/// [`shutdown`](crate::AsyncWriteExt::shutdown) ends its writing; reading goes on.
#[derive(Debug)]
pub struct DuplexStream {
    read: Arc<Mutex<Pipe>>,
    write: Arc<Mutex<Pipe>>,
}

/// Makes two streams that are connected to each other, as two ends of a socket are.
///
/// In each direction at most `max_buf_size` bytes are on the way; when that many are, writing waits
/// for the other end to read. When one end is dropped, the other yields what is left and then ends,
/// and writing to it fails with `BrokenPipe`.
///
/// # Panics
///
/// Panics if `max_buf_size` is 0.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{AsyncReadExt, AsyncWriteExt, duplex};
///
/// let (mut client, mut server) = duplex(64);
/// client.write_all(b"ping").await?;
///
/// let mut buf = [0; 4];
/// server.read_exact(&mut buf).await?;
/// server.write_all(b"pong").await?;
/// drop(server);
///
/// let mut answer = String::new();
/// client.read_to_string(&mut answer).await?;
/// assert_eq!(answer, "pong");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn duplex(max_buf_size: usize) -> (DuplexStream, DuplexStream) {
    let one = Arc::new(Mutex::new(Pipe::new(max_buf_size)));
    let two = Arc::new(Mutex::new(Pipe::new(max_buf_size)));
    (
        DuplexStream {
            read: one.clone(),
            write: two.clone(),
        },
        DuplexStream {
            read: two,
            write: one,
        },
    )
}

/// The pipe runs no foreign code that leaves it half changed: only cloning a waker can panic, and
/// it comes before any change. A poisoned lock guards a sound pipe.
fn lock(pipe: &Mutex<Pipe>) -> MutexGuard<'_, Pipe> {
    pipe.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsyncRead for DuplexStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.poll_read_vectored(cx, &mut [IoSliceMut::new(buf)])
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let (result, notice) = lock(&self.read).poll_read(cx, bufs);
        notice.deliver();
        if result.is_ready() {
            proceed.made_progress();
        }
        result
    }
}

impl AsyncWrite for DuplexStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let (result, notice) = lock(&self.write).poll_write(cx, bufs);
        notice.deliver();
        if result.is_ready() {
            proceed.made_progress();
        }
        result
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        let notice = lock(&self.write).close_write();
        notice.deliver();
        Poll::Ready(Ok(()))
    }
}

impl Drop for DuplexStream {
    fn drop(&mut self) {
        let to_reader = lock(&self.write).close_write();
        let to_writer = lock(&self.read).close_read();
        to_reader.deliver();
        to_writer.deliver();
    }
}
