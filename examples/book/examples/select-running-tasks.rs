//! The book's last select loops: one running future replaced by a newer one (`Fuse`),
//! and all of them kept (`FuturesUnordered`).
//!
//! ```text
//! replaced: ["3"]
//! kept: ["1", "2", "3"]
//! ```

use std::pin::{Pin, pin};

use sinew::future::{Fuse, FutureExt};
use sinew::futures::select;
use sinew::stream::{FuturesUnordered, Stream, StreamExt, stream};
use sinew::time::{Duration, interval, sleep};

/// Something new to begin with every 10 ms, three times.
fn news() -> impl Stream<Item = u32> {
    stream! {
        let mut ticks = interval(Duration::from_millis(10));
        for number in 1..=3 {
            ticks.tick().await;
            yield number;
        }
    }
}

async fn run_on(number: u32) -> String {
    sleep(Duration::from_millis(25)).await;
    number.to_string()
}

/// What was begun is given up when something newer comes.
async fn replaced() -> Vec<String> {
    let mut news = pin!(news().fuse());
    let mut running: Pin<Box<_>> = Box::pin(Fuse::terminated());
    let mut ended = Vec::new();
    loop {
        select! {
            number = news.select_next_some() => running.set(run_on(number).fuse()),
            text = running => ended.push(text),
            complete => return ended,
        }
    }
}

/// All that was begun runs on, at the same time.
async fn kept() -> Vec<String> {
    let mut news = pin!(news().fuse());
    let mut running = FuturesUnordered::new();
    let mut ended = Vec::new();
    loop {
        select! {
            number = news.select_next_some() => running.push(run_on(number)),
            text = running.select_next_some() => ended.push(text),
            complete => return ended,
        }
    }
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("replaced: {:?}", replaced().await);
    println!("kept: {:?}", kept().await);
}
