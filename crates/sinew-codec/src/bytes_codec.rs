use std::io::Result;

use bytes::{Bytes, BytesMut};

use crate::{Decoder, Encoder};

/// Bytes as they come: each frame is what one read gave, and what is sent goes out unchanged.
///
/// ```
/// use bytes::BytesMut;
/// use sinew_codec::{BytesCodec, Decoder};
///
/// let mut buf = BytesMut::from("abc");
/// assert_eq!(BytesCodec::new().decode(&mut buf).unwrap().unwrap(), "abc");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BytesCodec(());

impl BytesCodec {
    /// The codec.
    pub fn new() -> Self {
        Self(())
    }
}

impl Decoder for BytesCodec {
    type Item = BytesMut;
    type Error = std::io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<BytesMut>> {
        Ok((!src.is_empty()).then(|| src.split()))
    }
}

impl Encoder<Bytes> for BytesCodec {
    type Error = std::io::Error;

    fn encode(&mut self, item: Bytes, dst: &mut BytesMut) -> Result<()> {
        dst.extend_from_slice(&item);
        Ok(())
    }
}

impl Encoder<BytesMut> for BytesCodec {
    type Error = std::io::Error;

    fn encode(&mut self, item: BytesMut, dst: &mut BytesMut) -> Result<()> {
        dst.extend_from_slice(&item);
        Ok(())
    }
}
