//! A wheel that its thread keeps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use sinew_core::waker::waker_fn;

use super::{CountUnparks, HOUR, counting_waker, poll, waiting};
use crate::driver::{Keeping, Timers};
use crate::{Instant, Sleep, sleep};

/// A base, and timers that this thread keeps.
struct Local {
    base: Arc<Timers>,
    own: Arc<Timers>,
    unparks: Arc<CountUnparks>,
    _keeping: Keeping,
}

impl Local {
    fn new() -> Local {
        Local::on(Timers::new())
    }

    fn on(base: Arc<Timers>) -> Local {
        let own = base.local_sibling();
        let unparks = Arc::new(CountUnparks::default());
        let keeping = own.clone().keep(unparks.clone());
        Local {
            base,
            own,
            unparks,
            _keeping: keeping,
        }
    }
}

fn elsewhere<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|s| s.spawn(f).join().expect("no panic elsewhere"))
}

/// Parks and wakes up again.
fn turn(timers: &Timers) -> usize {
    let _until = timers.prepare_park();
    timers.after_park()
}

/// A sleep of an hour that was polled, and wakes `waker`.
fn waiting_for(waker: &Waker) -> Pin<Box<Sleep>> {
    let mut sleep = Box::pin(sleep(HOUR));
    let mut cx = Context::from_waker(waker);
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    sleep
}

#[test]
fn others_are_told_how_many_there_were() {
    let local = Local::new();
    let _a = waiting(HOUR);
    let mut b = waiting(HOUR);
    b.as_mut().reset(Instant::now() + 2 * HOUR);
    assert_eq!((local.base.len(), local.own.len()), (0, 2));
    assert_eq!(elsewhere(|| local.own.len()), 0, "as of the first use");
    drop(b);
    let until = local.own.prepare_park().expect("one is left");
    assert!(until > std::time::Instant::now() + HOUR / 2);
    assert_eq!(elsewhere(|| local.own.len()), 1, "it is not kept in a park");
    local.own.after_park();
    assert_eq!(local.own.len(), 1);
    assert_eq!(local.unparks.get(), 0);
}

