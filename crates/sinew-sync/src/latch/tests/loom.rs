//! An opening against a wait that is given up.

use std::pin::pin;
use std::task::{Context, Waker};

use loom::sync::Arc;
use loom::thread;
use sinew_core::leaf::Kind;

use crate::latch::{Latch, Place};
use crate::model::check;

#[test]
fn a_place_is_left_against_the_opening() {
    check(|| {
        let latch = Arc::new(Latch::new(false));
        let opener = {
            let latch = latch.clone();
            thread::spawn(move || assert!(latch.open_with(|| {})))
        };
        let mut place = pin!(Place::new());
        let cx = Context::from_waker(Waker::noop());
        // SAFETY: we hold the latch, and leave below.
        let _ = unsafe { place.as_mut().poll(&latch, Kind::Once, &cx) };
        place.leave(&latch);
        opener.join().unwrap();
        assert!(latch.is_open());
    });
}
