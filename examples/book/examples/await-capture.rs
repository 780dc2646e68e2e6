//! What a future captures. An `async fn` captures all of its arguments, whether the
//! body uses them or not; so does `-> impl Future` since edition 2024. `use<..>` says
//! what is captured, where less is wanted.
//!
//! ```text
//! captures all: 5
//! captures nothing of the text: 5, and the text is gone already
//! an array that is used after an await is a part of the future, another is not: true
//! ```

use std::future::Future;

use sinew::task::yield_now;

/// The future borrows `text` until it ends: `+ '_` was written here in older editions.
#[expect(clippy::manual_async_fn, reason = "the long form is the subject")]
fn length(text: &str) -> impl Future<Output = usize> {
    async move { text.len() }
}

/// What is needed of `text` is taken before the future is made, and `use<>` promises
/// that nothing of its lifetime is in there. With `T` or `'a` in it: only those.
fn length_of(text: &str) -> impl Future<Output = usize> + use<> {
    let length = text.len();
    async move { length }
}

/// Lives across the `.await`, hence it is in the future.
async fn kept() -> u8 {
    let array = [7; 16];
    yield_now().await;
    array[15]
}

/// Does not, and is on the stack for as long as the poll takes.
async fn not_kept() -> u8 {
    let last = {
        let array = [7; 16];
        std::hint::black_box(&array)[15]
    };
    yield_now().await;
    last
}

#[sinew::main]
async fn main() {
    let text = String::from("short");
    println!("captures all: {}", length(&text).await);

    let future = length_of(&text);
    // Would not compile with `length`: "cannot move out of `text` because it is borrowed".
    drop(text);
    println!(
        "captures nothing of the text: {}, and the text is gone already",
        future.await
    );

    // A future that is large makes every task that contains it large.
    let (large, small) = (size_of_val(&kept()), size_of_val(&not_kept()));
    println!(
        "an array that is used after an await is a part of the future, another is not: {}",
        large >= small + 15 && kept().await == not_kept().await
    );
}
