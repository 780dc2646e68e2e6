//! What is asked of the allocator, counted on the thread of each test.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use sinew_sync::{
    Barrier, CancellationToken, Condvar, Mutex, Notify, RwLock, Semaphore, SetOnce, broadcast,
    local, mpmc, mpsc, oneshot, watch,
};

thread_local! {
    static COUNTED: Cell<Counted> = const { Cell::new(Counted { calls: 0, live: 0 }) };
}

/// So far, on this thread.
#[derive(Clone, Copy, Debug)]
struct Counted {
    calls: usize,
    /// Bytes that were requested and not given back.
    live: isize,
}

struct Counting;

impl Counting {
    fn note(calls: usize, bytes: isize) {
        // Fails only while the thread's locals are being destroyed.
        let _ = COUNTED.try_with(|counted| {
            let Counted {
                calls: before,
                live,
            } = counted.get();
            counted.set(Counted {
                calls: before + calls,
                live: live + bytes,
            });
        });
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: the system's allocator does the work, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::note(1, layout.size() as isize);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        Counting::note(0, -(layout.size() as isize));
        // SAFETY: passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// What `f` gives, the allocations that it made, and the bytes that there are more
/// afterwards.
fn count<R>(f: impl FnOnce() -> R) -> (R, usize, isize) {
    let before = COUNTED.get();
    let output = f();
    let after = COUNTED.get();
    (output, after.calls - before.calls, after.live - before.live)
}

/// The bytes in the documentation's table.
fn documented(name: &str) -> isize {
    let table = include_str!("../../src/channel_sizes.md");
    let line = table
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| {name} | ")));
    let bytes = line.and_then(|rest| rest.strip_suffix(" |"));
    bytes
        .unwrap_or_else(|| panic!("{name} is not in the table"))
        .parse()
        .unwrap()
}

#[test]
fn an_unused_channel_is_one_small_allocation() {
    fn check<R>(name: &str, make: impl Fn() -> R) {
        let (ends, calls, bytes) = count(&make);
        assert_eq!((calls, bytes), (1, documented(name)), "{name}");
        drop(ends);
        let ((), _, kept) = count(|| drop(make()));
        assert_eq!(kept, 0, "{name}");
    }
    check("`oneshot`", oneshot::channel::<u64>);
    check("`mpsc`", || mpsc::channel::<u64>(1000));
    check("`mpsc`, unbounded", mpsc::unbounded_channel::<u64>);
    check("`mpmc`", || mpmc::channel::<u64>(1000));
    check("`mpmc`", mpmc::unbounded_channel::<u64>);
    check("`broadcast`", || broadcast::channel::<u64>(1000));
    check("`watch`", || watch::channel(0_u64));
    check("`local::oneshot`", local::oneshot::channel::<u64>);
    check("`local::mpsc`", || local::mpsc::channel::<u64>(1000));
    check("`local::watch`", || local::watch::channel(0_u64));
}

/// Sends `n` values and receives them all; the bytes at the peak and at the end.
fn burst(n: u64, send: impl Fn(u64), mut recv: impl FnMut() -> Option<u64>) -> (isize, isize) {
    let (peak, _, kept) = count(|| {
        let ((), _, peak) = count(|| (0..n).for_each(&send));
        (0..n).for_each(|value| assert_eq!(recv(), Some(value)));
        peak
    });
    (peak, kept)
}

/// Of the values that wait in a long queue.
const VALUES: u64 = 10_000;

fn check_burst(kept_bytes: isize, send: impl Fn(u64), recv: impl FnMut() -> Option<u64>) {
    let (peak, kept) = burst(VALUES, send, recv);
    assert!(peak >= VALUES as isize * 8, "{peak}");
    assert!(kept <= kept_bytes, "{kept}");
}

#[test]
fn a_long_queue_gives_its_blocks_back() {
    // Three of the longest blocks: the last, the one that comes next, a spare.
    const BLOCKS: isize = 3 * (32 * 16 + 40);
    let (tx, mut rx) = mpsc::unbounded_channel();
    check_burst(BLOCKS, |v| tx.send(v).unwrap(), || rx.try_recv().ok());
    let (tx, mut rx) = mpsc::channel(VALUES as usize);
    check_burst(BLOCKS, |v| tx.try_send(v).unwrap(), || rx.try_recv().ok());
    let (tx, rx) = mpmc::unbounded_channel();
    check_burst(4096, |v| tx.try_send(v).unwrap(), || rx.try_recv().ok());
    let (tx, mut rx) = local::mpsc::unbounded_channel();
    check_burst(4096, |v| tx.send(v).unwrap(), || rx.try_recv().ok());
}

/// However many values pass through it, one after the other.
#[test]
fn a_short_queue_stays_small() {
    // Two of the shortest blocks, beside the one that is in the channel.
    const BLOCKS: isize = 2 * (8 * 16 + 40);
    let (tx, mut rx) = mpsc::unbounded_channel();
    for _ in 0..200 {
        let (peak, _) = burst(4, |v| tx.send(v).unwrap(), || rx.try_recv().ok());
        assert!(peak <= BLOCKS, "{peak}");
    }
    // Also after it has been long.
    let (_, kept) = burst(VALUES, |v| tx.send(v).unwrap(), || rx.try_recv().ok());
    let mut more = 0;
    for _ in 0..100 {
        more += burst(1, |v| tx.send(v).unwrap(), || rx.try_recv().ok()).1;
    }
    assert!(kept + more <= BLOCKS, "{kept}, {more}");
}

#[test]
fn a_wait_allocates_nothing() {
    fn waits<F: Future>(future: F) {
        let mut future = pin!(future);
        let mut cx = Context::from_waker(Waker::noop());
        let polled = || future.as_mut().poll(&mut cx).is_pending();
        assert_eq!(count(polled), (true, 0, 0));
    }
    let mutex = Mutex::new(());
    let _guard = mutex.try_lock().unwrap();
    waits(mutex.lock());
    let lock = RwLock::new(());
    let _guard = lock.try_write().unwrap();
    waits(lock.read());
    waits(lock.write());
    waits(lock.upgradable_read());
    waits(Semaphore::new(1).acquire_many(2));
    waits(Notify::new().notified());
    waits(Barrier::new(2).wait());
    waits(SetOnce::<u8>::new().wait());
    waits(CancellationToken::new().cancelled());
    let other = Mutex::new(());
    waits(Condvar::new().wait(other.try_lock().unwrap()));

    let (tx, mut rx) = mpsc::channel(1);
    waits(rx.recv());
    tx.try_send(1).unwrap();
    waits(tx.send(2));
    waits(tx.closed());
    let (tx, rx) = mpmc::channel(1);
    waits(rx.recv());
    tx.try_send(1).unwrap();
    waits(tx.send(2));
    let (_tx, mut rx) = oneshot::channel::<u8>();
    waits(&mut rx);
    let (tx, mut rx) = broadcast::channel::<u8>(1);
    waits(rx.recv());
    waits(tx.closed());
    let (tx, mut rx) = watch::channel(0);
    waits(rx.changed());
    waits(tx.closed());
    assert!(matches!(rx.has_changed(), Ok(false)));
}
