//! Async closures may lend what they captured to the future; a closure that returns
//! an async block may not.
//!
//! ```text
//! retried: attempt 3 worked
//! attempts counted by the closure: 3
//! with a block: 5
//! ```

use std::future::Future;

use sinew::task::yield_now;

/// `AsyncFnMut` takes an async closure that changes what it captured.
async fn retry<T, E>(times: u32, mut run: impl AsyncFnMut() -> Result<T, E>) -> Result<T, E> {
    for _ in 1..times {
        if let Ok(value) = run().await {
            return Ok(value);
        }
    }
    run().await
}

/// The older way: a closure, and the future that it returns, which cannot borrow
/// from the closure.
async fn call<F: Future<Output = u32>>(run: impl Fn(u32) -> F) -> u32 {
    run(2).await
}

#[sinew::main]
async fn main() {
    let mut attempts = 0;
    let result = retry(5, async || {
        attempts += 1;
        yield_now().await;
        if attempts == 3 {
            Ok(attempts)
        } else {
            Err("not yet")
        }
    });
    println!(
        "retried: attempt {} worked",
        result.await.expect("the third works")
    );
    println!("attempts counted by the closure: {attempts}");

    let base = 3;
    // `move` copies `base` into each future.
    println!("with a block: {}", call(|n| async move { base + n }).await);
}
