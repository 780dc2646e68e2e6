//! `select!` and `race!`: whichever is first, and the others are dropped.
//!
//! ```text
//! task two was first
//! race: fast
//! what is borrowed goes on: slow, after 30ms in all
//! ```

use std::pin::pin;

use sinew::time::{Duration, Instant, sleep};

async fn after(millis: u64, name: &str) -> &str {
    sleep(Duration::from_millis(millis)).await;
    name
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    sinew::select! {
        _ = after(20, "one") => println!("task one was first"),
        _ = after(10, "two") => println!("task two was first"),
    }
    println!(
        "race: {}",
        sinew::race!(after(20, "slow"), after(10, "fast"))
    );

    let start = Instant::now();
    // A future that is to live on is pinned outside and given by reference.
    let mut slow = pin!(after(30, "slow"));
    sinew::select! {
        _ = &mut slow => unreachable!("the other is sooner"),
        _ = after(10, "fast") => {}
    }
    let name = slow.await;
    println!(
        "what is borrowed goes on: {name}, after {:?} in all",
        start.elapsed()
    );
}
