//! The `futures` crate: small futures, and methods that make others of them. Much of it
//! is said better by `async` and `.await` today; it is of use where a type is needed, or
//! in a chain.
//!
//! ```text
//! ready: 1, lazy: 2
//! map and then: 6
//! ok, and_then, map_err: Ok(3) and Err("not a number")
//! boxed, several types in one list: [1, 2, 3]
//! shared, computed once: 7 and 7
//! a panic caught: true
//! now or never: Some(1) and None
//! ```

use std::cell::Cell;
use std::panic::AssertUnwindSafe;

use futures::future::{self, FutureExt, TryFutureExt, join_all, lazy, pending, ready};

async fn parse(text: &str) -> Result<i32, std::num::ParseIntError> {
    text.parse()
}

#[sinew::main]
async fn main() {
    println!("ready: {}, lazy: {}", ready(1).await, lazy(|_| 2).await);
    let six = ready(2).map(|n| n + 1).then(async |n| n * 2);
    println!("map and then: {}", six.await);

    // A `TryFuture` is a future whose output is a `Result`.
    let next = |text| {
        parse(text)
            .and_then(|n| future::ok(n + 1))
            .map_err(|_| "not a number")
    };
    println!(
        "ok, and_then, map_err: {:?} and {:?}",
        next("2").await,
        next("two").await
    );

    let list = vec![ready(1).boxed(), async { 2 }.boxed(), lazy(|_| 3).boxed()];
    println!(
        "boxed, several types in one list: {:?}",
        join_all(list).await
    );

    let times = Cell::new(0);
    let shared = async {
        times.set(times.get() + 1);
        7
    }
    .shared();
    let (one, other) = futures::join!(shared.clone(), shared);
    assert_eq!(times.get(), 1);
    println!("shared, computed once: {one} and {other}");

    std::panic::set_hook(Box::new(|_| {}));
    let caught = AssertUnwindSafe(async { panic!("dropped a plate") }).catch_unwind();
    let _ = std::panic::take_hook();
    println!("a panic caught: {}", caught.await.is_err_and(|_: _| true));

    // One poll, without an executor.
    println!(
        "now or never: {:?} and {:?}",
        ready(1).now_or_never(),
        pending::<i32>().now_or_never()
    );
}
