//! Any chunking of the same bytes gives the same frames, and they are those of a simple model.

use std::io::ErrorKind;

use bytes::{Bytes, BytesMut};
use futures::{SinkExt, StreamExt};
use proptest::collection::vec;
use proptest::prelude::*;
use sinew_codec::{
    AnyDelimiterCodec, AnyDelimiterCodecError, BytesCodec, Decoder, FramedRead, FramedWrite,
    LengthDelimitedCodec, LinesCodec, LinesCodecError, length_delimited,
};
use sinew_testing::block_on;
use sinew_testing::io::{Scripted, Step};

/// What happens to a reader or writer on the way.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_usize..7).prop_map(Step::Pass),
        3 => Just(Step::Pending),
        1 => Just(Step::Error(ErrorKind::Interrupted)),
    ];
    vec(step, 0..40)
}

/// The same for a writer. An interrupted flush is the caller's, as std has it, so there is none.
fn writer_steps() -> impl Strategy<Value = Vec<Step>> {
    steps().prop_map(|mut steps| {
        steps.retain(|step| !matches!(step, Step::Error(_)));
        steps
    })
}

/// All frames, across errors. The error is told as text.
pub(crate) fn frames<D: Decoder>(
    data: &[u8],
    steps: Vec<Step>,
    codec: D,
) -> Vec<Result<D::Item, String>>
where
    D::Error: ToString,
{
    let mut frames = FramedRead::with_capacity(Scripted::new(data, steps), codec, 4);
    let mut seen = Vec::new();
    block_on(async {
        // An error is followed by `None` once; only a second one is the end.
        let mut failed = false;
        loop {
            match frames.next().await {
                Some(item) => {
                    failed = item.is_err();
                    seen.push(item.map_err(|e| e.to_string()));
                }
                None if failed => failed = false,
                None => return seen,
            }
            // A head of which nothing is skipped is a frame again and again.
            if seen.iter().filter(|frame| frame.is_ok()).count() > data.len() + 2 {
                return seen;
            }
        }
    })
}

/// What is between delimiters: each too long piece is an error.
fn pieces(
    data: &[u8],
    max: usize,
    is_delimiter: impl Fn(&u8) -> bool,
) -> Vec<Result<Vec<u8>, String>> {
    let mut pieces: Vec<_> = data.split(|b| is_delimiter(b)).collect();
    let last = pieces.pop().unwrap();
    // The last has no delimiter and is there only if it has bytes.
    if !last.is_empty() {
        pieces.push(last);
    }
    let check = |piece: &[u8]| match piece.len() {
        len if len > max => Err("too long".to_owned()),
        _ => Ok(piece.to_vec()),
    };
    pieces.into_iter().map(check).collect()
}

fn line(piece: Vec<u8>) -> Result<String, String> {
    let line = piece.strip_suffix(b"\r").unwrap_or(&piece).to_vec();
    String::from_utf8(line).map_err(|_| "Unable to decode input as UTF8".to_owned())
}

