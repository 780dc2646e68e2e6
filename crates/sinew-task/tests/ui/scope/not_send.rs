//! A child must be `Send`, because the task that the scope is in may be.
use sinew_task::scope;
use std::rc::Rc;

fn main() {
    let shared = Rc::new(1);
    sinew_core::block_on(scope(async |s| {
        s.spawn(async { println!("{shared}") });
    }));
}
