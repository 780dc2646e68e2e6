//! Errors of the reader or writer in the middle lose no byte, for each codec.

use std::io::ErrorKind;

use bytes::{BufMut, Bytes, BytesMut};
use futures::SinkExt;
use proptest::collection::vec;
use proptest::prelude::*;
use sinew_codec::{
    AnyDelimiterCodec, BytesCodec, Decoder, Encoder, FramedWrite, LengthDelimitedCodec, LinesCodec,
};
use sinew_testing::block_on;
use sinew_testing::io::{Scripted, Step};

use crate::properties::{frames, text};

/// One byte or a few at a time, waits, and errors: those that are tried again, and those that the
/// caller is told of.
fn failing_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1_usize..7).prop_map(Step::Pass),
        2 => Just(Step::Pending),
        1 => Just(Step::Error(ErrorKind::Interrupted)),
        2 => Just(Step::Error(ErrorKind::TimedOut)),
    ];
    vec(step, 0..40)
}

/// What is framed, without the script's errors.
fn framed<D: Decoder>(data: &[u8], steps: Vec<Step>, codec: D) -> Vec<Result<D::Item, String>>
where
    D::Error: ToString,
{
    let scripted = std::io::Error::from(ErrorKind::TimedOut).to_string();
    let mut seen = frames(data, steps, codec);
    seen.retain(|frame| !matches!(frame, Err(error) if *error == scripted));
    seen
}

/// What reaches the writer when everything that fails is done again.
fn wire<I: Clone, C>(codec: C, items: &[I], mut steps: Vec<Step>, zeros: usize) -> BytesMut
where
    C: Encoder<I, Error: std::fmt::Debug>,
{
    for _ in 0..zeros {
        // A writer that takes nothing for once.
        steps.insert(steps.len() / 2, Step::Zero);
    }
    let writer = Scripted::new(Vec::new(), steps);
    let mut writer = FramedWrite::with_capacity(writer, codec, 8);
    block_on(async {
        for item in items {
            // Fails before it has encoded anything.
            while writer.feed(item.clone()).await.is_err() {}
        }
        while writer.flush().await.is_err() {}
        while writer.close().await.is_err() {}
    });
    BytesMut::from(&writer.into_inner().into_inner()[..])
}

proptest! {
    #[test]
    fn a_failed_read_loses_nothing(data in text(), steps in failing_steps(), max in 0_usize..20) {
        let lines = || LinesCodec::new_with_max_length(max);
        prop_assert_eq!(framed(&data, steps.clone(), lines()), framed(&data, Vec::new(), lines()));

        let pieces =
            || AnyDelimiterCodec::new_with_max_length(b",;".to_vec(), Vec::new(), max);
        prop_assert_eq!(framed(&data, steps.clone(), pieces()), framed(&data, Vec::new(), pieces()));

        let seen = framed(&data, steps, BytesCodec::new());
        let seen: Vec<_> = seen.into_iter().map(Result::unwrap).collect();
        prop_assert_eq!(seen.concat(), data);
    }

    #[test]
    fn a_failed_read_loses_no_length(
        payloads in vec(vec(any::<u8>(), 0..20), 0..9),
        steps in failing_steps(),
    ) {
        let mut data = Vec::new();
        for payload in &payloads {
            data.put_u32(u32::try_from(payload.len()).unwrap());
            data.extend(payload);
        }
        let seen = framed(&data, steps, LengthDelimitedCodec::new());
        let seen: Vec<_> = seen.into_iter().map(|frame| frame.unwrap().to_vec()).collect();
        prop_assert_eq!(seen, payloads);
    }

    #[test]
    fn a_failed_write_loses_nothing(
        lines in vec("[a-cé]{0,9}", 0..9),
        steps in failing_steps(),
        zeros in 0_usize..3,
    ) {
        let wire_of = |end: &str| lines.iter().map(|line| format!("{line}{end}")).collect::<String>();
        let seen = wire(LinesCodec::new(), &lines, steps.clone(), zeros);
        prop_assert_eq!(seen, wire_of("\n").into_bytes());

        let codec = AnyDelimiterCodec::new(b",".to_vec(), b"--".to_vec());
        let seen = wire(codec, &lines, steps.clone(), zeros);
        prop_assert_eq!(seen, wire_of("--").into_bytes());

        let items: Vec<_> = lines.iter().map(|line| Bytes::from(line.clone())).collect();
        let seen = wire(BytesCodec::new(), &items, steps.clone(), zeros);
        prop_assert_eq!(seen, wire_of("").into_bytes());

        let seen = wire(LengthDelimitedCodec::new(), &items, steps, zeros);
        let mut expected = Vec::new();
        for item in &items {
            expected.put_u32(u32::try_from(item.len()).unwrap());
            expected.extend(item);
        }
        prop_assert_eq!(&seen[..], expected);
    }
}
