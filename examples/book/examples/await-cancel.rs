//! Three ways to cancel: drop the future, abort the task, ask through a token.
//!
//! ```text
//! drop:  the guard was dropped at the await
//! abort: the guard was dropped at the await
//! abort: task 'sleeper' was cancelled: true
//! token: said goodbye
//! token: the guard was dropped at the await
//! ```

use sinew::sync::CancellationToken;
use sinew::task::Builder;
use sinew::time::{Duration, sleep, timeout};

/// What a future holds is dropped with it, and nothing else of it runs.
struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        println!("{} the guard was dropped at the await", self.0);
    }
}

async fn wait_long(how: &'static str) {
    let _guard = Guard(how);
    sleep(Duration::from_secs(3600)).await;
    println!("never printed");
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    // A timeout drops the future when the time is up.
    let _ = timeout(Duration::from_secs(1), wait_long("drop: ")).await;

    // A task has an owner elsewhere: `abort` asks it to drop the future.
    let sleeper = Builder::new().name("sleeper").spawn(wait_long("abort:"));
    let sleeper = sleeper.expect("a task can be spawned");
    sinew::task::yield_now().await;
    sleeper.abort();
    let ended = sleeper.await;
    println!(
        "abort: task 'sleeper' was cancelled: {}",
        ended.is_err_and(|e| e.is_cancelled())
    );

    // A token only tells; the task decides what it still does.
    let token = CancellationToken::new();
    let told = token.clone();
    let polite = sinew::spawn(async move {
        let _guard = Guard("token:");
        told.cancelled().await;
        println!("token: said goodbye");
    });
    token.cancel();
    polite.await.expect("it ends by itself");
}
