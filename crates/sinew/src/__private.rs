//! What the attribute macros expand to. Not a part of the public interface.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test may take to notice that its time is over. One that blocks
/// its thread never does; the process is then ended, so that the run does not hang.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Watch {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    finished: bool,
    expired: bool,
    waker: Option<Waker>,
}

impl Watch {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the test has finished. `false` if the time came first.
    fn wait(&self, limit: Duration) -> bool {
        let Some(deadline) = Instant::now().checked_add(limit) else {
            return true;
        };
        let mut state = self.lock();
        while !state.finished {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.done.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn watch(&self, limit: Duration) {
        if self.wait(limit) {
            return;
        }
        let waker = {
            let mut state = self.lock();
            state.expired = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        if !self.wait(GRACE) {
            eprintln!("a test with a timeout of {limit:?} blocks its thread; ending the process");
            process::abort();
        }
    }
}

/// Ends the watch, also when the test panics.
struct Finish(Arc<Watch>);

impl Drop for Finish {
    fn drop(&mut self) {
        self.0.lock().finished = true;
        self.0.done.notify_all();
    }
}

/// The body of a `#[sinew::test(timeout = "…")]`. The limit is real time, also
/// while the runtime's clock is paused.
///
/// # Panics
///
/// When the body is not done by then.
///
/// # Cancel safety
///
/// Dropping it drops the body and ends the watch.
pub async fn test_timeout<F: Future>(limit: Duration, body: F) -> F::Output {
    let watch = Arc::new(Watch::default());
    let finish = Finish(watch.clone());
    let watcher = watch.clone();
    thread::Builder::new()
        .name("sinew-test-timeout".to_owned())
        .spawn(move || watcher.watch(limit))
        .expect("a thread to watch the test's timeout");
    let mut body = pin!(body);
    let output = poll_fn(|cx| {
        {
            let mut state = watch.lock();
            assert!(!state.expired, "the test did not finish within {limit:?}");
            state.waker = Some(cx.waker().clone());
        }
        body.as_mut().poll(cx)
    })
    .await;
    drop(finish);
    output
}
