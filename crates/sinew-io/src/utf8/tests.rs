use super::{Appender, valid_prefix};

fn in_chunks(original: &str, bytes: &[u8], at: usize) -> (String, Result<(), String>) {
    let mut output = String::from(original);
    let mut appender = Appender::new(&output);
    appender.push(&mut output, &bytes[..at]);
    appender.push(&mut output, &bytes[at..]);
    let result = appender.finish(&mut output).map_err(|e| e.to_string());
    (output, result)
}

#[test]
fn any_cut_gives_the_same_text() {
    let text = "aé€𝄞 z";
    for at in 0..=text.len() {
        let (output, result) = in_chunks("x", text.as_bytes(), at);
        assert_eq!((output.as_str(), result), ("xaé€𝄞 z", Ok(())));
    }
}

#[test]
fn any_cut_gives_the_error_of_the_whole() {
    for bad in [
        &b"ok\xffrest"[..],
        b"\xe2\x82",
        b"ab\xe2\x82x",
        b"\xf0\x9f\x92\n",
        b"\xc0\x80",
        b"\xed\xa0\x80",
    ] {
        let whole = [b"x", bad].concat();
        let expected = String::from_utf8(whole).unwrap_err().to_string();
        for at in 0..=bad.len() {
            let (output, result) = in_chunks("x", bad, at);
            assert_eq!((output.as_str(), result), ("x", Err(expected.clone())));
        }
    }
}

#[test]
fn abandon_keeps_whole_characters_only() {
    let mut output = String::from("x");
    let mut appender = Appender::new(&output);
    appender.push(&mut output, b"ab");
    appender.abandon(&mut output);
    assert_eq!(output, "xab");

    let mut appender = Appender::new(&output);
    appender.push(&mut output, b"cd\xe2");
    appender.abandon(&mut output);
    assert_eq!(output, "xab");
}

#[test]
fn valid_prefix_stops_at_the_first_bad_byte() {
    assert_eq!(valid_prefix(b"ab\xffcd".to_vec()), "ab");
    assert_eq!(valid_prefix(b"ab\xe2\x82".to_vec()), "ab");
    assert_eq!(valid_prefix("é".into()), "é");
}
