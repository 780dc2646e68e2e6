//! Patterns: which outputs match, and what the bindings get.

use std::future::{pending, ready};

use crate::block_on;

#[derive(Debug)]
struct Point {
    x: String,
    y: Option<u8>,
}

const LIMIT: u8 = 9;

#[test]
fn an_output_that_does_not_match_disables_its_branch() {
    block_on(async {
        let n = select! {
            Some(n) = ready(None) => n,
            n = async { super::yield_now().await; 2 } => n,
        };
        assert_eq!(n, 2);
        let n = select! {
            Some(n) = ready(None::<u8>) => n,
            Ok(n) = ready(Err::<u8, u8>(1)) => n,
            else => 3,
        };
        assert_eq!(n, 3);
    });
}

#[test]
fn values_are_moved_into_bindings() {
    block_on(async {
        let text = select! { Some(text) = ready(Some(String::from("a"))) => text };
        assert_eq!(text, "a");
        let text = select! {
            Point { x, y: Some(1 | 2) } = ready(Point { x: "b".into(), y: Some(2) }) => x,
            else => unreachable!(),
        };
        assert_eq!(text, "b");
        let (a, b) = select! { (a, [b, ..]) = ready((1, [2, 3])) => (a, b) };
        assert_eq!((a, b), (1, 2));
    });
}

#[test]
fn mut_and_ref_bindings() {
    block_on(async {
        select! {
            Some(mut text) = ready(Some(String::from("a"))) => {
                text.push('b');
                assert_eq!(text, "ab");
            },
        }
        select! { Some(ref text) = ready(Some(String::from("a"))) => assert_eq!(*text, "a") }
        select! {
            Some(ref mut text) = ready(Some(String::from("a"))) => {
                text.push('b');
                assert_eq!(*text, "ab");
            }
        }
        select! { mut n = ready(1) => { n += 1; assert_eq!(n, 2) } }
    });
}

#[test]
fn references_in_the_output() {
    block_on(async {
        let numbers = [1, 2];
        let n = select! { Some(&n) = ready(numbers.first()) => n };
        assert_eq!(n, 1);
        let point = Point {
            x: "c".into(),
            y: None,
        };
        let x = select! { Some(Point { x, y: None }) = ready(Some(&point)) => x.as_str() };
        assert_eq!(x, "c");
        let mut number = 5;
        select! { Some(n) = ready(Some(&mut number)) => *n += 1 }
        assert_eq!(number, 6);
    });
}

#[test]
fn constants_literals_ranges_and_bound_subpatterns() {
    async fn class(n: u8) -> &'static str {
        select! {
            biased;
            LIMIT = ready(n) => "limit",
            0 | 1 = ready(n) => "small",
            | b'a'..=b'z' = ready(n) => "letter",
            Some(all @ 100..) = ready(Some(n)) => if all == 255 { "most" } else { "much" },
            None = ready(n.checked_sub(5)) => "below five",
            _ = pending::<()>() => "never",
            else => "other",
        }
    }
    block_on(async {
        // The last branch never ends, so only the last but one can be `None`.
        assert_eq!(class(LIMIT).await, "limit");
        assert_eq!(class(1).await, "small");
        assert_eq!(class(b'k').await, "letter");
        assert_eq!(class(255).await, "most");
        assert_eq!(class(4).await, "below five");
    });
}

#[test]
fn constant_patterns_distinguish_the_unit_variant() {
    block_on(async {
        let none = select! {
            None = ready(Some(1)) => true,
            else => false,
        };
        assert!(!none);
    });
}

#[test]
fn raw_names_and_patterns_from_macros() {
    macro_rules! some {
        ($name:ident) => {
            Some($name)
        };
    }
    block_on(async {
        let n = select! { Some(r#type) = ready(Some(1)) => r#type };
        assert_eq!(n, 1);
        let n = select! { some!(n) = ready(Some(2)) => n, else => 0 };
        assert_eq!(n, 2);
    });
}

#[test]
fn an_output_that_cannot_exist() {
    async fn never() -> ! {
        pending().await
    }
    block_on(async {
        let n = select! {
            _ = never() => 0,
            n = ready(1) => n,
        };
        assert_eq!(n, 1);
    });
}
