//! The book's download of two pages: with two threads, and with one thread and two
//! futures. The "network" is a sleep; both take as long as the slower download.
//!
//! ```text
//! threads: ["page of foo.com", "page of bar.com"], in [..] ms
//! futures: ["page of foo.com", "page of bar.com"], in [..] ms
//! ```

use std::thread;
use std::time::{Duration, Instant};

const LATENCY: Duration = Duration::from_millis(40);

fn download(host: &str) -> String {
    thread::sleep(LATENCY);
    format!("page of {host}")
}

async fn download_async(host: &str) -> String {
    sinew::time::sleep(LATENCY).await;
    format!("page of {host}")
}

/// Each thread costs a stack and a switch through the operating system.
fn with_threads() -> [String; 2] {
    let first = thread::spawn(|| download("foo.com"));
    let second = thread::spawn(|| download("bar.com"));
    [first, second].map(|thread| thread.join().expect("a download does not panic"))
}

/// Two futures are two values on one thread; no thread is made for them.
async fn with_futures() -> [String; 2] {
    sinew::join!(download_async("foo.com"), download_async("bar.com")).into()
}

fn main() {
    let start = Instant::now();
    let pages = with_threads();
    println!("threads: {pages:?}, in {} ms", start.elapsed().as_millis());

    let start = Instant::now();
    let pages = sinew::block_on(with_futures());
    println!("futures: {pages:?}, in {} ms", start.elapsed().as_millis());
}
