//! An async function that calls itself: its future would contain itself, so the
//! inner one is boxed.
//!
//! ```text
//! countdown: 3 2 1
//! the tree has 15 nodes
//! by macro: 5 is the 5th Fibonacci number
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

/// The macro of `async-recursion` writes the older form: of use where a function calls
/// itself in many places.
#[async_recursion::async_recursion]
async fn fibonacci(n: u32) -> u32 {
    match n {
        0 | 1 => n,
        _ => fibonacci(n - 1).await + fibonacci(n - 2).await,
    }
}

#[sinew::main]
async fn main() {
    let mut seen = Vec::new();
    countdown(3, &mut seen).await;
    println!("countdown: {}", seen.join(" "));
    println!("the tree has {} nodes", nodes(4).await);
    println!(
        "by macro: {} is the 5th Fibonacci number",
        fibonacci(5).await
    );
}
