//! The four channels: many to one, one value, each receiver everything, the latest
//! value.
//!
//! ```text
//! mpsc: 1 2 3, then closed
//! oneshot: answer
//! broadcast: ["a", "b"] and ["a", "b"]
//! watch: the latest is 3
//! ```

use sinew::sync::{broadcast, mpsc, oneshot, watch};

#[sinew::main]
async fn main() {
    // Bounded: `send` waits while two messages wait to be taken.
    let (sender, mut receiver) = mpsc::channel(2);
    sinew::spawn(async move {
        for number in 1..=3 {
            // An error means that nobody will ever receive.
            if sender.send(number).await.is_err() {
                return;
            }
        }
    });
    let mut got = Vec::new();
    while let Some(number) = receiver.recv().await {
        got.push(number.to_string());
    }
    println!("mpsc: {}, then closed", got.join(" "));

    let (sender, receiver) = oneshot::channel();
    sender.send("answer").expect("the receiver is there");
    println!("oneshot: {}", receiver.await.expect("it was sent"));

    let (sender, mut first) = broadcast::channel(8);
    let mut second = sender.subscribe();
    for letter in ["a", "b"] {
        sender.send(letter).expect("there are receivers");
    }
    let mut all = [Vec::new(), Vec::new()];
    for _ in 0..2 {
        all[0].push(first.recv().await.expect("none was missed"));
        all[1].push(second.recv().await.expect("none was missed"));
    }
    println!("broadcast: {:?} and {:?}", all[0], all[1]);

    let (sender, mut receiver) = watch::channel(0);
    for number in 1..=3 {
        sender.send(number).expect("the receiver is there");
    }
    receiver.changed().await.expect("the sender is there");
    println!("watch: the latest is {}", *receiver.borrow_and_update());
}
