//! Says hello, sleeps, and says goodbye.
//!
//! Run it: `cargo run -p examples --example hello-sleep`

use sinew::time::{Duration, Instant, sleep};

#[sinew::main]
async fn main() {
    println!("hello");
    let slept = nap(Duration::from_millis(100)).await;
    println!("goodbye, after {slept:?}");
}

/// Sleeps, and tells for how long.
async fn nap(duration: Duration) -> Duration {
    let start = Instant::now();
    // Only this task waits here. `std::thread::sleep` would hold up its whole
    // thread, and with it every other task that could have run there.
    sleep(duration).await;
    start.elapsed()
}

// The clock of this test stands still until everything waits, and then jumps to
// the next deadline: an hour passes at once, and is exactly an hour.
#[cfg(test)]
#[sinew::test(start_paused = true)]
async fn sleeps_for_as_long_as_told() {
    let hour = Duration::from_secs(3600);
    assert_eq!(nap(hour).await, hour);
}
