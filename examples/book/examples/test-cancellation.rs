//! Cancel safety, tested: the kit drops each future at each `.await`, in every order,
//! and then checks that nothing was lost.
//!
//! ```text
//! permits after every cancellation: all there
//! more than 10 runs: true
//! ```

use std::rc::Rc;

use sinew::sync::Semaphore;
use sinew::testing::cancel::every_await;

fn main() {
    let runs = every_await(
        || Rc::new(Semaphore::new(1)),
        |script, permits| {
            for _ in 0..3 {
                let permits = permits.clone();
                script.actor(async move {
                    let _permit = permits.acquire().await.expect("it is not closed");
                    sinew::task::yield_now().await;
                });
            }
        },
        // Dropped while it waited or while it held the permit: the permit is back.
        |permits, _ends| assert_eq!(permits.available_permits(), 1),
    );
    println!("permits after every cancellation: all there");
    println!("more than 10 runs: {}", runs > 10);
}
