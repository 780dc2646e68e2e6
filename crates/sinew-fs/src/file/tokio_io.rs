//! tokio's IO traits on files, without a wrapper.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::File;

sinew_io::impl_tokio_read!([] File);
sinew_io::impl_tokio_write!([] File);

/// tokio asks for a seek in two steps; between them the file keeps where to.
impl tokio::io::AsyncSeek for File {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.seeking = Some(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let target = self.seeking.unwrap_or(SeekFrom::Current(0));
        let position = ready!(futures_io::AsyncSeek::poll_seek(self.as_mut(), cx, target));
        self.seeking = None;
        Poll::Ready(position)
    }
}
