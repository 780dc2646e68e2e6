use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::parker::state::{ParkState, Wait};

#[test]
fn a_token_is_kept_once() {
    let state = ParkState::new();
    assert_eq!(state.notify(), Wait::Done);
    assert_eq!(state.notify(), Wait::Done);
    assert!(!state.enter_reactor());
    state.leave();
    assert!(state.enter_reactor());
    assert_eq!(state.notify(), Wait::Reactor);
    state.leave();
    let before = Instant::now();
    state.sleep(Some(before + Duration::from_millis(10)));
    assert!(before.elapsed() >= Duration::from_millis(10));
}

#[test]
fn a_sleeper_is_woken() {
    let state = Arc::new(ParkState::new());
    let sleeper = {
        let state = state.clone();
        std::thread::spawn(move || state.sleep(None))
    };
    assert_eq!(state.notify(), Wait::Done);
    sleeper.join().unwrap();
}
