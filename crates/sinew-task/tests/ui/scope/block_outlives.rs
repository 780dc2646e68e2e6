//! A task of a `block_scope` cannot borrow what lives inside of the closure, nor can
//! its handle be kept.
use sinew_task::{Runnable, Schedule, block_scope_on};
use std::sync::Arc;

struct Inline;

impl Schedule for Inline {
    fn schedule(&self, task: Runnable) {
        task.run();
    }
}

fn main() {
    block_scope_on(Arc::new(Inline), |future| sinew_core::block_on(future), |s| {
        let inside = String::from("inside");
        s.spawn(async { println!("{inside}") });
    });
    let kept = block_scope_on(Arc::new(Inline), |future| sinew_core::block_on(future), |s| {
        s.spawn(async { 1 })
    });
    drop(kept);
}
