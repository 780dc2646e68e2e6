//! The pool as its users see it, on real threads.

mod bounded;
mod unblock_io;
mod unblock_iter;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use sinew_blocking::{Builder, Pool, spawn_blocking, unblock};
use sinew_core::block_on;

/// A closure that runs until it is let go.
fn gate(pool: &Pool) -> (mpsc::Sender<()>, sinew_task::JoinHandle<()>) {
    let (started, has_started) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let handle = pool.spawn(move || {
        started.send(()).unwrap();
        let _ = opened.recv();
    });
    has_started.recv().unwrap();
    (open, handle)
}

/// Waits for something that other threads do. Bounded only against hanging.
fn eventually(what: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !what() {
        assert!(Instant::now() < deadline, "did not happen");
        thread::yield_now();
    }
}

#[test]
fn closures_run_at_the_same_time() {
    let barrier = Arc::new(Barrier::new(4));
    let handles: Vec<_> = (0..4)
        .map(|n| {
            let barrier = barrier.clone();
            spawn_blocking(move || {
                barrier.wait();
                n
            })
        })
        .collect();
    for (n, handle) in handles.into_iter().enumerate() {
        assert_eq!(block_on(handle).unwrap(), n);
    }
}

#[test]
fn the_limit_holds_and_the_queue_drains() {
    let pool = Builder::new().max_threads(2).build();
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let handles: Vec<_> = (0..500)
        .map(|_| {
            let (running, most) = (running.clone(), most.clone());
            pool.spawn(move || {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
            })
        })
        .collect();
    for handle in handles {
        block_on(handle).unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= 2);
    assert!(pool.num_threads() <= 2);
    eventually(|| pool.is_idle());
    assert_eq!(pool.queue_depth(), 0);
}

#[test]
fn an_idle_thread_is_used_again() {
    let pool = Builder::new().build();
    let first = block_on(pool.spawn(|| thread::current().id())).unwrap();
    eventually(|| pool.num_idle_threads() == 1);
    let second = block_on(pool.spawn(|| thread::current().id())).unwrap();
    assert_eq!(first, second);
    assert_eq!(pool.num_threads(), 1);
}

#[test]
fn idle_threads_end_and_new_ones_start() {
    let pool = Builder::new().keep_alive(Duration::from_millis(1)).build();
    for _ in 0..3 {
        block_on(pool.spawn(|| ())).unwrap();
        eventually(|| pool.num_threads() == 0);
    }
}

#[test]
fn an_abort_keeps_a_closure_from_starting() {
    let pool = Builder::new().max_threads(1).build();
    let (open, running) = gate(&pool);
    let ran = Arc::new(AtomicBool::new(false));
    let queued = pool.spawn({
        let ran = ran.clone();
        move || ran.store(true, Ordering::SeqCst)
    });
    queued.abort();
    // Too late for the one that runs.
    running.abort();
    drop(open);
    block_on(running).unwrap();
    assert!(block_on(queued).unwrap_err().is_cancelled());
    assert!(!ran.load(Ordering::SeqCst));
}

#[test]
fn dropping_unblock_keeps_its_closure_from_starting() {
    let pool = Builder::new().max_threads(1).build();
    let (open, running) = gate(&pool);
    let ran = Arc::new(AtomicBool::new(false));
    {
        let _entered = pool.clone().enter();
        let ran = ran.clone();
        drop(unblock(move || ran.store(true, Ordering::SeqCst)));
    }
    drop(open);
    block_on(running).unwrap();
    block_on(pool.spawn(|| ())).unwrap();
    assert!(!ran.load(Ordering::SeqCst));
}

#[test]
fn a_panic_reaches_the_handle_and_the_thread_goes_on() {
    let pool = Builder::new().max_threads(1).build();
    let error = block_on(pool.spawn(|| panic!("on purpose")))
        .map(|(): ()| ())
        .unwrap_err();
    assert!(error.is_panic());
    assert_eq!(block_on(pool.spawn(|| 1)).unwrap(), 1);
    assert_eq!(pool.num_threads(), 1);
}

