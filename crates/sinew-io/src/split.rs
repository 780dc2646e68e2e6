use std::fmt;
use std::io::{IoSlice, IoSliceMut, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::simplex_stream::pipe::Notice;

/// The reading half of a stream, made by [`split`].
pub struct ReadHalf<T> {
    shared: Arc<Shared<T>>,
}

/// The writing half of a stream, made by [`split`].
pub struct WriteHalf<T> {
    shared: Arc<Shared<T>>,
}

/// Which half leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Read,
    Write,
}

/// Tells the stream that a half was dropped.
type OnDrop<T> = fn(Pin<&mut T>, Side) -> Notice;

struct Shared<T> {
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    stream: Pin<Box<T>>,
    on_drop: Option<OnDrop<T>>,
}

impl<T> Shared<T> {
    /// A stream that panicked while the lock was held panicked in its own code, with `&mut self`:
    /// using it again is no worse than using an unsplit stream again.
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<R>(&self, f: impl FnOnce(Pin<&mut T>) -> R) -> R {
        f(self.lock().stream.as_mut())
    }

    fn leave(&self, side: Side) {
        let notice = {
            let inner = &mut *self.lock();
            inner.on_drop.map(|f| f(inner.stream.as_mut(), side))
        };
        if let Some(notice) = notice {
            notice.deliver();
        }
    }
}

/// Splits a stream into a half that reads and a half that writes, for two tasks.
///
/// The halves share the stream behind a lock, held for the length of one poll. Types that can be
/// split without a lock, such as TCP streams, have methods of their own for it. Dropping one half
/// neither closes nor shuts down anything: shut the writing half down to end the stream.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{AsyncReadExt, AsyncWriteExt, duplex, split};
///
/// let (near, far) = duplex(64);
/// let (mut reader, mut writer) = split(near);
/// let (echo_in, mut echo_out) = split(far);
///
/// writer.write_all(b"ping").await?;
/// writer.shutdown().await?;
/// sinew_io::copy(&mut { echo_in }, &mut echo_out).await?;
/// echo_out.shutdown().await?;
///
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "ping");
/// let near = reader.unsplit(writer);
/// # drop(near);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn split<T: AsyncRead + AsyncWrite>(stream: T) -> (ReadHalf<T>, WriteHalf<T>) {
    halves(stream, None)
}

/// As [`split`]; `on_drop` runs when a half is dropped, but not when the halves are reunited.
pub(crate) fn split_with<T>(stream: T, on_drop: OnDrop<T>) -> (ReadHalf<T>, WriteHalf<T>) {
    halves(stream, Some(on_drop))
}

fn halves<T>(stream: T, on_drop: Option<OnDrop<T>>) -> (ReadHalf<T>, WriteHalf<T>) {
    let stream = Box::pin(stream);
    let shared = Arc::new(Shared {
        inner: Mutex::new(Inner { stream, on_drop }),
    });
    let read = ReadHalf {
        shared: shared.clone(),
    };
    (read, WriteHalf { shared })
}

impl<T> ReadHalf<T> {
    /// Whether both come from the same [`split`].
    pub fn is_pair_of(&self, other: &WriteHalf<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Puts the stream back together.
    ///
    /// # Panics
    ///
    /// Panics if the halves are not a pair; see [`is_pair_of`](Self::is_pair_of).
    #[track_caller]
    pub fn unsplit(self, wr: WriteHalf<T>) -> T
    where
        T: Unpin,
    {
        assert!(
            self.is_pair_of(&wr),
            "`unsplit` was given a `WriteHalf` of another stream"
        );
        let shared = self.shared.clone();
        shared.lock().on_drop = None;
        drop((self, wr));
        let Some(shared) = Arc::into_inner(shared) else {
            unreachable!("only the two halves share the stream");
        };
        let inner = shared.inner.into_inner();
        *Pin::into_inner(inner.unwrap_or_else(PoisonError::into_inner).stream)
    }
}

impl<T> WriteHalf<T> {
    /// Whether both come from the same [`split`].
    pub fn is_pair_of(&self, other: &ReadHalf<T>) -> bool {
        other.is_pair_of(self)
    }
}

impl<T> Drop for ReadHalf<T> {
    fn drop(&mut self) {
        self.shared.leave(Side::Read);
    }
}

impl<T> Drop for WriteHalf<T> {
    fn drop(&mut self) {
        self.shared.leave(Side::Write);
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.shared.with(|s| s.poll_read(cx, buf))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        self.shared.with(|s| s.poll_read_vectored(cx, bufs))
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.shared.with(|s| s.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.shared.with(|s| s.poll_write_vectored(cx, bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.shared.with(|s| s.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.shared.with(|s| s.poll_close(cx))
    }
}

impl<T> fmt::Debug for ReadHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WriteHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}
