use futures_io::{AsyncRead, AsyncWrite};

use super::LengthDelimitedCodec;
use crate::{Framed, FramedRead, FramedWrite};

/// The longest payload when nothing else is said, in bytes.
const MAX_FRAME_LEN: usize = 8 * 1024 * 1024;

/// Sets how frames with their length in front look. See the [module](super).
#[derive(Clone, Copy, Debug)]
pub struct Builder {
    pub(super) max_frame_len: usize,
    pub(super) length_field_len: usize,
    pub(super) length_field_offset: usize,
    pub(super) length_adjustment: isize,
    num_skip: Option<usize>,
    pub(super) big_endian: bool,
}

/// The integers that a length field can be. Out of reach, so that nobody else implements it.
mod sealed {
    pub trait LengthFieldType {}

    impl LengthFieldType for u8 {}
    impl LengthFieldType for u16 {}
    impl LengthFieldType for u32 {}
    impl LengthFieldType for u64 {}
    impl LengthFieldType for usize {}
}

impl Builder {
    /// A field of four bytes, big-endian, at the frame's beginning, and frames of at most 8 MiB.
    pub fn new() -> Self {
        Self {
            max_frame_len: MAX_FRAME_LEN,
            length_field_len: 4,
            length_field_offset: 0,
            length_adjustment: 0,
            num_skip: None,
            big_endian: true,
        }
    }

    /// The field's most significant byte comes first. This is the default.
    pub fn big_endian(&mut self) -> &mut Self {
        self.big_endian = true;
        self
    }

    /// The field's least significant byte comes first.
    pub fn little_endian(&mut self) -> &mut Self {
        self.big_endian = false;
        self
    }

    /// The field has this machine's byte order.
    pub fn native_endian(&mut self) -> &mut Self {
        self.big_endian = cfg!(target_endian = "big");
        self
    }

    /// The greatest value of the length field that is accepted, and the longest payload that is
    /// sent, in bytes. The codec lowers it to what the field can hold.
    pub fn max_frame_length(&mut self, val: usize) -> &mut Self {
        self.max_frame_len = val;
        self
    }

    /// The field is as wide as this integer.
    pub fn length_field_type<T: sealed::LengthFieldType>(&mut self) -> &mut Self {
        self.length_field_length(size_of::<T>())
    }

    /// The field is `val` bytes wide.
    ///
    /// # Panics
    ///
    /// Panics if `val` is 0 or more than 8.
    #[track_caller]
    pub fn length_field_length(&mut self, val: usize) -> &mut Self {
        assert!((1..=8).contains(&val), "invalid length field length");
        self.length_field_len = val;
        self
    }

    /// `val` bytes of the frame come before the field.
    pub fn length_field_offset(&mut self, val: usize) -> &mut Self {
        self.length_field_offset = val;
        self
    }

    /// `val` is to be added to the field's value to get the number of bytes that follow what is
    /// skipped. It is subtracted when sending.
    pub fn length_adjustment(&mut self, val: isize) -> &mut Self {
        self.length_adjustment = val;
        self
    }

    /// `val` bytes of the frame's beginning are no part of the item. By default they are those up
    /// to the end of the field.
    pub fn num_skip(&mut self, val: usize) -> &mut Self {
        self.num_skip = Some(val);
        self
    }

    /// The codec.
    pub fn new_codec(&self) -> LengthDelimitedCodec {
        let mut builder = *self;
        builder.limit_to_field();
        LengthDelimitedCodec::with(builder)
    }

    /// A stream of frames from a reader.
    pub fn new_read<T>(&self, upstream: T) -> FramedRead<T, LengthDelimitedCodec>
    where
        T: AsyncRead,
    {
        FramedRead::new(upstream, self.new_codec())
    }

    /// A sink of frames to a writer.
    pub fn new_write<T>(&self, inner: T) -> FramedWrite<T, LengthDelimitedCodec>
    where
        T: AsyncWrite,
    {
        FramedWrite::new(inner, self.new_codec())
    }

    /// A stream and sink of frames over a reader and writer.
    pub fn new_framed<T>(&self, inner: T) -> Framed<T, LengthDelimitedCodec>
    where
        T: AsyncRead + AsyncWrite,
    {
        Framed::new(inner, self.new_codec())
    }

    /// How many bytes must have come before the length is known and what is skipped can be.
    pub(super) fn head_len(&self) -> usize {
        self.field_end().max(self.num_skip.unwrap_or(0))
    }

    /// How many bytes of the beginning are no part of the item.
    pub(super) fn skipped(&self) -> usize {
        self.num_skip.unwrap_or_else(|| self.field_end())
    }

    fn field_end(&self) -> usize {
        self.length_field_offset
            .saturating_add(self.length_field_len)
    }

    /// Lowers the longest payload to what the field can say.
    pub(super) fn limit_to_field(&mut self) {
        let greatest = u64::MAX >> (64 - 8 * self.length_field_len);
        let longest = greatest.saturating_add_signed(self.length_adjustment as i64);
        let longest = usize::try_from(longest).unwrap_or(usize::MAX);
        self.max_frame_len = self.max_frame_len.min(longest);
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}
