//! The barrier opens once for all who came.

use std::pin::pin;

use loom::sync::Arc;
use loom::thread;

use crate::Barrier;
use crate::model::{block_on, check, poll_once};

#[test]
fn one_of_two_leads() {
    check(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = {
            let barrier = barrier.clone();
            thread::spawn(move || block_on(barrier.wait()).is_leader())
        };
        let leader = block_on(barrier.wait()).is_leader();
        assert_ne!(other.join().unwrap(), leader);
    });
}

/// One comes and goes. Either it met the other, or the other still waits.
#[test]
fn who_leaves_has_not_come() {
    check(|| {
        let barrier = Arc::new(Barrier::new(2));
        let quitter = {
            let barrier = barrier.clone();
            thread::spawn(move || {
                let mut wait = pin!(barrier.wait());
                poll_once(wait.as_mut()).is_ready()
            })
        };
        let mut wait = pin!(barrier.wait());
        let led = poll_once(wait.as_mut()).is_ready();
        let met = quitter.join().unwrap();
        if met || led {
            return;
        }
        // Nobody led: our place is kept, the quitter's is not.
        let mut third = pin!(barrier.wait());
        assert!(poll_once(third.as_mut()).is_ready());
        assert!(poll_once(wait.as_mut()).is_ready());
    });
}
