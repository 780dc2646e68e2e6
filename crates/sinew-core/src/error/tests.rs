use std::error::Error;
use std::io;

use super::{FailedAttempt, attempted, raw_os_error};

/// `ECONNREFUSED` where the tests run; any number does.
const CODE: i32 = 111;

#[test]
fn keeps_kind_and_number_and_names_the_attempt() {
    let original = io::Error::from_raw_os_error(CODE);
    let kind = original.kind();
    let message = original.to_string();
    let error = attempted("connect to", "127.0.0.1:1", original);
    assert_eq!(error.kind(), kind);
    assert_eq!(error.raw_os_error(), None);
    assert_eq!(raw_os_error(&error), Some(CODE));
    assert_eq!(
        error.to_string(),
        format!("connect to 127.0.0.1:1: {message}")
    );
    let source = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.raw_os_error(), Some(CODE));
}

#[test]
fn nested_attempts_keep_the_number() {
    let inner = attempted("look up", "a", io::Error::from_raw_os_error(CODE));
    let outer = attempted("connect to", "a:1", inner);
    assert_eq!(raw_os_error(&outer), Some(CODE));
    let net = outer
        .into_inner()
        .unwrap()
        .downcast::<FailedAttempt>()
        .unwrap();
    assert_eq!(net.raw_os_error(), Some(CODE));
    assert_eq!(net.attempt(), "connect to a:1");
    assert!(net.into_source().to_string().starts_with("look up a: "));
}

#[test]
fn an_error_without_a_number_has_none() {
    let error = attempted("bind", "x", io::Error::other("no"));
    assert_eq!(raw_os_error(&error), None);
    assert_eq!(
        raw_os_error(&io::Error::from(io::ErrorKind::NotFound)),
        None
    );
}
