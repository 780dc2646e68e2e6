//! Spawns two tasks and awaits both, then one that panics.
//!
//! Run it: `cargo run -p examples --example join`

use sinew::task::JoinError;
use sinew::time::{Duration, sleep};

#[sinew::main]
async fn main() {
    let both = left_and_right().await;
    println!("both tasks are done: {both:?}");

    // The panic ends the task and nothing else. Its message still goes to
    // standard error, as that of any panic does.
    match clumsy().await {
        Ok(()) => println!("nothing happened"),
        Err(error) if error.is_panic() => println!("caught: {error}"),
        Err(error) => println!("not run to its end: {error}"),
    }
}

async fn left_and_right() -> Result<(&'static str, &'static str), JoinError> {
    let left = sinew::spawn(async {
        sleep(Duration::from_millis(100)).await;
        "left"
    });
    let right = sinew::spawn(async {
        sleep(Duration::from_millis(50)).await;
        "right"
    });
    // Both tasks run already, so it takes 100 ms to await one after the other,
    // not 150. `sinew::join!(left, right)` would do as well.
    Ok((left.await?, right.await?))
}

async fn clumsy() -> Result<(), JoinError> {
    sinew::spawn(async { panic!("dropped a plate") }).await
}

#[cfg(test)]
#[sinew::test(start_paused = true)]
async fn two_tasks_take_as_long_as_the_longer_one() {
    let start = sinew::time::Instant::now();
    assert_eq!(left_and_right().await.unwrap(), ("left", "right"));
    assert_eq!(start.elapsed(), Duration::from_millis(100));
}

#[cfg(test)]
#[sinew::test]
async fn a_panic_reaches_the_handle() {
    let error = clumsy().await.unwrap_err();
    assert!(error.is_panic());
    assert!(error.to_string().contains("dropped a plate"));
}
