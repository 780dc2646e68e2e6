//! Spawns a task, goes on with something else, and collects the result.
//!
//! Run it: `cargo run -p examples --example spawn`

use sinew::time::{Duration, sleep};

#[sinew::main]
async fn main() {
    // A spawned task starts to run by itself, on whichever thread of the
    // runtime has time. A future that is not spawned runs only while awaited.
    let task = sinew::spawn(slow_square(12));

    println!("the task is on its way, and main goes on");

    // The handle is a future too. Awaiting it gives the task's output, or a
    // `JoinError` if the task panicked or was aborted.
    match task.await {
        Ok(square) => println!("12 squared is {square}"),
        Err(error) => println!("{error}"),
    }
}

async fn slow_square(number: u64) -> u64 {
    sleep(Duration::from_millis(100)).await;
    number * number
}

#[cfg(test)]
#[sinew::test(start_paused = true)]
async fn the_handle_gives_the_output() {
    assert_eq!(sinew::spawn(slow_square(12)).await.unwrap(), 144);
}

#[cfg(test)]
#[sinew::test(start_paused = true)]
async fn a_task_runs_while_nobody_awaits_it() {
    let (sender, receiver) = std::sync::mpsc::channel();
    // Dropping the handle lets the task run on by itself.
    drop(sinew::spawn(async move {
        sender.send(slow_square(3).await).unwrap();
    }));
    sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.try_recv(), Ok(9));
}
