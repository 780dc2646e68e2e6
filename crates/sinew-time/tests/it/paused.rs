use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::thread;

use futures::future::join;
use sinew_time::{Duration, Instant, Timers, advance, pause, resume, sleep};

use crate::paused_runtime::{ms, poll, run, run_on};

#[test]
fn the_clock_stands_still() {
    run(async {
        let start = Instant::now();
        assert_eq!(Instant::now(), start);
        advance(Duration::from_micros(51_592)).await;
        assert_eq!(start.elapsed(), Duration::from_micros(51_592));
        advance(Duration::from_nanos(1)).await;
        assert_eq!(start.elapsed(), Duration::from_nanos(51_592_001));
    });
}

#[test]
fn pausing_in_the_middle_freezes_what_it_finds() {
    run_on(Timers::new(), async {
        let start = Instant::now();
        sleep(ms(1)).await;
        pause();
        let frozen = Instant::now();
        assert!(frozen >= start + ms(1));
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(frozen.elapsed(), Duration::from_secs(3600));
        resume();
        let running = Instant::now();
        assert!(running >= frozen + Duration::from_secs(3600));
        sleep(ms(1)).await;
        assert!(running.elapsed() >= ms(1));
        pause();
    });
}

#[test]
fn other_threads_keep_their_time() {
    run(async {
        let before = Instant::now();
        advance(Duration::from_secs(3600)).await;
        let theirs = thread::spawn(Instant::now).join().unwrap();
        assert!(theirs < before + Duration::from_secs(3600));
    });
}

#[test]
fn advance_wakes_what_is_due_and_no_more() {
    run(async {
        let mut early = Box::pin(sleep(ms(1)));
        let mut late = Box::pin(sleep(ms(300)));
        assert!(poll(&mut early).is_pending());
        assert!(poll(&mut late).is_pending());
        advance(Duration::from_micros(999)).await;
        assert!(!early.is_elapsed());
        advance(Duration::from_micros(1)).await;
        assert!(early.is_elapsed());
        assert!(poll(&mut early).is_ready());
        assert!(poll(&mut late).is_pending());
    });
}

#[test]
fn a_sleep_first_polled_after_an_advance_has_ended() {
    run(async {
        let mut sleep = Box::pin(sleep(ms(1)));
        advance(ms(2)).await;
        assert!(poll(&mut sleep).is_ready());
    });
}

#[test]
fn an_idle_runtime_goes_from_deadline_to_deadline() {
    run(async {
        let start = Instant::now();
        let order = Mutex::new(Vec::new());
        let nap = async |length| {
            for _ in 0..3 {
                sleep(length).await;
                order.lock().unwrap().push(start.elapsed().as_millis());
            }
        };
        join(nap(ms(30)), nap(ms(40))).await;
        assert_eq!(*order.lock().unwrap(), [30, 40, 60, 80, 90, 120]);
    });
}

#[test]
fn runs_repeat() {
    let timeline = || {
        run(async {
            let start = Instant::now();
            let mut times = Vec::new();
            for n in 0..1000_u64 {
                sleep(Duration::from_nanos(n * 2_654_435_761 % 1_000_000_007)).await;
                times.push(start.elapsed());
            }
            times
        })
    };
    assert_eq!(timeline(), timeline());
}

#[test]
fn a_sleep_registered_from_another_thread_reaches_a_parked_runtime() {
    let timers = Timers::new_paused();
    let theirs = timers.clone();
    let (tx, rx) = futures::channel::oneshot::channel();
    let thread = thread::spawn(move || {
        let _entered = theirs.enter();
        let start = Instant::now();
        futures::executor::block_on(sleep(Duration::from_secs(60)));
        tx.send(start.elapsed()).unwrap();
    });
    assert_eq!(run_on(timers, rx), Ok(Duration::from_secs(60)));
    thread.join().unwrap();
}

fn message(result: thread::Result<()>) -> String {
    let panic = result.expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[test]
fn misuse_panics_and_names_the_remedy() {
    for misuse in [pause, resume, || sinew_core::block_on(advance(ms(1)))] {
        let message = message(catch_unwind(misuse));
        assert!(message.contains("inside a runtime"), "{message}");
    }
    let _entered = Timers::new().enter();
    assert!(message(catch_unwind(resume)).contains("not frozen"));
    let advancing = || sinew_core::block_on(advance(ms(1)));
    assert!(message(catch_unwind(advancing)).contains("not frozen"));
    pause();
    assert!(message(catch_unwind(pause)).contains("already frozen"));
}

/// One test for all of them: the panic hook belongs to the whole process.
#[test]
fn panics_are_at_the_callers_line() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new({
        let lines = lines.clone();
        let thread = thread::current().id();
        move |info| {
            if thread::current().id() == thread {
                let location = info.location().map(|at| (at.file().to_owned(), at.line()));
                lines.lock().unwrap().push(location.unwrap());
            } else {
                before(info);
            }
        }
    }));
    let first = line!() + 1;
    let _ = catch_unwind(|| pause());
    let _ = catch_unwind(|| resume());
    let _ = catch_unwind(|| sinew_time::interval(Duration::ZERO));
    let _ = catch_unwind(|| sinew_time::interval_at(Instant::now(), Duration::ZERO));
    let timers = AssertUnwindSafe(Timers::new_paused());
    let _ = catch_unwind(|| timers.pause());
    let _ = std::panic::take_hook();
    let expected = [0, 1, 2, 3, 5].map(|n| (file!().to_owned(), first + n));
    assert_eq!(*lines.lock().unwrap(), expected);
}

#[test]
fn auto_advance_can_be_turned_off() {
    let timers = Timers::new_paused();
    timers.set_auto_advance(false);
    let driver = timers.clone();
    run_on(timers, async {
        let mut hour = pin!(sleep(Duration::from_secs(3600)));
        assert!(poll(&mut hour.as_mut()).is_pending());
        // Real work while virtual time stands still.
        let (tx, rx) = futures::channel::oneshot::channel();
        let thread = thread::spawn(move || tx.send(()).unwrap());
        rx.await.unwrap();
        thread.join().unwrap();
        assert!(!hour.is_elapsed());
        driver.set_auto_advance(true);
        hour.await;
    });
}
