//! Model checking with `loom`: it runs a small program once for each order in which its
//! threads can step, so a wake-up that is lost once in a million runs is found every
//! time. Here a flag that one thread sets and a future waits for.
//!
//! ```text
//! check, then register: in some of the orders nobody ever wakes the future: true
//! register, then check: in none of them, and there are several: true
//! ```

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::AtomicBool as Std;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll, Wake, Waker};

// Loom's own versions of these, which hand control to its scheduler at each step. A
// crate takes them under a `cfg`, and std's otherwise.
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

struct Flag {
    set: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Flag {
    fn new() -> Flag {
        Flag {
            set: AtomicBool::new(false),
            waker: Mutex::new(None),
        }
    }

    fn set(&self) {
        self.set.store(true, Ordering::Release);
        let waker = self.waker.lock().expect("nobody panics").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_set(&self) -> Poll<()> {
        match self.set.load(Ordering::Acquire) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn register(&self, cx: &Context<'_>) {
        *self.waker.lock().expect("nobody panics") = Some(cx.waker().clone());
    }

    /// Wrong: `set` may run between the two lines, and finds no waker.
    fn check_then_register(&self, cx: &Context<'_>) -> Poll<()> {
        let polled = self.is_set();
        self.register(cx);
        polled
    }

    fn register_then_check(&self, cx: &Context<'_>) -> Poll<()> {
        self.register(cx);
        self.is_set()
    }
}

/// An executor would poll again. It is enough here to know that it has been told to. Not
/// a part of what is checked, hence without loom.
struct Woken(Std);

impl Wake for Woken {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs all orders of one thread that sets and one that waits. How many there were, and
/// in how many of them the future was pending and nobody woke it.
fn check(poll: fn(&Flag, &Context<'_>) -> Poll<()>) -> (usize, usize) {
    static ORDERS: AtomicUsize = AtomicUsize::new(0);
    static LOST: AtomicUsize = AtomicUsize::new(0);
    ORDERS.store(0, Ordering::Relaxed);
    LOST.store(0, Ordering::Relaxed);
    loom::model(move || {
        let flag = Arc::new(Flag::new());
        let other = flag.clone();
        let setter = thread::spawn(move || other.set());

        let woken = std::sync::Arc::new(Woken(Std::new(false)));
        let waker = Waker::from(woken.clone());
        let wait = pin!(poll_fn(|cx| poll(&flag, cx)));
        let polled = wait.poll(&mut Context::from_waker(&waker));

        setter.join().expect("no panic");
        ORDERS.fetch_add(1, Ordering::Relaxed);
        if polled.is_pending() && !woken.0.load(Ordering::Relaxed) {
            // A test would `assert!` here.
            LOST.fetch_add(1, Ordering::Relaxed);
        }
    });
    (ORDERS.load(Ordering::Relaxed), LOST.load(Ordering::Relaxed))
}

fn main() {
    let (_, lost) = check(Flag::check_then_register);
    println!(
        "check, then register: in some of the orders nobody ever wakes the future: {}",
        lost > 0
    );
    let (orders, lost) = check(Flag::register_then_check);
    println!(
        "register, then check: in none of them, and there are several: {}",
        lost == 0 && orders > 1
    );
}
