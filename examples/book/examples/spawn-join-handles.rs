//! Awaiting handles: `main` ends once both tasks have, and has their outputs.
//!
//! ```text
//! 5 and world
//! awaited at once there is no concurrency: 200ms
//! ```

use sinew::spawn;
use sinew::task::JoinError;
use sinew::time::{Duration, Instant, sleep};

async fn slow<T>(value: T) -> T {
    sleep(Duration::from_millis(100)).await;
    value
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), JoinError> {
    let (number, word) = (spawn(slow(5)), spawn(slow("world")));
    // Both run already, so the second `.await` has nothing left to wait for.
    println!("{} and {}", number.await?, word.await?);

    let start = Instant::now();
    spawn(slow(1)).await?;
    spawn(slow(2)).await?;
    println!(
        "awaited at once there is no concurrency: {:?}",
        start.elapsed()
    );
    Ok(())
}
