//! The other primitives: semaphore, notification, barrier, a cell that is set once.
//!
//! ```text
//! at most 2 of 5 at once: true
//! notified
//! all three passed the barrier, one leads: true
//! made once: 1
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sinew::sync::{Barrier, Notify, OnceCell, Semaphore};
use sinew::task::{JoinSet, yield_now};

static INSIDE: AtomicU32 = AtomicU32::new(0);
static MADE: AtomicU32 = AtomicU32::new(0);

async fn limited(permits: Arc<Semaphore>) -> u32 {
    let _permit = permits.acquire().await.expect("it is not closed");
    let inside = INSIDE.fetch_add(1, Ordering::SeqCst) + 1;
    yield_now().await;
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    inside
}

#[sinew::main]
async fn main() {
    let permits = Arc::new(Semaphore::new(2));
    let mut set = JoinSet::new();
    for _ in 0..5 {
        set.spawn(limited(permits.clone()));
    }
    let most = set.join_all().await.into_iter().max();
    println!("at most 2 of 5 at once: {}", most <= Some(2));

    let notify = Arc::new(Notify::new());
    // The notification is kept for who waits later.
    notify.notify_one();
    notify.notified().await;
    println!("notified");

    let barrier = Arc::new(Barrier::new(3));
    let mut set = JoinSet::new();
    for _ in 0..3 {
        let barrier = barrier.clone();
        set.spawn(async move { barrier.wait().await.is_leader() });
    }
    let leaders = set
        .join_all()
        .await
        .into_iter()
        .filter(|leads| *leads)
        .count();
    println!("all three passed the barrier, one leads: {}", leaders == 1);

    let cell = OnceCell::new();
    let make = || async { MADE.fetch_add(1, Ordering::SeqCst) };
    sinew::join!(cell.get_or_init(make), cell.get_or_init(make));
    println!("made once: {}", MADE.load(Ordering::SeqCst));
}
