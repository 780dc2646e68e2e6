//! Pinning to the heap: a pinned box can be returned, stored and moved.
//!
//! ```text
//! one
//! two
//! both boxes are Unpin
//! ```

use std::future::Future;
use std::pin::Pin;

use sinew::task::yield_now;

fn named(name: &'static str) -> Pin<Box<dyn Future<Output = &'static str>>> {
    Box::pin(async move {
        yield_now().await;
        name
    })
}

fn is_unpin<T: Unpin>(_: &T) {}

#[sinew::main(flavor = "local")]
async fn main() {
    let mut queue = vec![named("two"), named("one")];
    // Moving the box does not move the future in it.
    is_unpin(&queue[0]);
    while let Some(future) = queue.pop() {
        println!("{}", future.await);
    }
    println!("both boxes are Unpin");
}
