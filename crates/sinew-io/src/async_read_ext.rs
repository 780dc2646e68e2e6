use std::io::IoSliceMut;

use bytes::BufMut;
use futures_io::AsyncRead;

use crate::number::{BigEndian, LittleEndian};

mod chain;
mod growth;
mod read;
mod read_exact;
mod read_into_buf;
mod read_number;
mod read_to_end;
mod read_to_string;
mod read_vectored;
mod take;

pub use self::chain::Chain;
pub use self::read::Read;
pub use self::read_exact::ReadExact;
pub use self::read_into_buf::ReadIntoBuf;
pub use self::read_number::ReadNumber;
pub use self::read_to_end::ReadToEnd;
pub use self::read_to_string::ReadToString;
pub use self::read_vectored::ReadVectored;
pub use self::take::Take;

/// One method for each number and byte order.
macro_rules! read_numbers {
    ($($name:ident $ty:ident $order:ident $words:literal;)*) => {$(
        #[doc = concat!("Reads a `", stringify!($ty), "`", $words, ".")]
        ///
        /// # Errors
        ///
        /// `UnexpectedEof` if the reader ends before the number does, and those of the reader,
        /// except `Interrupted`, upon which it tries again.
        ///
        /// # Cancel safety
        ///
        /// A number of one byte is never lost. Of a longer one, the bytes read so far are kept
        /// in the future: awaiting `&mut future` loses nothing, dropping the future loses them.
        fn $name(&mut self) -> ReadNumber<'_, Self, $ty, $order>
        where
            Self: Unpin,
        {
            ReadNumber::new(self)
        }
    )*};
}

