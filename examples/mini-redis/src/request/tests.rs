use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Limits, Parser, ProtocolError, encode};

/// What a parser makes of bytes: requests, then perhaps an error.
type Outcome = (Vec<Vec<Vec<u8>>>, Option<ProtocolError>);

const SMALL: Limits = Limits {
    bulk: 64,
    args: 8,
    line: 32,
    request: 256,
};

/// What a stranger might send, well-formed or not when put together.
const PIECES: &[&[u8]] = &[
    b"*1\r\n",
    b"*2\r\n",
    b"$3\r\n",
    b"$0\r\n",
    b"abc\r\n",
    b"\r\n",
    b"\"",
    b"'",
    b" a ",
    b"*-1\r\n",
    b"\r",
    b"$99",
    b"*9\r\n",
    b"\x00\xff",
];

/// Feeds `bytes` in chunks that end at `cuts`.
fn feed(limits: Limits, bytes: &[u8], cuts: &[usize]) -> Outcome {
    let mut parser = Parser::new(limits);
    let mut requests = Vec::new();
    let mut start = 0;
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.push(bytes.len());
    cuts.sort_unstable();
    for end in cuts {
        loop {
            match parser.parse(&bytes[start.min(end)..end]) {
                Ok(Some((request, length))) => {
                    requests.push(request.args_from(0).map(<[u8]>::to_vec).collect());
                    start += length;
                }
                Ok(None) => break,
                Err(error) => return (requests, Some(error)),
            }
        }
    }
    (requests, None)
}

fn refused(bytes: &[u8]) -> ProtocolError {
    feed(Limits::default(), bytes, &[]).1.expect("an error")
}

fn words(line: &str) -> Vec<String> {
    let (requests, error) = feed(Limits::default(), format!("{line}\r\n").as_bytes(), &[]);
    assert_eq!((requests.len(), error), (1, None));
    requests[0]
        .iter()
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn requests_come_out_as_they_went_in(
        requests in vec(vec(vec(any::<u8>(), 0..40), 0..6), 0..6),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let mut bytes = Vec::new();
        for request in &requests {
            encode(request, &mut bytes);
        }
        prop_assert_eq!(feed(Limits::default(), &bytes, &cuts), (requests, None));
    }

    #[test]
    fn chunks_make_no_difference(
        pieces in vec(
            select(PIECES),
            0..40,
        ),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let bytes = pieces.concat();
        prop_assert_eq!(feed(SMALL, &bytes, &cuts), feed(SMALL, &bytes, &[]));
    }

    #[test]
    fn rubbish_does_no_harm(bytes in vec(any::<u8>(), 0..400)) {
        feed(SMALL, &bytes, &[]);
        feed(Limits::default(), &bytes, &[]);
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_comes() {
    assert_eq!(refused(b"*1\r\n$629145600\r\n"), ProtocolError::BulkLength);
    assert_eq!(refused(b"*1\r\n$536870913\r\n"), ProtocolError::BulkLength);
    assert_eq!(refused(b"*1048577\r\n"), ProtocolError::ArrayLength);
    assert_eq!(refused(&[b'a'; 65536]), ProtocolError::InlineTooLong);
    assert_eq!(refused(&[b'*'; 65537]), ProtocolError::ArrayLineTooLong);
    let head = [b"*1\r\n$".as_slice(), &[b'1'; 65536]].concat();
    assert_eq!(refused(&head), ProtocolError::BulkLineTooLong);
    let long = [
        b"*5\r\n".to_vec(),
        [b"$60\r\n", &[b'x'; 60][..], b"\r\n"].concat().repeat(3),
    ]
    .concat();
    assert_eq!(feed(SMALL, &long, &[]).1, None);
    let longer = [&long[..], b"$60\r\n"].concat();
    assert_eq!(
        feed(SMALL, &longer, &[]).1,
        Some(ProtocolError::RequestTooLong)
    );
}

#[test]
fn what_is_no_request_is_named() {
    assert_eq!(refused(b"*x\r\n"), ProtocolError::ArrayLength);
    assert_eq!(refused(b"*1\r\n$-1\r\n"), ProtocolError::BulkLength);
    assert_eq!(refused(b"*1\r\n+OK\r\n"), ProtocolError::NotBulk(b'+'));
    assert_eq!(refused(b"*1\r\n$1\r\nabc"), ProtocolError::NoLineEnd);
    assert_eq!(refused(b"*1\rx"), ProtocolError::NoLineEnd);
    let shown = ProtocolError::NotBulk(b'\n').to_string();
    assert_eq!(shown, "expected '$', got '?'");
}

#[test]
fn nothing_is_asked_for_by_an_empty_request() {
    for bytes in [&b"\r\n"[..], b"  \n", b"*0\r\n", b"*-1\r\n"] {
        assert_eq!(feed(Limits::default(), bytes, &[]), (vec![vec![]], None));
    }
}

#[test]
fn lines_are_split_at_spaces_and_quotes_kept_together() {
    assert_eq!(words("  SET a\tb "), ["SET", "a", "b"]);
    assert_eq!(words(r#"SET "a b" 'c d'"#), ["SET", "a b", "c d"]);
    assert_eq!(words(r#""\x41\n\"" '\'\n'"#), ["A\n\"", r"'\n"]);
    assert_eq!(words(r#""" ''"#), ["", ""]);
    for line in ["\"a\n", "'a\n", "\"a\"b\n", "'a'b\n", "\"a\\\n"] {
        assert_eq!(refused(line.as_bytes()), ProtocolError::Quotes, "{line}");
    }
}

#[test]
fn how_much_is_missing_is_known_within_an_argument() {
    let mut parser = Parser::new(Limits::default());
    assert!(parser.parse(b"*1\r\n$10\r\nabc").unwrap().is_none());
    assert_eq!(parser.missing(b"*1\r\n$10\r\nabc"), 9);
}
