//! A child cannot borrow what lives inside of the body.
use sinew_task::scope;

fn main() {
    sinew_core::block_on(scope(async |s| {
        let inside = String::from("inside");
        s.spawn(async { println!("{inside}") });
    }));
}
