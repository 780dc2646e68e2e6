//! The async book's `TimerFuture`: a future made by hand, with a thread that
//! wakes it.
//!
//! Run it: `cargo run -p examples --example timer-future`
//!
//! A thread for each timer is more than one would want to pay. It shows what a
//! future and its waker have to do with each other; `sinew::time::sleep` is the
//! one to use.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// Completes after a time.
pub(crate) struct TimerFuture {
    shared: Arc<Mutex<Shared>>,
}

/// What the future and the thread that counts the time both see.
struct Shared {
    elapsed: bool,
    /// Wakes the task that polled last.
    waker: Option<Waker>,
}

impl TimerFuture {
    pub(crate) fn new(duration: Duration) -> TimerFuture {
        let shared = Arc::new(Mutex::new(Shared {
            elapsed: false,
            waker: None,
        }));
        let for_thread = shared.clone();
        thread::spawn(move || {
            thread::sleep(duration);
            let waker = {
                let mut shared = for_thread.lock().unwrap();
                shared.elapsed = true;
                shared.waker.take()
            };
            // With the lock released: a waker may run any code, also a poll of
            // this very future.
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        TimerFuture { shared }
    }
}

impl Future for TimerFuture {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.shared.lock().unwrap();
        if shared.elapsed {
            return Poll::Ready(());
        }
        // In each poll, because the next one may come from another task, with
        // another waker. `clone_from` saves the clone if it is the same.
        match &mut shared.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => shared.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

#[sinew::main]
async fn main() {
    let start = Instant::now();
    println!("waiting");
    TimerFuture::new(Duration::from_millis(100)).await;
    println!("done, after {:?}", start.elapsed());
}

#[cfg(test)]
#[sinew::test]
async fn completes_after_its_time() {
    let start = Instant::now();
    let duration = Duration::from_millis(20);
    TimerFuture::new(duration).await;
    assert!(start.elapsed() >= duration);
}

#[cfg(test)]
#[sinew::test]
async fn may_be_awaited_after_it_has_elapsed() {
    let mut early = TimerFuture::new(Duration::ZERO);
    TimerFuture::new(Duration::from_millis(5)).await;
    (&mut early).await;
    early.await;
}