#[test]
fn what_is_dropped_elsewhere_goes_at_the_next_use() {
    let local = Local::new();
    let shared = Arc::new(());
    let waker = waker_fn({
        let shared = shared.clone();
        move || _ = &shared
    });
    let mut dropped = Box::pin(sleep(HOUR));
    assert!(
        dropped
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(waker);
    let other = waiting(HOUR);
    elsewhere(move || drop(dropped));
    assert_eq!(Arc::strong_count(&shared), 2);
    assert_eq!(local.own.len(), 1);
    assert_eq!(Arc::strong_count(&shared), 1);
    drop(other);
    assert!(local.own.is_empty());
}

#[test]
fn a_park_with_notes_is_none() {
    let local = Local::new();
    let dropped = waiting(HOUR);
    let _left = waiting(HOUR);
    elsewhere(move || drop(dropped));
    let until = local.own.prepare_park().expect("at once");
    assert!(until <= std::time::Instant::now());
    assert_eq!(local.own.after_park(), 0);
    let until = local.own.prepare_park().expect("in an hour");
    assert!(until > std::time::Instant::now());
    assert_eq!(local.own.len(), 1);
}

#[test]
fn processing_reads_notes() {
    let local = Local::new();
    let (waker, woken) = counting_waker();
    let mut sleep = waiting_for(&waker);
    let sleep = elsewhere(move || {
        sleep.as_mut().reset(Instant::now() + HOUR);
        sleep
    });
    assert_eq!(woken.load(Ordering::SeqCst), 0);
    assert_eq!(local.own.process(), 0);
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    drop(sleep);
}

#[test]
fn a_reset_elsewhere_wakes_the_task_which_finds_the_new_deadline() {
    let local = Local::new();
    let (waker, woken) = counting_waker();
    let mut cx = Context::from_waker(&waker);
    let mut sleep = Box::pin(sleep(HOUR));
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    let soon = Instant::now() + Duration::from_millis(1);
    let mut sleep = elsewhere(move || {
        sleep.as_mut().reset(soon);
        assert!(!sleep.is_elapsed());
        sleep
    });
    turn(&local.own);
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    while sleep.as_mut().poll(&mut cx).is_pending() {
        assert!(
            Instant::now() < soon + HOUR / 2,
            "the old deadline is forgotten"
        );
        turn(&local.own);
        thread::yield_now();
    }
    assert!(Instant::now() >= soon);
}

#[test]
fn who_polls_elsewhere_is_woken() {
    let local = Local::new();
    let (mine, woken) = counting_waker();
    let mut sleep = Box::pin(sleep(Duration::from_millis(1)));
    assert!(
        sleep
            .as_mut()
            .poll(&mut Context::from_waker(&mine))
            .is_pending()
    );
    let (others, woken_elsewhere) = counting_waker();
    let mut sleep = elsewhere(|| {
        let polled = sleep.as_mut().poll(&mut Context::from_waker(&others));
        assert!(polled.is_pending());
        sleep
    });
    while woken_elsewhere.load(Ordering::SeqCst) == 0 {
        turn(&local.own);
        thread::yield_now();
    }
    assert_eq!(woken.load(Ordering::SeqCst), 0);
    elsewhere(|| {
        assert!(sleep.is_elapsed());
        assert!(poll(&mut sleep).is_ready());
    });
}

#[test]
fn who_polls_elsewhere_too_late_is_woken_at_once() {
    let local = Local::on(Timers::new_paused());
    let mut sleep = waiting(HOUR);
    let (waker, woken) = counting_waker();
    let mut sleep = elsewhere(|| {
        assert!(!sleep.is_elapsed());
        let polled = sleep.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        sleep
    });
    // The clock is that of all; what this thread keeps is fired by none but it.
    assert_eq!(elsewhere(|| local.base.advance(2 * HOUR)), 0);
    assert_eq!(woken.load(Ordering::SeqCst), 0);
    assert_eq!(local.own.process(), 1);
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    assert!(poll(&mut sleep).is_ready());
}

#[test]
fn an_entry_stays_of_its_wheel_while_it_is_polled_on_its_clock() {
    let local = Local::new();
    let mut sleep = waiting(HOUR);
    let base = local.base.clone();
    let sleep = elsewhere(move || {
        let _entered = base.enter();
        assert!(poll(&mut sleep).is_pending());
        sleep
    });
    assert_eq!((local.base.len(), local.own.len()), (0, 1));
    let mut sleep = elsewhere(move || {
        let mut sleep = sleep;
        let others = Timers::new();
        let _entered = others.clone().enter();
        assert!(poll(&mut sleep).is_pending());
        assert_eq!(others.len(), 1, "it moved");
        sleep
    });
    assert_eq!(local.own.len(), 0);
    // The others are gone by now.
    assert!(poll(&mut sleep).is_pending());
    assert_eq!(local.own.len(), 1);
}

#[test]
fn a_parked_thread_is_unparked_for_an_earlier_deadline() {
    let local = Local::new();
    let mut sleep = waiting(HOUR);
    let until = local.own.prepare_park();
    assert!(until.is_some_and(|until| until > std::time::Instant::now()));
    let sleep = elsewhere(move || {
        sleep.as_mut().reset(Instant::now() + HOUR / 2);
        sleep
    });
    assert_eq!(local.unparks.get(), 1);
    elsewhere(move || drop(sleep));
    local.own.after_park();
    assert!(local.own.is_empty());
}

#[test]
fn another_thread_that_enters_them_adds_to_the_base() {
    let local = Local::new();
    let _mine = waiting(HOUR);
    let (base, own) = (local.base.clone(), local.own.clone());
    elsewhere(move || {
        let _entered = own.clone().enter();
        let entered = waiting(HOUR);
        assert_eq!(base.len(), 1);
        let _keeping = own.keep(Arc::new(CountUnparks::default()));
        let _kept = waiting(HOUR);
        assert_eq!(base.len(), 2);
        drop(entered);
    });
    assert_eq!((local.base.len(), local.own.len()), (0, 1));
    // What was set elsewhere as whom to unpark is set back.
    let _until = local.own.prepare_park();
    local.own.shutdown();
    assert_eq!(local.own.after_park(), 0);
}

#[test]
fn a_shutdown_elsewhere_wakes_all() {
    let local = Local::new();
    let (waker, woken) = counting_waker();
    let mut cx = Context::from_waker(&waker);
    let mut sleeps: Vec<Pin<Box<Sleep>>> = (0..3).map(|_| Box::pin(sleep(HOUR))).collect();
    for sleep in &mut sleeps {
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
    }
    let mut elsewhere_then = sleeps.pop().expect("three");
    elsewhere(|| {
        local.base.shutdown();
        assert!(!elsewhere_then.is_elapsed());
        assert!(poll(&mut elsewhere_then).is_pending(), "it has moved on");
    });
    assert_eq!(woken.load(Ordering::SeqCst), 0);
    local.own.process();
    assert_eq!(woken.load(Ordering::SeqCst), 3);
    assert!(local.own.is_empty());
    // They move over to the default timers.
    for sleep in &mut sleeps {
        sleep.as_mut().reset(Instant::now());
        while sleep.as_mut().poll(&mut cx).is_pending() {
            thread::yield_now();
        }
    }
}

#[test]
fn sleeps_outlive_their_timers_on_another_thread() {
    let local = Local::new();
    let mut sleep = waiting(Duration::from_millis(1));
    drop(local);
    elsewhere(move || {
        while poll(&mut sleep).is_pending() {
            thread::yield_now();
        }
        assert!(sleep.is_elapsed());
    });
}

#[test]
fn a_waker_that_panics_does_not_reach_who_reads_the_note() {
    let local = Local::new();
    let waker = waker_fn(|| panic!("a waker of the test"));
    let mut sleep = waiting_for(&waker);
    let sleep = elsewhere(move || {
        sleep.as_mut().reset(Instant::now() + HOUR);
        sleep
    });
    let _another = waiting(HOUR);
    assert_eq!(local.own.len(), 1);
    drop(sleep);
}

/// The wakers of notes run where the note is read, and may use the timers.
#[test]
fn a_waker_may_use_the_timers_that_wake_it() {
    let local = Local::new();
    let waker = waker_fn(|| drop(waiting(HOUR)));
    let mut sleep = waiting_for(&waker);
    let sleep = elsewhere(move || {
        sleep.as_mut().reset(Instant::now() + HOUR);
        sleep
    });
    turn(&local.own);
    assert!(local.own.is_empty());
    drop(sleep);
}

#[test]
fn guards_nest() {
    let local = Local::new();
    let _outer = waiting(HOUR);
    let inner = Local::new();
    let mut moved = waiting(HOUR);
    assert_eq!((local.own.len(), inner.own.len()), (1, 1));
    elsewhere(|| assert_eq!(inner.own.len(), 0, "kept"));
    drop(inner);
    elsewhere(|| assert!(poll(&mut moved).is_pending()));
    let again = local.own.clone().keep(local.unparks.clone());
    let _third = waiting(HOUR);
    assert_eq!(local.own.len(), 2);
    drop(again);
    let _fourth = waiting(HOUR);
    assert_eq!(local.own.len(), 3);
}

#[test]
fn others_cannot_be_kept() {
    let base = Timers::new();
    for timers in [base.sibling(), base] {
        let unparker = Arc::new(CountUnparks::default());
        let kept = catch_unwind(AssertUnwindSafe(|| timers.keep(unparker)));
        assert!(kept.is_err());
    }
}

#[test]
fn a_clock_does_not_jump_while_a_thread_that_keeps_timers_is_awake() {
    let local = Local::on(Timers::new_paused());
    let mut sleep = waiting(HOUR);
    assert!(!elsewhere(|| local.base.auto_advance()));
    assert_eq!(local.own.prepare_park(), None);
    assert!(elsewhere(|| local.base.auto_advance()));
    assert_eq!(local.own.after_park(), 1);
    assert_eq!(poll(&mut sleep), Poll::Ready(()));
}
