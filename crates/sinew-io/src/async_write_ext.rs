use std::io::IoSlice;

use bytes::Buf;
use futures_io::AsyncWrite;

use crate::number::{BigEndian, LittleEndian};

mod close;
mod flush;
mod into_sink;
mod write;
mod write_all;
mod write_all_from_buf;
mod write_all_vectored;
mod write_from_buf;
mod write_number;
mod write_vectored;

pub use self::close::{Close, Shutdown};
pub use self::flush::Flush;
pub use self::into_sink::IntoSink;
pub use self::write::Write;
pub use self::write_all::WriteAll;
pub use self::write_all_from_buf::WriteAllFromBuf;
pub use self::write_all_vectored::WriteAllVectored;
pub use self::write_from_buf::WriteFromBuf;
pub use self::write_number::WriteNumber;
pub use self::write_vectored::WriteVectored;

/// One method for each number and byte order.
macro_rules! write_numbers {
    ($($name:ident $ty:ident $order:ident $words:literal;)*) => {$(
        #[doc = concat!("Writes a `", stringify!($ty), "`", $words, ".")]
        ///
        /// # Errors
        ///
        /// `WriteZero` if the writer takes no more, and those of the writer, except
        /// `Interrupted`, upon which it tries again.
        ///
        /// # Cancel safety
        ///
        /// A number of one byte is written or not. Of a longer one, a part may have been written
        /// when the future is dropped; awaiting `&mut future` goes on where it was.
        fn $name(&mut self, n: $ty) -> WriteNumber<'_, Self, $ty, $order>
        where
            Self: Unpin,
        {
            WriteNumber::new(self, n)
        }
    )*};
}

