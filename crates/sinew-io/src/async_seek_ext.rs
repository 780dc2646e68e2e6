use std::io::SeekFrom;

use futures_io::AsyncSeek;

mod seek;

pub use self::seek::Seek;

/// Methods for every [`AsyncSeek`].
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{AsyncReadExt, AsyncSeekExt, Cursor, SeekFrom};
///
/// let mut reader = Cursor::new("0123456789");
/// reader.seek(SeekFrom::End(-3)).await?;
/// let mut tail = String::new();
/// reader.read_to_string(&mut tail).await?;
/// assert_eq!(tail, "789");
/// assert_eq!(reader.stream_position().await?, 10);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub trait AsyncSeekExt: AsyncSeek {
    /// Goes to `pos` and gives the new position in bytes from the beginning.
    ///
    /// # Errors
    ///
    /// Those of the stream; a position before the beginning is one.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the seek may or may not take place. A seek
    /// from the beginning or the end can be repeated.
    fn seek(&mut self, pos: SeekFrom) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        Seek::new(self, pos)
    }

    /// Goes to the beginning.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Cancel safety
    ///
    /// It can be repeated.
    fn rewind(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Start(0))
    }

    /// The position in bytes from the beginning.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the position does not change.
    fn stream_position(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Current(0))
    }
}

impl<S: AsyncSeek + ?Sized> AsyncSeekExt for S {}
