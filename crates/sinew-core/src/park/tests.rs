use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{Park, ThreadPark};

#[test]
fn a_token_given_before_is_kept_and_only_once() {
    let mut park = ThreadPark::default();
    let unparker = park.unparker();
    unparker.unpark();
    unparker.unpark();
    park.park(None);
    let before = Instant::now();
    park.park(Some(before + Duration::from_millis(20)));
    assert!(before.elapsed() >= Duration::from_millis(20));
}

#[test]
fn a_deadline_in_the_past_returns_at_once() {
    let mut park = ThreadPark::new();
    park.park(Some(Instant::now()));
    park.poll();
}

#[test]
fn another_thread_ends_the_wait() {
    let mut park = ThreadPark::new();
    let unparker = park.unparker();
    let (parked, go) = mpsc::channel();
    std::thread::spawn(move || {
        go.recv().unwrap();
        unparker.unpark();
    });
    parked.send(()).unwrap();
    park.park(None);
}
