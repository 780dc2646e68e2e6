mod keeping;
mod siblings;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use sinew_core::waker::waker_fn;
use sinew_core::{Park, ThreadPark, Unpark};

use super::Timers;
use crate::{Instant, Sleep, sleep};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Default)]
struct CountUnparks(AtomicUsize);

impl Unpark for CountUnparks {
    fn unpark(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl CountUnparks {
    fn of(timers: &Timers) -> Arc<Self> {
        let unparks = Arc::new(CountUnparks::default());
        timers.set_unparker(unparks.clone());
        unparks
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn counting_waker() -> (Waker, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let waker = waker_fn({
        let count = count.clone();
        move || {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (waker, count)
}

fn poll(sleep: &mut Pin<Box<Sleep>>) -> Poll<()> {
    sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// A sleep of this length, polled once.
fn waiting(length: Duration) -> Pin<Box<Sleep>> {
    let mut sleep = Box::pin(sleep(length));
    assert!(poll(&mut sleep).is_pending());
    sleep
}

/// A short sleep that was polled once and waits, and a time before it began. A machine too
/// busy may let one end before its first poll; then it is another.
fn briefly_waiting(length: Duration, waker: &Waker) -> (Pin<Box<Sleep>>, Instant) {
    loop {
        let start = Instant::now();
        let mut sleep = Box::pin(sleep(length));
        let mut cx = Context::from_waker(waker);
        if sleep.as_mut().poll(&mut cx).is_pending() {
            return (sleep, start);
        }
    }
}

#[test]
fn only_an_earlier_deadline_unparks() {
    let timers = Timers::new();
    let unparks = CountUnparks::of(&timers);
    let _entered = timers.clone().enter();

    let _a = waiting(HOUR);
    assert_eq!(unparks.get(), 0, "nobody waits");
    let until = timers.prepare_park().expect("there is a deadline");
    assert!(until > std::time::Instant::now());

    let _later = waiting(2 * HOUR);
    assert_eq!(unparks.get(), 0, "the parker is up in time anyway");
    let mut earlier = waiting(HOUR / 2);
    assert_eq!(unparks.get(), 1);
    let _between = waiting(HOUR * 3 / 4);
    assert_eq!(unparks.get(), 1, "it has been unparked for an earlier one");
    earlier.as_mut().reset(Instant::now() + HOUR / 4);
    assert_eq!(unparks.get(), 2, "a reset is as good as a new one");

    assert_eq!(timers.after_park(), 0);
    let _unseen = waiting(HOUR / 8);
    assert_eq!(unparks.get(), 2, "nobody waits any more");
}

#[test]
fn with_nothing_to_wait_for_any_deadline_unparks() {
    let timers = Timers::new();
    let unparks = CountUnparks::of(&timers);
    let _entered = timers.clone().enter();
    assert_eq!(timers.prepare_park(), None);
    let _never = waiting(Duration::MAX);
    let _sleep = waiting(HOUR);
    assert!((1..=2).contains(&unparks.get()));
}

#[test]
fn processing_takes_back_nothing() {
    let timers = Timers::new();
    let unparks = CountUnparks::of(&timers);
    let _entered = timers.clone().enter();
    assert_eq!(timers.prepare_park(), None);
    assert_eq!(timers.process(), 0);
    let _sleep = waiting(HOUR);
    assert_eq!(unparks.get(), 1, "whoever waits still waits");
}

#[test]
fn dropping_a_waiting_sleep_removes_its_entry() {
    let timers = Timers::new();
    let _entered = timers.clone().enter();
    let sleeps: Vec<_> = (0..100).map(|_| waiting(HOUR)).collect();
    assert_eq!(timers.len(), 100);
    drop(sleeps);
    assert!(timers.is_empty());
    assert_eq!(timers.prepare_park(), None);
    drop(sleep(HOUR));
    assert!(timers.is_empty(), "never polled, never there");
}

#[test]
fn a_fired_sleep_leaves_no_entry_and_wakes_once() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let (waker, woken) = counting_waker();
    let mut sleep = pin!(sleep(HOUR));
    assert!(
        sleep
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(timers.advance(HOUR - Duration::from_nanos(1)), 0);
    assert!(!sleep.is_elapsed());
    assert_eq!(timers.advance(Duration::from_nanos(1)), 1);
    assert!(sleep.is_elapsed());
    assert!(timers.is_empty());
    assert_eq!(timers.advance(HOUR), 0);
    assert_eq!(woken.load(Ordering::SeqCst), 1);
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let (first, first_woken) = counting_waker();
    let (second, second_woken) = counting_waker();
    let mut sleep = pin!(sleep(HOUR));
    for waker in [&first, &second, &second] {
        let mut cx = Context::from_waker(waker);
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
    }
    drop(first);
    assert_eq!(Arc::strong_count(&first_woken), 1, "the old waker is gone");
    timers.advance(HOUR);
    assert_eq!(first_woken.load(Ordering::SeqCst), 0);
    assert_eq!(second_woken.load(Ordering::SeqCst), 1);
}

#[test]
fn many_fire_in_batches_and_in_order() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut sleeps: Vec<_> = (0..200_u64)
        .map(|n| {
            let waker = waker_fn({
                let order = order.clone();
                move || order.lock().unwrap().push(n)
            });
            // Descending deadlines, some equal, some within one slot.
            let mut sleep = Box::pin(sleep(Duration::from_nanos((200 - n) / 2 * 40_000 + 1)));
            let mut cx = Context::from_waker(&waker);
            assert!(sleep.as_mut().poll(&mut cx).is_pending());
            sleep
        })
        .collect();
    assert_eq!(timers.advance(HOUR), 200);
    let mut expected: Vec<_> = (0..200).collect();
    expected.sort_by_key(|n| (200 - n) / 2);
    assert_eq!(*order.lock().unwrap(), expected);
    assert!(sleeps.iter_mut().all(|sleep| poll(sleep).is_ready()));
}

#[test]
fn a_waker_may_use_the_timers() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let other = std::sync::Mutex::new(Some(waiting(2 * HOUR)));
    let waker = waker_fn({
        let timers = timers.clone();
        move || {
            drop(other.lock().unwrap().take());
            assert!(timers.is_empty());
        }
    });
    let mut sleep = pin!(sleep(HOUR));
    let mut cx = Context::from_waker(&waker);
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    assert_eq!(timers.advance(HOUR), 1);
}

#[test]
fn a_panicking_waker_loses_no_other() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let (counting, woken) = counting_waker();
    let bad = waker_fn(|| panic!("on purpose"));
    let mut sleeps: Vec<_> = (0..100).map(|_| Box::pin(sleep(HOUR))).collect();
    for (n, sleep) in sleeps.iter_mut().enumerate() {
        let waker = if n == 50 { &bad } else { &counting };
        let mut cx = Context::from_waker(waker);
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
    }
    let advance = std::panic::AssertUnwindSafe(|| timers.advance(HOUR));
    assert!(std::panic::catch_unwind(advance).is_err());
    timers.process();
    assert_eq!(woken.load(Ordering::SeqCst), 99);
}

#[test]
fn shutdown_moves_sleeps_to_the_default_timers() {
    let timers = Timers::new();
    let entered = timers.clone().enter();
    let (waker, woken) = counting_waker();
    let length = Duration::from_millis(20);
    let (moved, start) = briefly_waiting(length, &waker);
    let mut hour = waiting(HOUR);

    timers.shutdown();
    assert!(timers.is_empty());
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    assert!(!moved.is_elapsed() || start.elapsed() >= length);
    assert!(!hour.is_elapsed());
    assert!(poll(&mut hour).is_pending());
    hour.as_mut().reset(Instant::now() + HOUR);
    assert!(poll(&mut hour).is_pending());

    // Still entered, but shut down: the default takes over.
    sinew_core::block_on(moved);
    sinew_core::block_on(sleep(Duration::from_millis(1)));
    assert!(start.elapsed() >= length);
    drop(entered);
}

#[test]
fn the_default_timers_cannot_be_shut_down() {
    let timers = Timers::current().expect("a thread can be started");
    timers.shutdown();
    sinew_core::block_on(sleep(Duration::from_millis(1)));
}

#[test]
fn a_sleep_polled_elsewhere_moves_there() {
    let (here, there) = (Timers::new(), Timers::new_paused());
    let mut sleep = {
        let _entered = here.clone().enter();
        waiting(HOUR)
    };
    assert!(poll(&mut sleep).is_pending());
    assert_eq!((here.len(), there.len()), (1, 0), "nothing else is entered");
    let _entered = there.clone().enter();
    assert!(poll(&mut sleep).is_pending());
    assert_eq!((here.len(), there.len()), (0, 1));
    there.advance(2 * HOUR);
    assert!(poll(&mut sleep).is_ready());
}

#[test]
fn an_end_that_came_elsewhere_is_an_end() {
    let (here, there) = (Timers::new_paused(), Timers::new());
    let mut sleep = {
        let _entered = here.clone().enter();
        waiting(HOUR)
    };
    here.advance(HOUR);
    let _entered = there.enter();
    assert!(poll(&mut sleep).is_ready());
}

#[test]
fn auto_advance_goes_to_the_exact_deadline() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    assert!(!timers.auto_advance(), "nothing to wait for");
    let start = timers.now();
    let length = Duration::from_nanos(86_400_123_456_789);
    let mut sleeps: Vec<_> = (0..100).map(|_| waiting(length)).collect();
    assert_eq!(timers.prepare_park(), None);
    timers.set_auto_advance(false);
    assert!(!timers.auto_advance());
    timers.set_auto_advance(true);
    assert!(timers.auto_advance());
    assert_eq!(timers.now() - start, length);
    assert!(!timers.auto_advance(), "something is due");
    assert!(timers.prepare_park() <= Some(std::time::Instant::now()));
    assert_eq!(timers.after_park(), 100);
    assert!(sleeps.iter_mut().all(|sleep| poll(sleep).is_ready()));
    timers.resume();
    let _sleep = waiting(HOUR);
    assert!(!timers.auto_advance(), "not paused");
}

#[test]
fn a_change_of_the_clock_recalls_the_parker() {
    let timers = Timers::new();
    let unparks = CountUnparks::of(&timers);
    timers.pause();
    timers.resume();
    assert_eq!(unparks.get(), 0, "nobody waits");
    assert_eq!(timers.prepare_park(), None);
    timers.pause();
    assert_eq!(unparks.get(), 1);
    timers.resume();
    assert_eq!(unparks.get(), 2);
}

#[test]
fn a_resumed_clock_counts_from_where_it_stood() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let before = std::time::Instant::now();
    let start = timers.now();
    let _sleep = waiting(2 * HOUR);
    timers.advance(HOUR);
    timers.resume();
    assert!(timers.now() >= start + HOUR);
    let until = timers.prepare_park().expect("runs again");
    assert!(until >= before + HOUR);
    assert!(until <= std::time::Instant::now() + HOUR);
    timers.after_park();
    timers.pause();
    timers.advance(Duration::MAX);
    timers.advance(Duration::MAX);
    timers.resume();
    assert_eq!(timers.prepare_park(), None);
}

/// Several threads make, wait for, reset and drop sleeps on timers that one
/// thread drives. A lost wake-up would hang it.
#[test]
fn nothing_is_lost_between_threads() {
    let timers = Timers::new();
    let mut park = ThreadPark::new();
    timers.set_unparker(park.unparker());
    let unparker = park.unparker();
    let left = Arc::new(AtomicUsize::new(4));
    let threads: Vec<_> = (0..4_u64)
        .map(|seed| {
            let (timers, left, unparker) = (timers.clone(), left.clone(), unparker.clone());
            thread::spawn(move || {
                let _entered = timers.enter();
                for n in 0..200 {
                    let micros = (n * 7 + seed * 13) % 300;
                    let start = Instant::now();
                    let mut other = waiting(HOUR);
                    sinew_core::block_on(sleep(Duration::from_micros(micros)));
                    assert!(start.elapsed() >= Duration::from_micros(micros));
                    if n % 3 == 0 {
                        other
                            .as_mut()
                            .reset(start + Duration::from_micros(micros + 50));
                        sinew_core::block_on(other);
                        assert!(start.elapsed() >= Duration::from_micros(micros + 50));
                    }
                }
                left.fetch_sub(1, Ordering::SeqCst);
                unparker.unpark();
            })
        })
        .collect();
    while left.load(Ordering::SeqCst) > 0 {
        let until = timers.prepare_park();
        park.park(until);
        timers.after_park();
    }
    for thread in threads {
        thread.join().expect("no thread panicked");
    }
    assert!(timers.is_empty());
}
