//! Signals under the cancellation kit: one that came and was not returned is there for
//! the next who asks.

#![cfg(any(target_os = "linux", target_os = "android", target_os = "illumos"))]

use futures::StreamExt;
use sinew_signal::unix::{Signal, SignalKind, SignalStream, signal};
use sinew_testing::cancel::every_pending;

use crate::child::is_child;
use crate::send::{has_one, own, receive, send, within};

/// Sends a signal whenever `wait` waits. Whenever that was dropped, either it has
/// returned the signal or the next listener gets it, and not both.
fn loses_no_signal<T>(
    kind: SignalKind,
    state: impl Fn() -> T,
    wait: impl AsyncFn(&mut T),
    next: impl Fn(T) -> Signal,
) {
    let mut witness = signal(kind).unwrap();
    let runs = within(every_pending(
        async || (state(), 0),
        async |state| wait(state).await,
        |sent, _| {
            send(kind);
            // The witness has it, so the dispatcher is done with it.
            receive(&mut witness);
            *sent += 1;
        },
        async |state, sent, returned| {
            let mut next = next(state);
            assert_eq!(has_one(&mut next), sent > 0 && returned.is_none());
        },
    ));
    assert!(runs > 2, "{runs}");
}

#[test]
fn listeners() {
    let kind = own(27);
    loses_no_signal(
        kind,
        || signal(kind).unwrap(),
        async |signal| assert_eq!(signal.recv().await, Some(())),
        |signal| signal,
    );
    let kind = own(28);
    loses_no_signal(
        kind,
        || SignalStream::new(signal(kind).unwrap()),
        async |signals| assert_eq!(signals.next().await, Some(())),
        SignalStream::into_inner,
    );
}

#[test]
fn ctrl_c_and_shutdown() {
    if !is_child("cancel::ctrl_c_and_shutdown") {
        return;
    }
    let interrupt = SignalKind::interrupt();
    let next = |()| signal(interrupt).unwrap();
    loses_no_signal(
        interrupt,
        || (),
        async |()| sinew_signal::ctrl_c().await.unwrap(),
        next,
    );
    loses_no_signal(
        interrupt,
        || (),
        async |()| {
            let _ = sinew_signal::shutdown().await.unwrap();
        },
        next,
    );
}
