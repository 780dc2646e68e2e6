use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{MAX_DEPTH, Reply, ReplyError, ReplyParser};

fn encode(reply: &Reply, to: &mut Vec<u8>) {
    let (kind, line) = match reply {
        Reply::Simple(text) => ('+', String::from_utf8(text.to_vec()).unwrap()),
        Reply::Error(text) => ('-', String::from_utf8(text.to_vec()).unwrap()),
        Reply::Integer(number) => (':', number.to_string()),
        Reply::Bulk(bytes) => ('$', bytes.len().to_string()),
        Reply::None => ('$', "-1".to_owned()),
        Reply::Array(elements) => ('*', elements.len().to_string()),
    };
    to.extend_from_slice(format!("{kind}{line}\r\n").as_bytes());
    match reply {
        Reply::Bulk(bytes) => {
            to.extend_from_slice(bytes);
            to.extend_from_slice(b"\r\n");
        }
        Reply::Array(elements) => elements.iter().for_each(|element| encode(element, to)),
        _ => {}
    }
}

fn replies() -> impl Strategy<Value = Reply> {
    let leaf = prop_oneof![
        "[a-z ]{0,12}".prop_map(|text| Reply::Simple(text.into())),
        "[A-Z ]{0,12}".prop_map(|text| Reply::Error(text.into())),
        any::<i64>().prop_map(Reply::Integer),
        vec(any::<u8>(), 0..20).prop_map(|bytes| Reply::Bulk(bytes.into())),
        Just(Reply::None),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| vec(inner, 0..5).prop_map(Reply::Array))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn replies_come_out_as_they_went_in(
        replies in vec(replies(), 1..4),
        step in 1_usize..40,
    ) {
        let mut bytes = Vec::new();
        for reply in &replies {
            encode(reply, &mut bytes);
        }
        let (mut parser, mut found, mut start, mut end) = (ReplyParser::new(), Vec::new(), 0, 0);
        while end < bytes.len() {
            end = (end + step).min(bytes.len());
            while let Some((reply, length)) = parser.parse(&bytes[start..end]).unwrap() {
                found.push(reply);
                start += length;
            }
        }
        prop_assert_eq!(found, replies);
        prop_assert_eq!(start, bytes.len());
    }

    #[test]
    fn rubbish_does_no_harm(bytes in vec(any::<u8>(), 0..200)) {
        let _ = ReplyParser::new().parse(&bytes);
    }
}

#[test]
fn arrays_are_nested_to_a_limit() {
    let deep = |depth: usize| [b"*1\r\n".repeat(depth), b":1\r\n".to_vec()].concat();
    assert!(
        ReplyParser::new()
            .parse(&deep(MAX_DEPTH))
            .unwrap()
            .is_some()
    );
    let error = ReplyParser::new().parse(&deep(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error, ReplyError::Depth);
}

#[test]
fn shown_as_redis_cli_does() {
    let reply = Reply::Array(vec![
        Reply::Bulk(Bytes::from_static(b"a\"\n")),
        Reply::Array(vec![Reply::Integer(-1), Reply::None]),
        Reply::Array(vec![]),
        Reply::Error(Bytes::from_static(b"ERR no")),
    ]);
    let mut shown = String::new();
    reply.show(&mut shown);
    let expected =
        "1) \"a\\\"\\n\"\n2) 1) (integer) -1\n   2) (nil)\n3) (empty array)\n4) (error) ERR no\n";
    assert_eq!(shown, expected);
}
