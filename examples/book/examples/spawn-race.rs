//! Spawned tasks run by themselves, in either order, while `main` goes on.
//!
//! ```text
//! main goes on
//! hello
//! world!
//! ```

use sinew::spawn;
use sinew::time::{Duration, sleep};

async fn say_hello() {
    sleep(Duration::from_millis(100)).await;
    println!("hello");
}

async fn say_world() {
    // On more than one thread the two would race for the first place. On one, with
    // a paused clock, the timer that was due first fires first.
    sleep(Duration::from_millis(101)).await;
    println!("world!");
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    spawn(say_hello());
    spawn(say_world());
    println!("main goes on");
    // When `main` ends, so does the runtime, and with it all tasks.
    sleep(Duration::from_millis(1000)).await;
}
