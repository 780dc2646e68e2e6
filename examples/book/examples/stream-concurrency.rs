//! Iteration with a limit on concurrency: each item a job of 10 ms, at most three at
//! the same time.
//!
//! ```text
//! one by one: 60ms
//! for_each_concurrent(3): 20ms
//! buffered(3), in order: ["1", "2", "3", "4", "5", "6"]
//! buffer_unordered(3), as they end: [10, 20, 30]
//! try_for_each_concurrent(3), ended by an error: Err("job 4")
//! ```

use sinew::stream::{self, StreamExt, TryStreamExt};
use sinew::time::{Duration, Instant, sleep};

async fn job(number: u32) -> String {
    sleep(Duration::from_millis(10)).await;
    number.to_string()
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let numbers = || stream::iter(1..=6);
    let start = Instant::now();
    numbers()
        .for_each(async |number| drop(job(number).await))
        .await;
    println!("one by one: {:?}", start.elapsed());

    let start = Instant::now();
    let all = numbers().for_each_concurrent(3, async |number| drop(job(number).await));
    all.await;
    println!("for_each_concurrent(3): {:?}", start.elapsed());

    let outputs: Vec<_> = numbers().map(job).buffered(3).collect().await;
    println!("buffered(3), in order: {outputs:?}");

    let jobs = stream::iter([30, 10, 20]).map(async |millis| {
        sleep(Duration::from_millis(millis)).await;
        millis
    });
    let ended: Vec<_> = jobs.buffer_unordered(3).collect().await;
    println!("buffer_unordered(3), as they end: {ended:?}");

    let result = numbers()
        .map(Ok)
        .try_for_each_concurrent(3, async |number| {
            job(number).await;
            if number == 4 {
                Err(format!("job {number}"))
            } else {
                Ok(())
            }
        });
    println!(
        "try_for_each_concurrent(3), ended by an error: {:?}",
        result.await
    );
}
