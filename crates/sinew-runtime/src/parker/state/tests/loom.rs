use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::parker::state::{ParkState, Wait};

/// A token always ends a sleep; loom reports a deadlock if one is lost.
#[test]
fn loom_a_token_ends_a_sleep() {
    loom::model(|| {
        let state = Arc::new(ParkState::new());
        let work = Arc::new(AtomicBool::new(false));
        let notifier = {
            let (state, work) = (state.clone(), work.clone());
            thread::spawn(move || {
                work.store(true, Ordering::Relaxed);
                let _ = state.notify();
            })
        };
        while !work.load(Ordering::Relaxed) {
            state.sleep(None);
        }
        notifier.join().unwrap();
    });
}

/// Two notifiers against a runner that sleeps twice, once as if in the reactor.
#[test]
fn loom_a_reactor_wait_is_always_told() {
    loom::model(|| {
        let state = Arc::new(ParkState::new());
        let kicked = Arc::new(AtomicBool::new(false));
        let notifier = {
            let (state, kicked) = (state.clone(), kicked.clone());
            thread::spawn(move || {
                if state.notify() == Wait::Reactor {
                    kicked.store(true, Ordering::SeqCst);
                }
            })
        };
        if state.enter_reactor() {
            // The reactor's wait ends when it is kicked.
            while !kicked.load(Ordering::SeqCst) {
                thread::yield_now();
            }
        }
        state.leave();
        notifier.join().unwrap();
    });
}
