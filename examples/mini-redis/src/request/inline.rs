//! Requests as people type them: words, some of them in quotes.

use std::ops::Range;

/// Splits `line` at its spaces. The words go to `words`, their places there to
/// `args`. In double quotes, `\n`, `\r`, `\t`, `\b`, `\a` and `\xHH` stand for
/// what they do in C, and any other byte after a backslash for itself; in single
/// quotes only `\'` is special. `None` when a quote is not closed, or is
/// followed by anything but a space.
pub(crate) fn split(line: &[u8], words: &mut Vec<u8>, args: &mut Vec<Range<usize>>) -> Option<()> {
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let start = words.len();
        rest = word(rest, words)?.trim_ascii_start();
        args.push(start..words.len());
    }
    Some(())
}

/// Moves the first word, and gives what comes after it.
fn word<'a>(mut rest: &'a [u8], words: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        match rest {
            [b'"', quoted @ ..] => return double(quoted, words),
            [b'\'', quoted @ ..] => return single(quoted, words),
            [byte, after @ ..] if !byte.is_ascii_whitespace() => {
                words.push(*byte);
                rest = after;
            }
            _ => return Some(rest),
        }
    }
}

fn double<'a>(mut rest: &'a [u8], words: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, after) = match rest {
            [] => return None,
            [b'"', after @ ..] => return closed(after),
            [b'\\', b'x', high, low, after @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                (hex(*high) << 4 | hex(*low), after)
            }
            [b'\\', byte, after @ ..] => (escaped(*byte), after),
            [byte, after @ ..] => (*byte, after),
        };
        words.push(byte);
        rest = after;
    }
}

fn single<'a>(mut rest: &'a [u8], words: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, after) = match rest {
            [] => return None,
            [b'\'', after @ ..] => return closed(after),
            [b'\\', b'\'', after @ ..] => (b'\'', after),
            [byte, after @ ..] => (*byte, after),
        };
        words.push(byte);
        rest = after;
    }
}

fn closed(after: &[u8]) -> Option<&[u8]> {
    let ends = after.first().is_none_or(u8::is_ascii_whitespace);
    ends.then_some(after)
}

fn escaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}

/// The value of a digit that is known to be one.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}
