//! Sleep, interval and timeout. The clock is paused: it jumps when everything waits,
//! so these seconds take no time.
//!
//! ```text
//! slept 2s
//! ticks at 0ns, 1s, 2s
//! in time: Ok(1)
//! too late: Err(Elapsed(()))
//! missed ticks are skipped: next at 4s
//! ```

use sinew::time::{Duration, Instant, MissedTickBehavior, interval, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    // `std::thread::sleep` would hold up the thread and everybody on it.
    sleep(2 * SECOND).await;
    println!("slept {:?}", start.elapsed());

    let start = Instant::now();
    let mut ticks = interval(SECOND);
    let mut times = Vec::new();
    for _ in 0..3 {
        // The first tick is at once; later ones do not drift with what happens between.
        times.push(format!("{:?}", ticks.tick().await - start));
    }
    println!("ticks at {}", times.join(", "));

    println!("in time: {:?}", timeout(SECOND, async { 1 }).await);
    println!("too late: {:?}", timeout(SECOND, sleep(2 * SECOND)).await);

    let start = Instant::now();
    let mut ticks = interval(SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks.tick().await;
    sleep(SECOND * 7 / 2).await;
    ticks.tick().await;
    println!(
        "missed ticks are skipped: next at {:?}",
        ticks.tick().await - start
    );
}
