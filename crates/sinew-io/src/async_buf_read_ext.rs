use std::pin::Pin;

use futures_io::AsyncBufRead;

mod fill_buf;
mod lines;
mod read_line;
mod read_until;
mod split;

pub use self::fill_buf::FillBuf;
pub use self::lines::Lines;
pub use self::read_line::ReadLine;
pub use self::read_until::ReadUntil;
pub use self::split::Split;

/// Methods for every [`AsyncBufRead`].
///
/// None of them bounds how much it collects. To bound a line of a stranger's, read it through
/// [`take`](crate::AsyncReadExt::take).
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::AsyncBufReadExt;
///
/// let mut lines = b"one\r\ntwo\nthree".lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{line}");
/// }
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub trait AsyncBufReadExt: AsyncBufRead {
    /// Reads up to and including the next `byte`, or to the end, appends it to `buf` and gives
    /// the number of bytes read, which is 0 only at the end.
    ///
    /// # Errors
    ///
    /// Those of the reader, except `Interrupted`, upon which it tries again. What was read before
    /// the error is in `buf`.
    ///
    /// # Cancel safety
    ///
    /// What was read stays in `buf` when the future is dropped; only the count is lost, and a new
    /// call goes on to `byte`. Awaiting `&mut future` keeps the count too.
    fn read_until<'a>(&'a mut self, byte: u8, buf: &'a mut Vec<u8>) -> ReadUntil<'a, Self>
    where
        Self: Unpin,
    {
        ReadUntil::new(self, byte, buf)
    }

    /// Reads up to and including the next `\n`, or to the end, appends it to `buf` and gives the
    /// number of bytes read, which is 0 only at the end. `buf` is not cleared before.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the line is not UTF-8: it is read to its end, dropped, and `buf` is as it
    /// was before. Those of the reader, except `Interrupted`, upon which it tries again: what was
    /// read before is in `buf` if it is UTF-8, and dropped if not.
    ///
    /// # Cancel safety
    ///
    /// Awaiting `&mut future` loses nothing. When the future is dropped, what was read stays in
    /// `buf` and a new call goes on with the line, with two exceptions: the first bytes of a
    /// character whose rest had not come are lost, and so is a line that was found not to be
    /// UTF-8. [`Lines::next_line`] has no exception.
    fn read_line<'a>(&'a mut self, buf: &'a mut String) -> ReadLine<'a, Self>
    where
        Self: Unpin,
    {
        ReadLine::new(self, buf)
    }

    /// The segments between one `byte` and the next, without it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::AsyncBufReadExt;
    ///
    /// // A slice has a `split` of its own, a reader that is not a slice need not be named so.
    /// let mut segments = AsyncBufReadExt::split(&b"a,b"[..], b',');
    /// assert_eq!(segments.next_segment().await?.as_deref(), Some(&b"a"[..]));
    /// assert_eq!(segments.next_segment().await?.as_deref(), Some(&b"b"[..]));
    /// assert_eq!(segments.next_segment().await?, None);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn split(self, byte: u8) -> Split<Self>
    where
        Self: Sized + Unpin,
    {
        Split::new(self, byte)
    }

    /// The bytes that are buffered, read anew if there are none; empty only at the end of the
    /// stream. [`consume`](Self::consume) says how many of them were used.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is consumed.
    fn fill_buf(&mut self) -> FillBuf<'_, Self>
    where
        Self: Unpin,
    {
        FillBuf::new(self)
    }

    /// Marks `amt` of the bytes that [`fill_buf`](Self::fill_buf) gave as used.
    fn consume(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        Pin::new(self).consume(amt);
    }

    /// The same as [`consume`](Self::consume), under the futures crate's name, for a type that
    /// has another `consume` in reach.
    fn consume_unpin(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        Pin::new(self).consume(amt);
    }

    /// The lines, each without its `\n` or `\r\n`, by [`Lines::next_line`] or as a stream.
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines::new(self)
    }
}

impl<R: AsyncBufRead + ?Sized> AsyncBufReadExt for R {}