pub(crate) fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-c,;\n\r]{0,30}".prop_map(String::into_bytes),
        2 => "[aé€𝄞\r\n]{0,20}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #[test]
    fn lines_are_the_model(data in text(), steps in steps(), max in prop_oneof![0_usize..9, Just(usize::MAX)]) {
        let mut expected: Vec<_> = pieces(&data, max, |b| *b == b'\n')
            .into_iter()
            .map(|piece| match piece {
                Ok(piece) => line(piece),
                Err(_) => Err(LinesCodecError::MaxLineLengthExceeded.to_string()),
            })
            .collect();
        // A lone carriage return at the end is no line.
        if data.split(|b| *b == b'\n').next_back() == Some(b"\r") && max > 0 {
            expected.pop();
        }
        let codec = LinesCodec::new_with_max_length(max);
        prop_assert_eq!(frames(&data, steps, codec), expected);
    }

    #[test]
    fn pieces_are_the_model(
        data in text(),
        steps in steps(),
        delimiters in vec(prop::sample::select(b",;\na".to_vec()), 0..5),
        max in prop_oneof![0_usize..9, Just(usize::MAX)],
    ) {
        let expected: Vec<_> = pieces(&data, max, |b| delimiters.contains(b))
            .into_iter()
            .map(|piece| match piece {
                Ok(piece) => Ok(Bytes::from(piece)),
                Err(_) => Err(AnyDelimiterCodecError::MaxChunkLengthExceeded.to_string()),
            })
            .collect();
        let codec = AnyDelimiterCodec::new_with_max_length(delimiters, Vec::new(), max);
        prop_assert_eq!(frames(&data, steps, codec), expected);
    }

    #[test]
    fn bytes_are_unchanged(data in vec(any::<u8>(), 0..99), steps in steps()) {
        let seen = frames(&data, steps, BytesCodec::new());
        let seen: Vec<_> = seen.into_iter().map(Result::unwrap).collect();
        prop_assert!(seen.iter().all(|piece| !piece.is_empty()));
        prop_assert_eq!(seen.concat(), data);
    }

    #[test]
    fn lengths_come_back(
        payloads in vec(vec(any::<u8>(), 0..20), 0..9),
        written in writer_steps(),
        read in steps(),
        width in 1_usize..9,
        little in any::<bool>(),
        adjustment in -5_isize..6,
    ) {
        let mut builder = LengthDelimitedCodec::builder();
        builder.length_field_length(width).length_adjustment(adjustment);
        if little {
            builder.little_endian();
        }
        let shortest = usize::try_from(adjustment).unwrap_or(0);
        let payloads: Vec<_> = payloads
            .into_iter()
            .filter(|p| p.len() >= shortest)
            .map(Bytes::from)
            .collect();
        let mut writer = builder.new_write(Scripted::new(Vec::new(), written));
        block_on(async {
            for payload in &payloads {
                writer.send(payload.clone()).await.unwrap();
            }
        });
        let wire = writer.into_inner().into_inner();
        let seen = frames(&wire, read, builder.new_codec());
        let seen: Vec<_> = seen.into_iter().map(|f| f.unwrap().freeze()).collect();
        prop_assert_eq!(seen, payloads);
    }

    /// Whatever the head looks like, chunking changes nothing up to the first error. A head that is
    /// an error stays in the buffer and is one again each time more bytes have come.
    #[test]
    fn lengths_do_not_depend_on_chunks(
        data in vec(prop_oneof![4 => 0_u8..5, 1 => any::<u8>()], 0..60),
        steps in steps(),
        builder in builder(),
    ) {
        let seen = |steps| {
            let mut seen = frames(&data, steps, builder.new_codec());
            let first = seen.iter().position(Result::is_err);
            seen.truncate(first.map_or(seen.len(), |at| at + 1));
            seen
        };
        prop_assert_eq!(seen(steps), seen(Vec::new()));
    }

    #[test]
    fn what_is_sent_is_received(lines in vec("[a-cé]{0,9}", 0..9), written in writer_steps(), read in steps()) {
        let mut writer = FramedWrite::with_capacity(
            Scripted::new(Vec::new(), written),
            LinesCodec::new(),
            8,
        );
        block_on(async {
            for line in &lines {
                writer.feed(line).await.unwrap();
            }
            SinkExt::<&str>::flush(&mut writer).await.unwrap();
        });
        let wire = writer.into_inner().into_inner();
        let seen = frames(&wire, read, LinesCodec::new());
        prop_assert_eq!(seen, lines.into_iter().map(Ok).collect::<Vec<_>>());
    }

    /// A decoder that is handed anything neither panics nor makes up bytes.
    #[test]
    fn lines_take_anything(data in vec(any::<u8>(), 0..99), cut in any::<prop::sample::Index>()) {
        let mut codec = LinesCodec::new_with_max_length(7);
        let cut = cut.index(data.len() + 1);
        let mut buf = BytesMut::from(&data[..cut]);
        while matches!(codec.decode(&mut buf), Ok(Some(_)) | Err(_)) {}
        // The buffer is the caller's, who may take from it.
        buf.clear();
        buf.extend_from_slice(&data[cut..]);
        while matches!(codec.decode_eof(&mut buf), Ok(Some(_)) | Err(_)) {}
    }
}

fn builder() -> impl Strategy<Value = length_delimited::Builder> {
    let skip = proptest::option::of(0_usize..6);
    (1_usize..4, 0_usize..4, -4_isize..5, skip, any::<bool>()).prop_map(
        |(width, offset, adjustment, skip, little)| {
            let mut builder = LengthDelimitedCodec::builder();
            builder
                .length_field_length(width)
                .length_field_offset(offset)
                .length_adjustment(adjustment)
                .max_frame_length(40);
            if let Some(skip) = skip {
                builder.num_skip(skip);
            }
            if little {
                builder.little_endian();
            }
            builder
        },
    )
}
