//! Channels and locks alone: threads that wait for each other.
//!
//! Run it: `cargo run -p only-sync`
//!
//! `crates.txt` lists all crates that this pulls in: no executor, no reactor, no
//! timers. Each thread runs one future by `block_on`; any runtime would do as well.

use std::sync::Arc;
use std::thread;

use sinew_core::block_on;
use sinew_sync::{Mutex, mpsc, oneshot};

/// Asks the counter to add a number and to say what came of it.
struct Add {
    number: u64,
    reply: oneshot::Sender<u64>,
}

/// Owns the sum: nobody else touches it, so it needs no lock.
async fn counter(mut requests: mpsc::Receiver<Add>) {
    let mut sum = 0;
    while let Some(Add { number, reply }) = requests.recv().await {
        sum += number;
        // Whoever asked may have lost interest.
        let _ = reply.send(sum);
    }
    println!("nobody asks any more; the sum is {sum}");
}

/// Adds the numbers up to `last` and notes the largest sum that it was told.
async fn client(requests: mpsc::Sender<Add>, last: u64, largest: Arc<Mutex<u64>>) {
    for number in 1..=last {
        let (reply, answer) = oneshot::channel();
        if requests.send(Add { number, reply }).await.is_err() {
            return;
        }
        if let Ok(sum) = answer.await {
            let mut largest = largest.lock().await;
            *largest = sum.max(*largest);
        }
    }
}

/// The largest sum that any of the clients was told.
fn run() -> u64 {
    let largest = Arc::new(Mutex::new(0));
    // Room for one request: clients wait for the counter, and it for them.
    let (sender, receiver) = mpsc::channel(1);
    let counting = thread::spawn(|| block_on(counter(receiver)));
    let clients: Vec<_> = (1..=4)
        .map(|client_number| {
            let (sender, largest) = (sender.clone(), largest.clone());
            thread::spawn(move || block_on(client(sender, client_number * 100, largest)))
        })
        .collect();
    // The counter ends when the last sender is gone.
    drop(sender);
    for client in clients {
        client.join().expect("a client does not panic");
    }
    counting.join().expect("the counter does not panic");
    *largest.blocking_lock()
}

fn main() {
    println!("the largest sum that a client was told is {}", run());
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_request_is_counted_once() {
        let sum = |last: u64| last * (last + 1) / 2;
        assert_eq!(super::run(), sum(100) + sum(200) + sum(300) + sum(400));
    }
}
