use std::io;

use bytes::BytesMut;
use futures_io::{AsyncRead, AsyncWrite};

use crate::Framed;

/// Finds the frames in a buffer of bytes.
///
/// ```
/// use bytes::{Buf, BytesMut};
/// use sinew_codec::Decoder;
///
/// /// Frames of two bytes each.
/// struct Pairs;
///
/// impl Decoder for Pairs {
///     type Item = [u8; 2];
///     type Error = std::io::Error;
///
///     fn decode(&mut self, src: &mut BytesMut) -> std::io::Result<Option<[u8; 2]>> {
///         if src.len() < 2 {
///             return Ok(None);
///         }
///         Ok(Some([src.get_u8(), src.get_u8()]))
///     }
/// }
///
/// let mut buf = BytesMut::from(&b"abc"[..]);
/// assert_eq!(Pairs.decode(&mut buf).unwrap(), Some(*b"ab"));
/// assert_eq!(Pairs.decode(&mut buf).unwrap(), None);
/// assert_eq!(Pairs.decode_eof(&mut buf).unwrap_err().to_string(), "bytes remaining on stream");
/// ```
pub trait Decoder {
    /// What a frame becomes.
    type Item;

    /// How decoding fails. An error ends the stream that decodes: after it, [`FramedRead`] gives
    /// `None` once. Polled on, it goes on with the bytes that are left if the decoder took some
    /// before it failed, else once more have come. A frame that is merely invalid is better an
    /// [`Item`](Self::Item).
    ///
    /// [`FramedRead`]: crate::FramedRead
    type Error: From<io::Error>;

    /// Takes the next frame off the beginning of `src`, or gives `None` if it has not come whole.
    ///
    /// It is called until it gives `None`, then again when more bytes have come. A codec that
    /// knows how many are missing may reserve room for them in `src`.
    ///
    /// # Errors
    ///
    /// The bytes are no frame.
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error>;

    /// As [`decode`](Self::decode), when no more bytes will come. It is called until it gives
    /// `None`, at least once.
    ///
    /// By default it decodes what is left, and bytes that are no whole frame are an error. A codec
    /// may give a last frame here even from no bytes, as long as it gives `None` in the end.
    ///
    /// # Errors
    ///
    /// The bytes are no frame.
    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        let frame = self.decode(buf)?;
        if frame.is_none() && !buf.is_empty() {
            return Err(io::Error::other("bytes remaining on stream").into());
        }
        Ok(frame)
    }

    /// Puts this codec over a reader and writer, as [`Framed::new`].
    fn framed<T>(self, io: T) -> Framed<T, Self>
    where
        T: AsyncRead + AsyncWrite + Sized,
        Self: Sized,
    {
        Framed::new(io, self)
    }
}
