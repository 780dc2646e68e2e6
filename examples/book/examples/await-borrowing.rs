//! A future borrows what its function borrows, across every `.await`. `join!` lets
//! futures borrow from the caller; `spawn` wants `'static`, hence owned or shared
//! data.
//!
//! ```text
//! joined: 3 words, 8 letters
//! spawned: 3 words
//! ```

use std::future::Future;
use std::sync::Arc;

use sinew::task::yield_now;

async fn words(text: &str) -> usize {
    yield_now().await;
    text.split(' ').count()
}

/// The same as `async fn letters(text: &str) -> usize`: the future captures the
/// lifetime of `text`.
#[expect(clippy::manual_async_fn, reason = "the long form is the subject")]
fn letters(text: &str) -> impl Future<Output = usize> {
    async move { text.chars().filter(|c| c.is_alphabetic()).count() }
}

#[sinew::main]
async fn main() {
    let text = String::from("to be lent");
    let (words_in, letters_in) = sinew::join!(words(&text), letters(&text));
    println!("joined: {} words, {} letters", words_in, letters_in);

    let shared: Arc<str> = text.into();
    let task = sinew::spawn({
        let shared = shared.clone();
        async move { words(&shared).await }
    });
    println!("spawned: {} words", task.await.expect("it does not panic"));
}
