use std::io;

use super::{LIMIT, Listener, check, entry};
use crate::unix::SignalKind;

#[test]
fn forbidden_signals_are_refused_by_name() {
    for &signal in signal_hook_registry::FORBIDDEN {
        let kind = SignalKind::from_raw(signal);
        let name = kind.forbidden_name().expect("forbidden there, so here");
        let error = check(kind).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn numbers_outside_the_table_are_refused() {
    for raw in [i32::MIN, -1, 0, LIMIT as i32 + 1, i32::MAX] {
        let error = check(SignalKind::from_raw(raw)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&raw.to_string()), "{error}");
    }
}

#[test]
fn dropped_listeners_leave_no_entry() {
    // No other test of this binary listens for this one.
    let kind = SignalKind::window_change();
    let number = check(kind).unwrap();
    let listeners: Vec<_> = (0..100).map(|_| Listener::new(kind).unwrap()).collect();
    assert_eq!(entry(number).listeners(), 100);
    drop(listeners);
    assert_eq!(entry(number).listeners(), 0);
}