#[test]
#[should_panic(expected = "on purpose")]
fn unblock_passes_a_panic_on() {
    block_on(unblock(|| panic!("on purpose")));
}

#[test]
fn a_closure_may_spawn_closures_on_its_pool() {
    let pool = Builder::new().build();
    let inner = pool.clone();
    let value = block_on(pool.spawn(move || block_on(inner.spawn(|| 5)).unwrap())).unwrap();
    assert_eq!(value, 5);
}

#[test]
fn shutdown_cancels_what_waits_and_returns_on_time() {
    let pool = Builder::new().max_threads(1).build();
    let (open, running) = gate(&pool);
    let queued = pool.spawn(|| ());
    assert!(!pool.shutdown(Some(Duration::from_millis(10))));
    assert!(block_on(queued).unwrap_err().is_cancelled());
    assert!(block_on(pool.spawn(|| ())).unwrap_err().is_cancelled());
    drop(open);
    block_on(running).unwrap();
    assert!(pool.shutdown(None));
    assert_eq!(pool.num_threads(), 0);
}

#[test]
fn a_closure_to_which_a_thread_is_on_its_way_outlives_shutdown() {
    let (open, opened) = mpsc::channel::<()>();
    let opened = std::sync::Mutex::new(opened);
    let pool = Builder::new()
        .max_threads(1)
        .around_thread(move |run| {
            // Until it is dropped.
            let _ = opened.lock().unwrap().recv();
            run();
        })
        .build();
    let first = pool.spawn(|| 1);
    let second = pool.spawn(|| 2);
    assert!(!pool.shutdown(Some(Duration::ZERO)));
    assert!(block_on(second).unwrap_err().is_cancelled());
    assert!(!first.is_finished());
    drop(open);
    assert_eq!(block_on(first).unwrap(), 1);
    assert!(pool.shutdown(None));
}

#[test]
fn a_closure_for_which_an_idle_thread_was_called_outlives_shutdown() {
    let pool = Builder::new().build();
    block_on(pool.spawn(|| ())).unwrap();
    while pool.num_idle_threads() == 0 {
        thread::yield_now();
    }
    let called = pool.spawn(|| 3);
    pool.shutdown(Some(Duration::ZERO));
    assert_eq!(block_on(called).unwrap(), 3);
}

#[test]
fn shutdown_from_its_own_thread_does_not_wait_for_itself() {
    let pool = Builder::new().build();
    let inner = pool.clone();
    assert!(!block_on(pool.spawn(move || inner.shutdown(None))).unwrap());
    assert!(pool.shutdown(None));
}

#[test]
fn dropping_the_pool_cancels_what_waits() {
    let pool = Builder::new().max_threads(1).build();
    let (open, running) = gate(&pool);
    let queued = pool.spawn(|| ());
    drop(pool);
    assert!(block_on(queued).unwrap_err().is_cancelled());
    drop(open);
    block_on(running).unwrap();
}

#[test]
fn hooks_run_around_each_thread_and_when_idle() {
    let (events, seen) = mpsc::channel();
    let around = events.clone();
    let pool = Builder::new()
        .thread_name_fn(|| "named".to_owned())
        .around_thread(move |run| {
            around.send("start").unwrap();
            run();
            around.send("stop").unwrap();
        })
        .on_idle(move || events.send("idle").unwrap())
        .build();
    let name = block_on(pool.spawn(|| thread::current().name().map(str::to_owned)));
    assert_eq!(name.unwrap().as_deref(), Some("named"));
    assert!(pool.shutdown(None));
    drop(pool);
    assert_eq!(
        seen.iter().take(3).collect::<Vec<_>>(),
        ["start", "idle", "stop"]
    );
}

#[test]
#[should_panic(expected = "at least one thread")]
fn zero_threads_panic() {
    let _ = Builder::new().max_threads(0);
}
