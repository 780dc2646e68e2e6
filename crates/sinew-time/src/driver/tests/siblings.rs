//! Several wheels on one clock.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use sinew_core::{Park, ThreadPark};

use super::{CountUnparks, HOUR, briefly_waiting, counting_waker, poll, waiting};
use crate::driver::Timers;
use crate::{Instant, sleep};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn an_entry_stays_in_the_wheel_of_the_first_poll() {
    let base = Timers::new();
    let (a, b) = (base.sibling(), base.sibling());
    let mut sleep = {
        let _entered = a.clone().enter();
        waiting(HOUR)
    };
    let _entered = b.clone().enter();
    assert!(poll(&mut sleep).is_pending());
    sleep.as_mut().reset(Instant::now() + 2 * HOUR);
    assert_eq!((base.len(), a.len(), b.len()), (0, 1, 0));
    drop(sleep);
    assert!(a.is_empty());
}

#[test]
fn a_worker_that_adds_to_its_own_wheel_wakes_no_other() {
    let base = Timers::new();
    let worker = base.sibling();
    let (watcher, own) = (CountUnparks::of(&base), CountUnparks::of(&worker));
    let _entered = worker.clone().enter();
    // Hours, of which a busy machine takes nothing that matters away.
    let before = std::time::Instant::now();
    let _first = waiting(HOUR);
    let after = std::time::Instant::now();
    let until = base.prepare_park().expect("the first deadline and 5 ms");
    assert!(until >= before + HOUR + ms(5), "{:?}", until - before);
    assert!(until <= after + HOUR + ms(6), "{:?}", until - after);
    let _soon_enough = waiting(HOUR - ms(2));
    let _later = waiting(2 * HOUR);
    assert_eq!(watcher.get(), 0, "up 5 ms after the hour");
    let _much_earlier = waiting(HOUR / 2);
    assert_eq!(watcher.get(), 1, "it would be up half an hour late");
    let _as_early = waiting(HOUR / 2 - ms(1) / 2);
    assert_eq!((watcher.get(), own.get()), (1, 0));
    base.after_park();
    let _nobody_waits = waiting(HOUR / 4);
    assert_eq!((watcher.get(), own.get()), (1, 0));
}

#[test]
fn a_parked_worker_is_unparked_for_a_reset_from_elsewhere() {
    let base = Timers::new();
    let worker = base.sibling();
    let (watcher, own) = (CountUnparks::of(&base), CountUnparks::of(&worker));
    let mut sleep = {
        let _entered = worker.clone().enter();
        waiting(HOUR)
    };
    assert!(worker.prepare_park().is_some());
    sleep.as_mut().reset(Instant::now() + HOUR / 2);
    assert_eq!((watcher.get(), own.get()), (0, 1));
}

#[test]
fn the_watcher_fires_what_a_busy_worker_leaves() {
    let base = Timers::new();
    let worker = base.sibling();
    let (waker, woken) = counting_waker();
    let (mut sleep, start) = {
        let _entered = worker.clone().enter();
        briefly_waiting(ms(1), &waker)
    };
    let mut park = ThreadPark::new();
    base.set_unparker(park.unparker());
    // The worker never comes back.
    let mut parks = 0;
    while woken.load(Ordering::SeqCst) == 0 {
        let until = base.prepare_park();
        park.park(until);
        base.after_park();
        parks += 1;
    }
    assert!(start.elapsed() >= ms(5), "its owner had the first chance");
    assert!(parks < 10, "{parks}");
    assert!(poll(&mut sleep).is_ready());
}

#[test]
fn one_clock_for_all() {
    let base = Timers::new_paused();
    let workers = [base.sibling(), base.sibling()];
    let start = base.now();
    let mut sleeps: Vec<_> = (0..4)
        .map(|n| {
            let _entered = workers[n % 2].clone().enter();
            waiting(HOUR * (n as u32 + 1))
        })
        .collect();
    assert!(workers[1].is_paused());
    assert!(workers[0].auto_advance());
    assert_eq!(base.now() - start, HOUR);
    assert_eq!(
        base.prepare_park(),
        None,
        "what is due is not in this wheel"
    );
    assert_eq!(base.after_park(), 1);
    assert_eq!(workers[1].advance(2 * HOUR), 2);
    assert!(sleeps[..3].iter_mut().all(|sleep| poll(sleep).is_ready()));
    assert!(poll(&mut sleeps[3]).is_pending());
    workers[0].resume();
    assert!(!base.is_paused());
}

