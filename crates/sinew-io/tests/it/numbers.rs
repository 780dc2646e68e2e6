use futures::executor::block_on;
use proptest::prelude::*;
use sinew_io::{AsyncReadExt, AsyncWriteExt, ErrorKind};

use crate::script::{Reader, Writer, poll_once, sound_writer};

macro_rules! round_trips {
    ($($ty:ident: $($write:ident $read:ident $bytes:ident),+;)*) => {$(
        proptest! {
            #[test]
            fn $ty(value in any::<$ty>(), script in sound_writer(), cut in 0_usize..17) {$({
                let expected = value.$bytes();
                let mut writer = script.clone();
                block_on(writer.$write(value)).unwrap();
                prop_assert_eq!(&writer.written, &expected);

                let (head, tail) = expected.split_at(cut.min(expected.len()));
                let parts = [head, tail].into_iter().filter(|p| !p.is_empty());
                let mut reader = Reader::chunks(parts);
                let read = block_on(reader.$read()).unwrap();
                prop_assert_eq!(read.$bytes(), expected);

                let short = &expected[..expected.len() - 1];
                let error = block_on((&mut &short[..]).$read()).unwrap_err();
                prop_assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            })+}
        }
    )*};
}

round_trips! {
    u8: write_u8 read_u8 to_be_bytes;
    i8: write_i8 read_i8 to_be_bytes;
    u16: write_u16 read_u16 to_be_bytes, write_u16_le read_u16_le to_le_bytes;
    i16: write_i16 read_i16 to_be_bytes, write_i16_le read_i16_le to_le_bytes;
    u32: write_u32 read_u32 to_be_bytes, write_u32_le read_u32_le to_le_bytes;
    i32: write_i32 read_i32 to_be_bytes, write_i32_le read_i32_le to_le_bytes;
    u64: write_u64 read_u64 to_be_bytes, write_u64_le read_u64_le to_le_bytes;
    i64: write_i64 read_i64 to_be_bytes, write_i64_le read_i64_le to_le_bytes;
    u128: write_u128 read_u128 to_be_bytes, write_u128_le read_u128_le to_le_bytes;
    i128: write_i128 read_i128 to_be_bytes, write_i128_le read_i128_le to_le_bytes;
    f32: write_f32 read_f32 to_be_bytes, write_f32_le read_f32_le to_le_bytes;
    f64: write_f64 read_f64 to_be_bytes, write_f64_le read_f64_le to_le_bytes;
}

#[test]
fn a_number_is_continued_after_pending() {
    let mut reader = Reader::chunks([&b"\x01"[..], b"\x02"]);
    let mut read = reader.read_u16();
    for _ in 0..2 {
        assert!(poll_once(&mut read).is_pending());
    }
    assert_eq!(block_on(&mut read).unwrap(), 0x0102);

    let mut writer = Writer::new([crate::script::Out::Take(1), crate::script::Out::Pending]);
    let mut write = writer.write_u16_le(0x0102);
    assert!(poll_once(&mut write).is_pending());
    block_on(write).unwrap();
    assert_eq!(writer.written, b"\x02\x01");
}
