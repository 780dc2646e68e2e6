use std::fmt::Debug;

use bytes::BytesMut;
use sinew_codec::{
    AnyDelimiterCodec, BytesCodec, Decoder, Encoder, LengthDelimitedCodec, LinesCodec,
};

/// One thing that is fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Panics if something is wrong.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 4] = [
    Target {
        name: "lines",
        run: lines,
    },
    Target {
        name: "any_delimiter",
        run: any_delimiter,
    },
    Target {
        name: "length_delimited",
        run: length_delimited,
    },
    Target {
        name: "bytes",
        run: whole,
    },
];

/// Reads settings off the beginning of an input.
struct Settings<'a>(&'a [u8]);

impl Settings<'_> {
    /// The next byte; 0 when there is none.
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *byte
    }
}

/// The frames up to the first error, which is told as text, when the bytes come `chunk` at a time.
/// 0 is all at once. Checks that each frame takes bytes, so that decoding ends.
fn frames<D: Decoder>(mut decoder: D, data: &[u8], chunk: usize) -> Vec<Result<D::Item, String>>
where
    D::Error: ToString,
{
    let mut buf = BytesMut::new();
    let mut seen = Vec::new();
    let size = if chunk == 0 { data.len().max(1) } else { chunk };
    for part in data.chunks(size) {
        buf.extend_from_slice(part);
        while let Some(frame) = decoder.decode(&mut buf).transpose() {
            let failed = frame.is_err();
            seen.push(frame.map_err(|e| e.to_string()));
            // A head of which nothing is skipped may be a frame for ever.
            if failed || seen.len() > 2 * data.len() + 2 {
                return seen;
            }
        }
    }
    while let Some(frame) = decoder.decode_eof(&mut buf).transpose() {
        let failed = frame.is_err();
        seen.push(frame.map_err(|e| e.to_string()));
        if failed || seen.len() > 2 * data.len() + 2 {
            return seen;
        }
    }
    seen
}

/// Checks that frames do not depend on how the bytes come, and gives them.
fn same_in_chunks<D>(decoder: &D, data: &[u8], chunk: u8) -> Vec<Result<D::Item, String>>
where
    D: Decoder + Clone,
    D::Item: PartialEq + Debug,
    D::Error: ToString,
{
    let whole = frames(decoder.clone(), data, 0);
    let chunked = frames(decoder.clone(), data, usize::from(chunk) + 1);
    assert_eq!(chunked, whole, "in chunks of {} bytes", chunk + 1);
    whole
}

fn lines(data: &[u8]) {
    let mut settings = Settings(data);
    let (chunk, max) = (settings.byte() % 16, settings.byte());
    let codec = match max {
        0..128 => LinesCodec::new_with_max_length(max.into()),
        _ => LinesCodec::new(),
    };
    let data = settings.0;
    let mut sent = BytesMut::new();
    let mut kept = Vec::new();
    for line in same_in_chunks(&codec, data, chunk).into_iter().flatten() {
        assert!(line.len() <= codec.max_length() && !line.contains('\n'));
        // What ends in a carriage return loses it on the way, as a Windows line would.
        if !line.ends_with('\r') {
            LinesCodec::new().encode(&line, &mut sent).unwrap();
            kept.push(Ok(line));
        }
    }
    assert_eq!(frames(LinesCodec::new(), &sent, 0), kept);
}

fn any_delimiter(data: &[u8]) {
    let mut settings = Settings(data);
    let (chunk, max) = (settings.byte() % 16, settings.byte());
    let count = settings.byte() % 6;
    let delimiters: Vec<u8> = (0..count).map(|_| settings.byte()).collect();
    let max = match max {
        0..128 => max.into(),
        _ => usize::MAX,
    };
    let codec = AnyDelimiterCodec::new_with_max_length(delimiters.clone(), Vec::new(), max);
    for piece in same_in_chunks(&codec, settings.0, chunk)
        .into_iter()
        .flatten()
    {
        assert!(piece.len() <= max);
        assert!(!piece.iter().any(|byte| delimiters.contains(byte)));
    }
}

fn length_delimited(data: &[u8]) {
    let mut settings = Settings(data);
    let (chunk, shape, max) = (settings.byte() % 16, settings.byte(), settings.byte());
    let (adjustment, skip) = (settings.byte() as i8, settings.byte());
    let mut builder = LengthDelimitedCodec::builder();
    builder
        .length_field_length(usize::from(shape % 8) + 1)
        .length_field_offset((shape >> 4).into())
        .length_adjustment(adjustment.into())
        .max_frame_length(usize::from(max) * 8);
    if shape & 8 == 0 {
        builder.little_endian();
    }
    if skip < 128 {
        builder.num_skip(skip.into());
    }
    let data = settings.0;
    let mut codec = builder.new_codec();
    same_in_chunks(&codec, data, chunk);

    // What can be sent comes back, where the head is the field alone.
    builder.length_field_offset(0);
    let plain = usize::from(shape % 8) + 1;
    builder.num_skip(plain);
    let mut wire = BytesMut::new();
    codec = builder.new_codec();
    // The limit is on the payload when sending, and on the field when receiving.
    let field = data.len() as i64 - i64::from(adjustment);
    let accepted = field <= codec.max_frame_length() as i64;
    if codec.encode(data, &mut wire).is_err() {
        assert!(
            wire.is_empty(),
            "an item that cannot be sent leaves nothing"
        );
    } else if accepted {
        let seen = frames(codec, &wire, usize::from(chunk));
        assert_eq!(seen, [Ok(BytesMut::from(data))]);
    }
}

fn whole(data: &[u8]) {
    let mut settings = Settings(data);
    let chunk = settings.byte() % 16;
    let seen = frames(BytesCodec::new(), settings.0, chunk.into());
    let seen: Vec<u8> = seen.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(seen, settings.0);
}
