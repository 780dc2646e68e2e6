//! An API with callbacks as async functions: one call by a oneshot channel, many by a
//! stream.
//!
//! ```text
//! once: done
//! many: [1, 2, 3]
//! ```

use std::thread;

use sinew::stream::StreamExt;
use sinew::sync::{mpsc, oneshot};

/// Somebody else's library: calls back on a thread of its own.
fn start(done: impl FnOnce(&'static str) + Send + 'static) {
    thread::spawn(|| done("done"));
}

/// The same, several times.
fn count(to: u32, mut on_number: impl FnMut(u32) + Send + 'static) {
    thread::spawn(move || (1..=to).for_each(&mut on_number));
}

async fn started() -> Option<&'static str> {
    let (sender, receiver) = oneshot::channel();
    start(|text| {
        // The future may have been dropped meanwhile.
        let _ = sender.send(text);
    });
    // `None` if the library drops the callback without calling it.
    receiver.await.ok()
}

#[sinew::main]
async fn main() {
    println!("once: {}", started().await.expect("it calls back"));

    // A callback cannot wait, hence a channel without a bound.
    let (sender, receiver) = mpsc::unbounded_channel();
    count(3, move |number| {
        let _ = sender.send(number);
    });
    println!("many: {:?}", receiver.collect::<Vec<_>>().await);
}
