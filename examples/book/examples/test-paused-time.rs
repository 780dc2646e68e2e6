//! Testing with paused time: a retry with growing pauses, checked to the nanosecond and
//! at once. In a test: `#[sinew::test(start_paused = true)]`.
//!
//! ```text
//! gave up after 3 attempts and 7s
//! an hour by hand: ticks
//! ```

use sinew::time::{Duration, Instant, advance, pause, sleep};

async fn with_retries(mut attempt: impl AsyncFnMut() -> bool) -> Result<(), u32> {
    for number in 0..3 {
        if attempt().await {
            return Ok(());
        }
        sleep(Duration::from_secs(1 << number)).await;
    }
    Err(3)
}

#[sinew::main(flavor = "current_thread")]
async fn main() {
    // Time now moves only when all tasks wait (to the next deadline), or by hand.
    pause();
    let start = Instant::now();
    let attempts = with_retries(async || false)
        .await
        .expect_err("it never works");
    println!(
        "gave up after {attempts} attempts and {:?}",
        start.elapsed()
    );

    let hourly = sinew::spawn(async {
        sleep(Duration::from_secs(3600)).await;
        "ticks"
    });
    sinew::task::yield_now().await;
    advance(Duration::from_secs(3600)).await;
    println!("an hour by hand: {}", hourly.await.expect("no panic"));
}