#[test]
fn a_sibling_that_ends_hands_its_sleeps_over() {
    let base = Timers::new();
    let worker = base.sibling();
    let (waker, woken) = counting_waker();
    let mut sleep = pin!(sleep(HOUR));
    {
        let _entered = worker.clone().enter();
        let mut cx = Context::from_waker(&waker);
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
    }
    drop(worker);
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    assert!(!sleep.is_elapsed());
    let _entered = base.clone().enter();
    let mut cx = Context::from_waker(&waker);
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    assert_eq!(base.len(), 1);
}

#[test]
fn ending_the_base_ends_its_siblings() {
    let base = Timers::new();
    let worker = base.sibling();
    let _entered = worker.clone().enter();
    let mut sleep = waiting(HOUR);
    base.shutdown();
    assert!(worker.is_empty());
    assert!(poll(&mut sleep).is_pending());
    assert!(worker.is_empty(), "it went to the default timers");
}

/// The shard of dropped timers goes to new ones. A sleep that still refers to it
/// neither takes the new owner's entries for its own nor its end from them.
#[test]
fn a_sleep_outlives_its_timers() {
    for round in 0..50 {
        let old = Timers::new();
        let mut sleeps: Vec<_> = {
            let _entered = old.clone().enter();
            (0..10).map(|_| waiting(HOUR)).collect()
        };
        drop(old);
        let new = Timers::new_paused();
        let _entered = new.clone().enter();
        let others: Vec<_> = (0..10).map(|_| waiting(HOUR)).collect();
        new.advance(HOUR / 2);
        assert!(sleeps.iter().all(|sleep| !sleep.is_elapsed()), "{round}");
        drop(sleeps.split_off(5));
        assert_eq!(new.len(), 10);
        sleeps[0].as_mut().reset(Instant::now() + 2 * HOUR);
        assert!(sleeps.iter_mut().all(|sleep| poll(sleep).is_pending()));
        assert_eq!(new.len(), 15);
        drop((sleeps, others));
        assert!(new.is_empty());
    }
}

/// Each thread drives a wheel of its own, and resets and drops sleeps of the
/// others. A lost wake-up would hang it.
#[test]
fn nothing_is_lost_between_wheels() {
    let base = Timers::new();
    let shared = Arc::new(std::sync::Mutex::new(Vec::new()));
    let threads: Vec<_> = (0..4_u64)
        .map(|seed| {
            let (timers, shared) = (base.sibling(), shared.clone());
            thread::spawn(move || {
                let _entered = timers.clone().enter();
                let mut park = ThreadPark::new();
                timers.set_unparker(park.unparker());
                for n in 0..300 {
                    let micros = (n * 7 + seed * 13) % 200;
                    let start = Instant::now();
                    let mut other = shared.lock().unwrap().pop();
                    if let Some(other) = &mut other {
                        let other: &mut std::pin::Pin<Box<crate::Sleep>> = other;
                        other
                            .as_mut()
                            .reset(start + Duration::from_micros(micros / 2));
                    }
                    let mut own = Box::pin(sleep(Duration::from_micros(micros)));
                    while poll(&mut own).is_pending()
                        || other.as_mut().is_some_and(|other| poll(other).is_pending())
                    {
                        let until = timers.prepare_park();
                        park.park(until.or(Some(std::time::Instant::now() + ms(1))));
                        timers.after_park();
                    }
                    assert!(start.elapsed() >= Duration::from_micros(micros));
                    shared.lock().unwrap().push(waiting(HOUR));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread panicked");
    }
    let left = shared.lock().unwrap().len();
    assert!(left > 0);
    assert!(matches!(
        poll(&mut shared.lock().unwrap()[0]),
        Poll::Pending
    ));
}
