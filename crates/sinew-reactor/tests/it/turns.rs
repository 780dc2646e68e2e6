//! Turns: how long they last and what ends them.

use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use sinew_reactor::Source;

use crate::support::{PATIENCE, drain, each};

#[test]
fn a_turn_is_never_early() {
    each(|reactor| {
        for micros in [1, 50, 700, 1_500, 3_300] {
            let timeout = Duration::from_micros(micros);
            let start = Instant::now();
            assert_eq!(reactor.lock().turn(Some(timeout)).unwrap(), 0);
            assert!(start.elapsed() >= timeout);
        }
    });
}

#[test]
fn a_turn_of_no_time_does_not_wait() {
    each(|reactor| {
        let start = Instant::now();
        assert_eq!(reactor.lock().turn(Some(Duration::ZERO)).unwrap(), 0);
        assert!(start.elapsed() < PATIENCE);
    });
}

#[test]
fn events_are_counted() {
    each(|reactor| {
        let pairs: Vec<_> = (0..5).map(|_| UnixStream::pair().unwrap()).collect();
        let _sources: Vec<_> = pairs
            .iter()
            .map(|(near, _)| Source::new(&reactor, near).unwrap())
            .collect();
        assert_eq!(reactor.lock().turn(None).unwrap(), 5);
    });
}

#[test]
fn a_turn_that_does_not_wait_may_be_told_to_take_less() {
    each(|reactor| {
        reactor.set_busy_events(2);
        let pairs: Vec<_> = (0..5).map(|_| UnixStream::pair().unwrap()).collect();
        let _sources: Vec<_> = pairs
            .iter()
            .map(|(near, _)| Source::new(&reactor, near).unwrap())
            .collect();
        let busy = || reactor.lock().turn(Some(Duration::ZERO)).unwrap();
        assert_eq!(busy(), 2);
        assert_eq!(busy(), 2, "others than before");
        assert_eq!(busy(), 1);
        let more: Vec<_> = (0..5).map(|_| UnixStream::pair().unwrap()).collect();
        let _sources: Vec<_> = more
            .iter()
            .map(|(near, _)| Source::new(&reactor, near).unwrap())
            .collect();
        assert_eq!(reactor.lock().turn(None).unwrap(), 5);
    });
}

#[test]
fn a_notification_before_the_turn_ends_it() {
    each(|reactor| {
        reactor.notify();
        assert_eq!(reactor.lock().turn(None).unwrap(), 0);
        reactor.notify();
        assert_eq!(reactor.lock().turn(Some(Duration::MAX)).unwrap(), 0);
    });
}

#[test]
fn several_notifications_end_one_turn() {
    each(|reactor| {
        for _ in 0..3 {
            reactor.notify();
        }
        reactor.lock().turn(None).unwrap();
        let timeout = Duration::from_millis(3);
        let start = Instant::now();
        assert_eq!(reactor.lock().turn(Some(timeout)).unwrap(), 0);
        assert!(start.elapsed() >= timeout);
    });
}

#[test]
fn a_poll_leaves_a_notification_to_the_turn_it_was_meant_for() {
    each(|reactor| {
        reactor.notify();
        drain(&reactor);
        drain(&reactor);
        assert_eq!(reactor.lock().turn(None).unwrap(), 0);
    });
}

#[test]
fn a_notification_ends_the_turn_under_way() {
    each(|reactor| {
        for _ in 0..200 {
            let turner = thread::spawn({
                let reactor = reactor.clone();
                move || reactor.lock().turn(None).unwrap()
            });
            reactor.notify();
            assert_eq!(turner.join().unwrap(), 0);
        }
    });
}

#[test]
fn no_notification_is_lost_between_turns() {
    each(|reactor| {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static SENT: AtomicUsize = AtomicUsize::new(0);
        SENT.store(0, Ordering::SeqCst);
        let sender = thread::spawn({
            let reactor = reactor.clone();
            move || {
                for _ in 0..2_000 {
                    SENT.fetch_add(1, Ordering::SeqCst);
                    reactor.notify();
                }
            }
        });
        let mut turn = reactor.lock();
        // The last message is followed by a notification, so this cannot block
        // before it has been seen.
        while SENT.load(Ordering::SeqCst) < 2_000 {
            turn.turn(None).unwrap();
        }
        sender.join().unwrap();
    });
}

#[test]
fn one_thread_turns_at_a_time() {
    each(|reactor| {
        let turn = reactor.try_lock().unwrap();
        assert!(reactor.try_lock().is_none());
        drop(turn);
        assert!(reactor.try_lock().is_some());
    });
}
