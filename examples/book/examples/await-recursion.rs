//! An async function that calls itself: its future would contain itself, so the
//! inner one is boxed.
//!
//! ```text
//! countdown: 3 2 1
//! the tree has 15 nodes
//! ```

use std::future::Future;
use std::pin::Pin;

/// Since Rust 1.77 a box around the call is enough.
async fn countdown(n: u32, seen: &mut Vec<String>) {
    if n > 0 {
        seen.push(n.to_string());
        Box::pin(countdown(n - 1, seen)).await;
    }
}

/// The older form, of use where callers want a type with a name.
fn nodes(depth: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        match depth {
            0 => 0,
            // Two branches at once, each a box.
            _ => {
                let (left, right) = sinew::join!(nodes(depth - 1), nodes(depth - 1));
                1 + left + right
            }
        }
    })
}

#[sinew::main]
async fn main() {
    let mut seen = Vec::new();
    countdown(3, &mut seen).await;
    println!("countdown: {}", seen.join(" "));
    println!("the tree has {} nodes", nodes(4).await);
}
