use bytes::BytesMut;

use crate::Encoder;

/// What a [`Framed`](crate::Framed) consists of.
#[derive(Debug)]
#[non_exhaustive]
pub struct FramedParts<T, U> {
    /// The reader and writer.
    pub io: T,

    /// The codec.
    pub codec: U,

    /// What was read and not yet decoded.
    pub read_buf: BytesMut,

    /// What was encoded and not yet written.
    pub write_buf: BytesMut,
}

impl<T, U> FramedParts<T, U> {
    /// Parts with empty buffers.
    pub fn new<I>(io: T, codec: U) -> Self
    where
        U: Encoder<I>,
    {
        Self {
            io,
            codec,
            read_buf: BytesMut::new(),
            write_buf: BytesMut::new(),
        }
    }
}