/// Methods for every [`AsyncWrite`].
///
/// A writer may hold back what it was given: [`flush`](Self::flush) pushes it on. Dropping a writer
/// flushes nothing.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::AsyncWriteExt;
///
/// let mut writer = Vec::new();
/// writer.write_u16(5).await?;
/// writer.write_all(b"hello").await?;
/// writer.flush().await?;
/// assert_eq!(writer, b"\x00\x05hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub trait AsyncWriteExt: AsyncWrite {
    /// Writes once from `src` and gives the number of bytes the writer took.
    ///
    /// # Errors
    ///
    /// Those of the writer. When it fails, nothing was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, nothing was written.
    fn write<'a>(&'a mut self, src: &'a [u8]) -> Write<'a, Self>
    where
        Self: Unpin,
    {
        Write::new(self, src)
    }

    /// As [`write`](Self::write), from several buffers in turn. How many of them one write takes
    /// is up to the writer; one that knows nothing better takes from the first that is not empty.
    ///
    /// # Errors
    ///
    /// Those of the writer. When it fails, nothing was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, nothing was written.
    fn write_vectored<'a, 'b>(&'a mut self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteVectored::new(self, bufs)
    }

    /// Writes once from `src`, moves its beginning forward by the number of bytes the writer took
    /// and gives that number. It is 0 if `src` is empty. A buffer of several pieces is written with
    /// a vectored write.
    ///
    /// # Errors
    ///
    /// Those of the writer. When it fails, nothing was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, nothing was written.
    fn write_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteFromBuf<'a, Self, B>
    where
        Self: Unpin,
        B: Buf,
    {
        WriteFromBuf::new(self, src)
    }

    /// Writes all of `src`, whose beginning moves forward with each write.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the writer takes no more, and those of the writer, except `Interrupted`,
    /// upon which it tries again. `src` holds what was not written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: `src` keeps what was not written, and a new call goes on with it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use bytes::{Buf, Bytes};
    /// use sinew_io::AsyncWriteExt;
    ///
    /// let mut message = Bytes::from_static(b"head, ").chain(Bytes::from_static(b"body"));
    /// let mut writer = Vec::new();
    /// writer.write_all_buf(&mut message).await?;
    /// assert_eq!(writer, b"head, body");
    /// assert!(!message.has_remaining());
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn write_all_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteAllFromBuf<'a, Self, B>
    where
        Self: Unpin,
        B: Buf,
    {
        WriteAllFromBuf::new(self, src)
    }

    /// Writes all of `src`.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the writer takes no more, and those of the writer, except `Interrupted`,
    /// upon which it tries again. A part of `src` may have been written.
    ///
    /// # Cancel safety
    ///
    /// The progress is in the future: awaiting `&mut future` goes on where it was. Once the future
    /// is dropped early nobody knows how much was written; [`WriteAll::bytes_written`] tells
    /// before.
    fn write_all<'a>(&'a mut self, src: &'a [u8]) -> WriteAll<'a, Self>
    where
        Self: Unpin,
    {
        WriteAll::new(self, src)
    }

    /// Writes all of several buffers, with vectored writes. Changes `bufs`, which afterwards hold
    /// nothing of use.
    ///
    /// # Errors
    ///
    /// As [`write_all`](Self::write_all).
    ///
    /// # Cancel safety
    ///
    /// The progress is in the future: awaiting `&mut future` goes on where it was. Once the future
    /// is dropped early nobody knows how much was written;
    /// [`WriteAllVectored::remaining`] tells before.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::{AsyncWriteExt, IoSlice};
    ///
    /// let mut writer = Vec::new();
    /// let mut parts = [IoSlice::new(b"head, "), IoSlice::new(b"body")];
    /// writer.write_all_vectored(&mut parts).await?;
    /// assert_eq!(writer, b"head, body");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn write_all_vectored<'a, 'b>(
        &'a mut self,
        bufs: &'a mut [IoSlice<'b>],
    ) -> WriteAllVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteAllVectored::new(self, bufs)
    }

    write_numbers! {
        write_u8 u8 BigEndian "";
        write_i8 i8 BigEndian "";
        write_u16 u16 BigEndian ", big-endian";
        write_i16 i16 BigEndian ", big-endian";
        write_u32 u32 BigEndian ", big-endian";
        write_i32 i32 BigEndian ", big-endian";
        write_u64 u64 BigEndian ", big-endian";
        write_i64 i64 BigEndian ", big-endian";
        write_u128 u128 BigEndian ", big-endian";
        write_i128 i128 BigEndian ", big-endian";
        write_f32 f32 BigEndian ", big-endian";
        write_f64 f64 BigEndian ", big-endian";
        write_u16_le u16 LittleEndian ", little-endian";
        write_i16_le i16 LittleEndian ", little-endian";
        write_u32_le u32 LittleEndian ", little-endian";
        write_i32_le i32 LittleEndian ", little-endian";
        write_u64_le u64 LittleEndian ", little-endian";
        write_i64_le i64 LittleEndian ", little-endian";
        write_u128_le u128 LittleEndian ", little-endian";
        write_i128_le i128 LittleEndian ", little-endian";
        write_f32_le f32 LittleEndian ", little-endian";
        write_f64_le f64 LittleEndian ", little-endian";
    }

    /// Pushes on what the writer holds back, until it has reached where it goes.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was not pushed on is still held by the writer, and a new call goes on.
    fn flush(&mut self) -> Flush<'_, Self>
    where
        Self: Unpin,
    {
        Flush::new(self)
    }

    /// Ends writing: flushes and tells the other side that no more will come. This is the trait's
    /// `poll_close`, under tokio's name; on a socket it closes the writing direction only, and
    /// reading goes on.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a new call goes on where this one was. Do not write in between.
    fn shutdown(&mut self) -> Shutdown<'_, Self>
    where
        Self: Unpin,
    {
        Close::new(self)
    }

    /// A sink that writes the items it is given, one after the other.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use futures::SinkExt;
    /// use sinew_io::AsyncWriteExt;
    ///
    /// let mut sink = Vec::new().into_sink();
    /// sink.send("hello, ").await?;
    /// sink.send("world").await?;
    /// assert_eq!(sink.into_inner(), b"hello, world");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn into_sink<Item>(self) -> IntoSink<Self, Item>
    where
        Self: Sized,
        Item: AsRef<[u8]>,
    {
        IntoSink::new(self)
    }

    /// The same as [`shutdown`](Self::shutdown), under the futures crate's name.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a new call goes on where this one was. Do not write in between.
    fn close(&mut self) -> Close<'_, Self>
    where
        Self: Unpin,
    {
        Close::new(self)
    }
}

impl<W: AsyncWrite + ?Sized> AsyncWriteExt for W {}
