use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncSeek, AsyncWrite};

/// What happens to one call to a [`Scripted`] reader or writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It reaches the reader or writer inside, with at most this many bytes.
    Pass(usize),
    /// It is pending, and the task is woken at once.
    Pending,
    /// It fails with an error of this kind. `Interrupted` asks for another try.
    Error(ErrorKind),
    /// A read gives 0 bytes, as at the end; a write takes none.
    Zero,
}

/// A reader or writer whose calls go through a script before they reach the one inside.
///
/// Each read, write, flush, close and seek takes the next [`Step`]; flushes, closes and seeks
/// pass at a [`Step::Pass`] or [`Step::Zero`]. Reads and writes of no bytes pass and take
/// none. Once the script is over, everything passes as it is.
///
/// ```
/// use sinew_io::AsyncReadExt;
/// use sinew_testing::io::{Scripted, Step};
/// use std::io::ErrorKind;
///
/// # sinew_testing::block_on(async {
/// let steps = [Step::Pending, Step::Pass(2), Step::Error(ErrorKind::Interrupted)];
/// let mut reader = Scripted::new(&b"abcdef"[..], steps);
/// let mut buf = [0; 6];
/// assert_eq!(reader.read(&mut buf).await?, 2);
/// reader.read_exact(&mut buf[2..]).await?;
/// assert_eq!(&buf, b"abcdef");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Scripted<T> {
    inner: T,
    steps: VecDeque<Step>,
    /// Whether a step taken goes to the end of the script.
    repeats: bool,
    /// Where a seek in tokio's two steps goes, between them.
    #[cfg(feature = "tokio-io")]
    seeking: Option<SeekFrom>,
}

impl<T> Scripted<T> {
    /// Follows `steps` once.
    pub fn new(inner: T, steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            inner,
            steps: steps.into_iter().collect(),
            repeats: false,
            #[cfg(feature = "tokio-io")]
            seeking: None,
        }
    }

    /// Follows `steps` again and again.
    pub fn repeat(inner: T, steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            repeats: true,
            ..Self::new(inner, steps)
        }
    }

    /// Lets at most `max` bytes through at a time.
    pub fn chunked(inner: T, max: usize) -> Self {
        Self::repeat(inner, [Step::Pass(max)])
    }

    /// Is pending once before every call.
    pub fn interleave_pending(inner: T) -> Self {
        Self::repeat(inner, [Step::Pending, Step::Pass(usize::MAX)])
    }

    /// The reader or writer inside.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The reader or writer inside.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Gives the reader or writer back.
    pub fn into_inner(self) -> T {
        self.inner
    }

    #[cfg(feature = "tokio-io")]
    pub(super) fn seek_slot(&mut self) -> &mut Option<SeekFrom> {
        &mut self.seeking
    }

    /// Takes a step. `Ok` is how many bytes may pass.
    fn poll_step(&mut self, cx: &Context<'_>) -> Poll<Result<usize>> {
        let Some(step) = self.steps.pop_front() else {
            return Poll::Ready(Ok(usize::MAX));
        };
        if self.repeats {
            self.steps.push_back(step);
        }
        match step {
            Step::Pass(max) => Poll::Ready(Ok(max)),
            Step::Zero => Poll::Ready(Ok(0)),
            Step::Error(kind) => Poll::Ready(Err(kind.into())),
            Step::Pending => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Scripted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        if buf.is_empty() {
            return Pin::new(&mut self.inner).poll_read(cx, buf);
        }
        match ready!(self.poll_step(cx))?.min(buf.len()) {
            0 => Poll::Ready(Ok(0)),
            max => Pin::new(&mut self.inner).poll_read(cx, &mut buf[..max]),
        }
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        let total: usize = bufs.iter().map(|b| b.len()).sum();
        if total == 0 {
            return Pin::new(&mut self.inner).poll_read_vectored(cx, bufs);
        }
        let mut left = ready!(self.poll_step(cx))?;
        if left == 0 {
            return Poll::Ready(Ok(0));
        }
        let mut cut = Vec::with_capacity(bufs.len());
        for buf in bufs {
            let n = buf.len().min(left);
            cut.push(IoSliceMut::new(&mut buf[..n]));
            left -= n;
        }
        Pin::new(&mut self.inner).poll_read_vectored(cx, &mut cut)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Scripted<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        if buf.is_empty() {
            return Pin::new(&mut self.inner).poll_write(cx, buf);
        }
        match ready!(self.poll_step(cx))?.min(buf.len()) {
            0 => Poll::Ready(Ok(0)),
            max => Pin::new(&mut self.inner).poll_write(cx, &buf[..max]),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let total: usize = bufs.iter().map(|b| b.len()).sum();
        if total == 0 {
            return Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        }
        let mut left = ready!(self.poll_step(cx))?;
        if left == 0 {
            return Poll::Ready(Ok(0));
        }
        let mut cut = Vec::with_capacity(bufs.len());
        for buf in bufs {
            let n = buf.len().min(left);
            cut.push(IoSlice::new(&buf[..n]));
            left -= n;
        }
        Pin::new(&mut self.inner).poll_write_vectored(cx, &cut)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_step(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_step(cx))?;
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

impl<T: AsyncSeek + Unpin> AsyncSeek for Scripted<T> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pos: SeekFrom,
    ) -> Poll<Result<u64>> {
        ready!(self.poll_step(cx))?;
        Pin::new(&mut self.inner).poll_seek(cx, pos)
    }
}
