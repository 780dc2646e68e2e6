//! Pinning to the stack: `pin!` keeps the future in this function and gives the only
//! way to reach it.
//!
//! ```text
//! polled once: Pending
//! then awaited by reference: 7
//! ```

use std::future::Future;
use std::pin::pin;

use sinew::task::yield_now;

async fn seven() -> i32 {
    yield_now().await;
    7
}

#[sinew::main]
async fn main() {
    // An async block is not `Unpin`: it may hold references into itself.
    let mut future = pin!(seven());
    let first = std::future::poll_fn(|cx| {
        // `as_mut` lends the `Pin`, which `poll` takes by value.
        let polled = future.as_mut().poll(cx);
        std::task::Poll::Ready(format!("{polled:?}"))
    });
    println!("polled once: {}", first.await);
    println!("then awaited by reference: {}", future.await);
}
