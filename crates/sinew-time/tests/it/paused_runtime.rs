//! The least runtime with a paused clock: one thread, one future, and
//! auto-advance when the future waits.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use sinew_core::{Park, ThreadPark, Unpark};
use sinew_time::{Duration, Timers};

struct Woken {
    flag: AtomicBool,
    unparker: Arc<dyn Unpark>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.flag.store(true, Ordering::SeqCst);
        self.unparker.unpark();
    }
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    run_on(Timers::new_paused(), future)
}

pub(crate) fn run_on<T>(timers: Arc<Timers>, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut park = ThreadPark::new();
    timers.set_unparker(park.unparker());
    let woken = Arc::new(Woken {
        flag: AtomicBool::new(true),
        unparker: park.unparker(),
    });
    let waker = Waker::from(woken.clone());
    let _entered = timers.clone().enter();
    loop {
        if woken.flag.swap(false, Ordering::SeqCst) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            timers.process();
            continue;
        }
        let until = timers.prepare_park();
        if !timers.auto_advance() {
            park.park(until);
        }
        timers.after_park();
    }
}

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Polls with a waker that does nothing.
pub(crate) fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}
