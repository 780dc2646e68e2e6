use std::io;

use bytes::BytesMut;

/// Puts items into a buffer of bytes, as frames.
///
/// ```
/// use bytes::{BufMut, BytesMut};
/// use sinew_codec::Encoder;
///
/// /// Each number in a frame of two bytes.
/// struct Numbers;
///
/// impl Encoder<u16> for Numbers {
///     type Error = std::io::Error;
///
///     fn encode(&mut self, item: u16, dst: &mut BytesMut) -> std::io::Result<()> {
///         dst.put_u16(item);
///         Ok(())
///     }
/// }
///
/// let mut buf = BytesMut::new();
/// Numbers.encode(258, &mut buf).unwrap();
/// assert_eq!(buf, &[1, 2][..]);
/// ```
pub trait Encoder<Item> {
    /// How encoding fails; the sink that encodes fails with it too when writing does.
    type Error: From<io::Error>;

    /// Appends `item` to `dst`.
    ///
    /// # Errors
    ///
    /// The item cannot be sent. Nothing should be in `dst` of it then.
    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), Self::Error>;
}
