//! The numbers that `read_u16`, `write_f64_le` and their kin move, and their byte orders.

use std::fmt::Debug;

/// What the readers and writers of numbers need; out of reach, so that [`Number`] is sealed.
mod sealed {
    use std::fmt::Debug;

    pub trait Number: Copy + Debug + Unpin {
        type Bytes: AsRef<[u8]> + AsMut<[u8]> + Copy + Debug + Unpin;
        const ZERO: Self::Bytes;
        fn to_be(self) -> Self::Bytes;
        fn to_le(self) -> Self::Bytes;
        fn from_be(bytes: Self::Bytes) -> Self;
        fn from_le(bytes: Self::Bytes) -> Self;
    }

    pub trait ByteOrder {
        fn encode<T: Number>(value: T) -> T::Bytes;
        fn decode<T: Number>(bytes: T::Bytes) -> T;
    }
}

/// An integer or floating point number with a fixed size: `u8` to `u128`, `i8` to `i128`, `f32`
/// and `f64`.
///
/// This trait is sealed: it names what [`ReadNumber`](crate::ReadNumber) and
/// [`WriteNumber`](crate::WriteNumber) move.
pub trait Number: sealed::Number {}

/// The order of a number's bytes: [`BigEndian`] or [`LittleEndian`]. Sealed.
pub trait ByteOrder: sealed::ByteOrder + Debug + Unpin {}

/// Most significant byte first, as network protocols have it.
#[derive(Clone, Copy, Debug)]
pub enum BigEndian {}

/// Least significant byte first.
#[derive(Clone, Copy, Debug)]
pub enum LittleEndian {}

impl ByteOrder for BigEndian {}
impl ByteOrder for LittleEndian {}

impl sealed::ByteOrder for BigEndian {
    fn encode<T: sealed::Number>(value: T) -> T::Bytes {
        value.to_be()
    }
    fn decode<T: sealed::Number>(bytes: T::Bytes) -> T {
        T::from_be(bytes)
    }
}

impl sealed::ByteOrder for LittleEndian {
    fn encode<T: sealed::Number>(value: T) -> T::Bytes {
        value.to_le()
    }
    fn decode<T: sealed::Number>(bytes: T::Bytes) -> T {
        T::from_le(bytes)
    }
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Number for $ty {}

        impl sealed::Number for $ty {
            type Bytes = [u8; size_of::<$ty>()];
            const ZERO: Self::Bytes = [0; size_of::<$ty>()];
            fn to_be(self) -> Self::Bytes { self.to_be_bytes() }
            fn to_le(self) -> Self::Bytes { self.to_le_bytes() }
            fn from_be(bytes: Self::Bytes) -> Self { Self::from_be_bytes(bytes) }
            fn from_le(bytes: Self::Bytes) -> Self { Self::from_le_bytes(bytes) }
        }
    )*};
}

numbers!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64);
