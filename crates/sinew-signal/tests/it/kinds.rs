use std::collections::HashSet;
use std::io;
use std::os::raw::c_int;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use sinew_core::error::raw_os_error;
use sinew_signal::unix::{SignalKind, signal};

use crate::child::is_child;
use crate::send::{receive, send};

const ALL: [fn() -> SignalKind; 12] = [
    SignalKind::alarm,
    SignalKind::child,
    SignalKind::hangup,
    SignalKind::interrupt,
    SignalKind::io,
    SignalKind::pipe,
    SignalKind::quit,
    SignalKind::terminate,
    SignalKind::user_defined1,
    SignalKind::user_defined2,
    SignalKind::window_change,
    || SignalKind::from_raw(libc::SIGURG),
];

#[test]
fn every_kind_is_received() {
    if !is_child("kinds::every_kind_is_received") {
        return;
    }
    for kind in ALL {
        let mut listener = signal(kind()).unwrap();
        for _ in 0..3 {
            send(kind());
            receive(&mut listener);
        }
    }
}

#[test]
fn kinds_are_their_numbers() {
    let numbers: HashSet<SignalKind> = ALL.iter().map(|kind| kind()).collect();
    assert_eq!(numbers.len(), ALL.len());
    assert_eq!(SignalKind::from(libc::SIGINT), SignalKind::interrupt());
    assert_eq!(c_int::from(SignalKind::terminate()), libc::SIGTERM);
    assert_eq!(SignalKind::hangup().as_raw_value(), libc::SIGHUP);
}

#[test]
fn forbidden_kinds_are_errors() {
    for (number, name) in [
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGSTOP, "SIGSTOP"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGSEGV, "SIGSEGV"),
        (-1, "-1"),
        (0, "0"),
        (c_int::MAX, "2147483647"),
    ] {
        let error = signal(SignalKind::from_raw(number)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// The C library keeps the first two real-time signals for itself.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_refusal_of_the_system_keeps_its_number() {
    let error = signal(SignalKind::from_raw(32)).unwrap_err();
    assert_eq!(raw_os_error(&error), Some(libc::EINVAL));
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("signal 32"), "{error}");
}
