//! A scope cannot be kept for longer than what its children borrow.
use sinew_task::scope;

fn main() {
    let future = {
        let outside = String::from("gone");
        scope(async |s| {
            s.spawn(async { println!("{outside}") });
        })
    };
    sinew_core::block_on(future);
}
