//! Giving way. `.await` by itself does not: what is ready goes on at once. `yield_now`
//! does, and leaves of the runtime do by themselves when a task has used up its budget.
//!
//! ```text
//! await of what is ready: others ran 0 times
//! yield_now:              others ran 3 times
//! a channel that is never empty: others ran at least once: true
//! the same, unconstrained:       others ran 0 times
//! ```

use std::cell::Cell;
use std::future::ready;
use std::rc::Rc;

use sinew::sync::mpsc;
use sinew::task::{spawn_local, unconstrained, yield_now};

/// How often another task of the thread got its turn while `work` ran.
async fn others_during(work: impl Future<Output = ()>) -> u32 {
    let turns = Rc::new(Cell::new(0));
    let counted = turns.clone();
    let other = spawn_local(async move {
        loop {
            counted.set(counted.get() + 1);
            yield_now().await;
        }
    });
    work.await;
    other.abort();
    turns.get()
}

async fn drain(numbers: u32) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for number in 0..numbers {
        sender.send(number).expect("the receiver is there");
    }
    drop(sender);
    // Each `recv` that succeeds spends a little; when all has been spent, the next one
    // is pending once, although there is something to receive.
    while receiver.recv().await.is_some() {}
}

#[sinew::main(flavor = "local")]
async fn main() {
    let turns = others_during(async {
        for number in 0..1000 {
            ready(number).await;
        }
    });
    println!("await of what is ready: others ran {} times", turns.await);

    let turns = others_during(async {
        for _ in 0..3 {
            yield_now().await;
        }
    });
    println!("yield_now:              others ran {} times", turns.await);

    let turns = others_during(drain(1000)).await;
    println!(
        "a channel that is never empty: others ran at least once: {}",
        turns >= 1
    );
    let turns = others_during(unconstrained(drain(1000))).await;
    println!("the same, unconstrained:       others ran {turns} times");
}
