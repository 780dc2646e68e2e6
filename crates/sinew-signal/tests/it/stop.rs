//! `ctrl_c` and `shutdown`: each in a process of its own.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

use sinew_signal::unix::{SignalKind, signal};
use sinew_signal::{Shutdown, ctrl_c, shutdown};

use crate::child::is_child;
use crate::send::{receive, send, until, within};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn ctrl_c_completes() {
    if !is_child("stop::ctrl_c_completes") {
        return;
    }
    let mut first = pin!(ctrl_c());
    assert!(poll(first.as_mut()).is_pending());
    send(SignalKind::interrupt());
    within(first).unwrap();

    let mut second = pin!(ctrl_c());
    assert!(poll(second.as_mut()).is_pending(), "the first took it");
    let thread = thread::spawn(|| send(SignalKind::interrupt()));
    within(second).unwrap();
    thread.join().unwrap();
}

#[test]
fn ctrl_c_listens_from_its_first_poll() {
    if !is_child("stop::ctrl_c_listens_from_its_first_poll") {
        return;
    }
    let unpolled = ctrl_c();
    let mut witness = signal(SignalKind::interrupt()).unwrap();
    send(SignalKind::interrupt());
    receive(&mut witness);
    assert!(poll(pin!(unpolled)).is_pending());
}

#[test]
fn ctrl_c_anew_in_each_turn_misses_none() {
    if !is_child("stop::ctrl_c_anew_in_each_turn_misses_none") {
        return;
    }
    for _ in 0..100 {
        // The other branch of a `select!` was ready.
        assert!(poll(pin!(ctrl_c())).is_pending());
        send(SignalKind::interrupt());
        within(ctrl_c()).unwrap();
    }
}

#[test]
fn shutdown_says_which() {
    if !is_child("stop::shutdown_says_which") {
        return;
    }
    for (kind, which) in [
        (SignalKind::interrupt(), Shutdown::Interrupt),
        (SignalKind::terminate(), Shutdown::Terminate),
    ] {
        let mut asked = pin!(shutdown());
        assert!(poll(asked.as_mut()).is_pending());
        send(kind);
        assert_eq!(within(asked).unwrap(), which);
    }
}

#[test]
fn shutdown_gives_the_first_and_keeps_the_second() {
    if !is_child("stop::shutdown_gives_the_first_and_keeps_the_second") {
        return;
    }
    let orders = [
        [SignalKind::terminate(), SignalKind::interrupt()],
        [SignalKind::interrupt(), SignalKind::terminate()],
    ];
    for order in orders {
        let mut asked = pin!(shutdown());
        assert!(poll(asked.as_mut()).is_pending());
        for kind in order {
            let witness = signal(kind).unwrap();
            send(kind);
            // Looks without taking: what is received is settled for all.
            until(|| format!("{witness:?}").contains("arrived: true"));
        }
        let which = |kind| match kind == SignalKind::terminate() {
            true => Shutdown::Terminate,
            false => Shutdown::Interrupt,
        };
        assert_eq!(within(asked).unwrap(), which(order[0]));
        assert_eq!(within(shutdown()).unwrap(), which(order[1]));
    }
}

#[test]
fn the_futures_may_move_to_another_thread() {
    fn is_send(_: &impl Send) {}
    is_send(&ctrl_c());
    is_send(&shutdown());
}