/// Methods for every [`AsyncRead`].
///
/// Operations on several bytes hold their progress in the future they return, which is `Unpin`:
/// make the future once, await `&mut future` in a `select!` as often as needed, and no byte is lost.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::AsyncReadExt;
///
/// let mut reader: &[u8] = b"\x00\x05hello, world";
/// let length = reader.read_u16().await?;
/// let mut word = vec![0; length.into()];
/// reader.read_exact(&mut word).await?;
/// assert_eq!(word, b"hello");
///
/// let mut rest = String::new();
/// reader.read_to_string(&mut rest).await?;
/// assert_eq!(rest, ", world");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub trait AsyncReadExt: AsyncRead {
    /// A reader that yields all of this one, then all of `next`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::AsyncReadExt;
    ///
    /// let mut text = String::new();
    /// (&b"head, "[..]).chain(&b"body"[..]).read_to_string(&mut text).await?;
    /// assert_eq!(text, "head, body");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn chain<R>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
        R: AsyncRead,
    {
        Chain::new(self, next)
    }

    /// Reads once into `buf` and gives the number of bytes read, which is 0 if `buf` is empty or
    /// the reader has come to its end.
    ///
    /// # Errors
    ///
    /// Those of the reader. When it fails, nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, nothing was read.
    fn read<'a>(&'a mut self, buf: &'a mut [u8]) -> Read<'a, Self>
    where
        Self: Unpin,
    {
        Read::new(self, buf)
    }

    /// As [`read`](Self::read), into several buffers in turn. How many of them one read fills is
    /// up to the reader; one that knows nothing better fills the first that is not empty.
    ///
    /// # Errors
    ///
    /// Those of the reader. When it fails, nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, nothing was read.
    fn read_vectored<'a, 'b>(
        &'a mut self,
        bufs: &'a mut [IoSliceMut<'b>],
    ) -> ReadVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        ReadVectored::new(self, bufs)
    }

    /// Reads once into the free space of `buf`, moves its end forward and gives the number of
    /// bytes read, which is 0 if `buf` has no space or the reader has come to its end. A `Vec` or
    /// `BytesMut` without space is given some.
    ///
    /// One read takes at most 64 KiB: the traits read into initialized memory, so the bytes are
    /// read elsewhere and copied.
    ///
    /// # Errors
    ///
    /// Those of the reader. When it fails, nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, nothing was read.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use bytes::BytesMut;
    /// use sinew_io::{AsyncReadExt, Cursor};
    ///
    /// let mut reader = Cursor::new("hello");
    /// let mut buf = BytesMut::with_capacity(64);
    /// while reader.read_buf(&mut buf).await? > 0 {}
    /// assert_eq!(buf, &b"hello"[..]);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn read_buf<'a, B>(&'a mut self, buf: &'a mut B) -> ReadIntoBuf<'a, Self, B>
    where
        Self: Unpin,
        B: BufMut + ?Sized,
    {
        ReadIntoBuf::new(self, buf)
    }

    /// Reads until `buf` is full and gives its length.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` if the reader ends first; the bytes that came are in `buf`. Those of the
    /// reader, except `Interrupted`, upon which it tries again.
    ///
    /// # Cancel safety
    ///
    /// The progress is in the future: awaiting `&mut future` loses nothing. Dropping the future
    /// early leaves bytes in `buf` of which only the future knew how many;
    /// [`ReadExact::filled`] tells before it is dropped.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use futures::poll;
    /// use sinew_io::{AsyncReadExt, AsyncWriteExt, duplex};
    ///
    /// let (mut near, mut far) = duplex(64);
    /// let mut buf = [0; 4];
    /// let mut op = near.read_exact(&mut buf);
    ///
    /// far.write_all(b"ab").await?;
    /// assert!(poll!(&mut op).is_pending());
    /// assert_eq!(op.filled(), b"ab");
    ///
    /// far.write_all(b"cd").await?;
    /// assert_eq!(op.await?, 4);
    /// assert_eq!(&buf, b"abcd");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn read_exact<'a>(&'a mut self, buf: &'a mut [u8]) -> ReadExact<'a, Self>
    where
        Self: Unpin,
    {
        ReadExact::new(self, buf)
    }

    read_numbers! {
        read_u8 u8 BigEndian "";
        read_i8 i8 BigEndian "";
        read_u16 u16 BigEndian ", big-endian";
        read_i16 i16 BigEndian ", big-endian";
        read_u32 u32 BigEndian ", big-endian";
        read_i32 i32 BigEndian ", big-endian";
        read_u64 u64 BigEndian ", big-endian";
        read_i64 i64 BigEndian ", big-endian";
        read_u128 u128 BigEndian ", big-endian";
        read_i128 i128 BigEndian ", big-endian";
        read_f32 f32 BigEndian ", big-endian";
        read_f64 f64 BigEndian ", big-endian";
        read_u16_le u16 LittleEndian ", little-endian";
        read_i16_le i16 LittleEndian ", little-endian";
        read_u32_le u32 LittleEndian ", little-endian";
        read_i32_le i32 LittleEndian ", little-endian";
        read_u64_le u64 LittleEndian ", little-endian";
        read_i64_le i64 LittleEndian ", little-endian";
        read_u128_le u128 LittleEndian ", little-endian";
        read_i128_le i128 LittleEndian ", little-endian";
        read_f32_le f32 LittleEndian ", little-endian";
        read_f64_le f64 LittleEndian ", little-endian";
    }

    /// Reads until the end of the stream, appends it to `buf` and gives the number of bytes read.
    ///
    /// # Errors
    ///
    /// Those of the reader, except `Interrupted`, upon which it tries again. What was read before
    /// the error is in `buf`.
    ///
    /// # Cancel safety
    ///
    /// What was read stays in `buf` when the future is dropped; only the count is lost. Awaiting
    /// `&mut future` loses nothing.
    fn read_to_end<'a>(&'a mut self, buf: &'a mut Vec<u8>) -> ReadToEnd<'a, Self>
    where
        Self: Unpin,
    {
        ReadToEnd::new(self, buf)
    }

    /// Reads until the end of the stream, appends it to `dst` and gives the number of bytes read.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the stream is not UTF-8. Those of the reader, except `Interrupted`, upon
    /// which it tries again. After either `dst` is as it was before, and what was read is gone.
    ///
    /// # Cancel safety
    ///
    /// Awaiting `&mut future` loses nothing. Dropping the future leaves in `dst` what was read, up
    /// to the first byte that is not UTF-8; the first bytes of a character whose rest had not
    /// come are lost.
    fn read_to_string<'a>(&'a mut self, dst: &'a mut String) -> ReadToString<'a, Self>
    where
        Self: Unpin,
    {
        ReadToString::new(self, dst)
    }

    /// A reader that ends after `limit` bytes. To go on with this reader afterwards, call it on
    /// `&mut reader`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::AsyncReadExt;
    ///
    /// let mut reader: &[u8] = b"headbody";
    /// let mut head = String::new();
    /// (&mut reader).take(4).read_to_string(&mut head).await?;
    /// assert_eq!((head.as_str(), reader), ("head", &b"body"[..]));
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, limit)
    }
}

impl<R: AsyncRead + ?Sized> AsyncReadExt for R {}
