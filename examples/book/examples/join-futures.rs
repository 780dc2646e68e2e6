//! `join!`: several futures in one task, all to their end. They run concurrently,
//! never in parallel, and may borrow.
//!
//! ```text
//! (book, music) after 20ms
//! a vector of futures: [1, 4, 9]
//! ```

use sinew::future::Join;
use sinew::time::{Duration, Instant, sleep};

async fn get(what: &str, millis: u64) -> &str {
    sleep(Duration::from_millis(millis)).await;
    what
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    // Not `(get(..).await, get(..).await)`: that is one after the other.
    let (book, music) = sinew::join!(get("book", 20), get("music", 10));
    println!("({book}, {music}) after {:?}", start.elapsed());

    let squares: Vec<_> = (1..=3u32).map(async |n| n * n).collect();
    println!("a vector of futures: {:?}", squares.join().await);
}
