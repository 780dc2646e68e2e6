use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::channel::oneshot;
use sinew_runtime::{Builder, Handle, LocalOptions, spawn, spawn_blocking};
use sinew_time::{Instant, advance, pause, sleep, timeout};

fn on_each_paused<F: Future<Output = ()>>(auto_advance: bool, body: impl Fn() -> F) {
    for workers in [1, 3] {
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .start_paused(true)
            .auto_advance(auto_advance)
            .build()
            .unwrap();
        runtime.block_on(body());
    }
    let mut builder = Builder::new_current_thread();
    builder.start_paused(true).auto_advance(auto_advance);
    builder.build().unwrap().block_on(body());
    let local = builder.build_local(LocalOptions::default()).unwrap();
    local.block_on(body());
}

/// Real time is bounded by the test run; virtual time is hours.
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_paused_clock_jumps_when_nothing_else_can_happen() {
    on_each_paused(true, || async {
        let start = Instant::now();
        sleep(HOUR).await;
        assert_eq!(start.elapsed(), HOUR);
        let task = spawn(async move {
            sleep(HOUR).await;
            sleep(HOUR).await;
        });
        sleep(HOUR).await;
        task.await.unwrap();
        assert_eq!(start.elapsed(), HOUR * 3);
    });
}

/// A main future that is woken, whose thread waits in a task's own `block_on`, does not hold
/// the clock: it is not polled before that has ended.
#[test]
fn a_nested_block_on_gets_its_hour_beside_a_woken_main_future() {
    for _ in 0..20 {
        on_each_paused(true, || async {
            let start = Instant::now();
            let (wake, woken) = oneshot::channel();
            let nested = spawn(async {
                Handle::current().block_on(async {
                    wake.send(()).unwrap();
                    sleep(HOUR).await;
                });
            });
            woken.await.unwrap();
            nested.await.unwrap();
            assert_eq!(start.elapsed(), HOUR);
        });
    }
}

#[test]
fn a_running_closure_holds_the_clock() {
    on_each_paused(true, || async {
        let (open, opened) = std::sync::mpsc::channel::<()>();
        let closure = spawn_blocking(move || opened.recv());
        let waiting = spawn(timeout(HOUR, closure));
        sinew_task::yield_now().await;
        open.send(()).unwrap();
        // Had the clock jumped, the timeout would have fired.
        assert!(waiting.await.unwrap().is_ok());
        sleep(HOUR).await;
    });
}

#[test]
fn pause_and_advance_by_hand() {
    let runtime = Builder::new_current_thread()
        .auto_advance(false)
        .build()
        .unwrap();
    runtime.block_on(async {
        pause();
        let start = Instant::now();
        let task = spawn(async {
            sleep(HOUR).await;
            Instant::now()
        });
        sinew_task::yield_now().await;
        advance(HOUR * 2).await;
        assert_eq!(task.await.unwrap() - start, HOUR * 2);
    });
}

/// On one thread; with more, tasks that are due together run at once.
#[test]
fn sleeps_end_in_the_order_of_their_deadlines() {
    let runtime = Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (ended, order) = std::sync::mpsc::channel();
        let handles = [3u32, 1, 2].map(|hours| {
            let ended = ended.clone();
            spawn(async move {
                sleep(HOUR * hours).await;
                ended.send(hours).unwrap();
            })
        });
        for handle in handles {
            handle.await.unwrap();
        }
        drop(ended);
        assert_eq!(order.iter().collect::<Vec<_>>(), [1, 2, 3]);
    });
}

#[test]
fn without_auto_advance_the_clock_stands_still_while_all_wait() {
    on_each_paused(false, || async {
        let start = Instant::now();
        let (polled, was_polled) = oneshot::channel();
        let task = spawn(async move {
            let mut sleep = pin!(sleep(HOUR));
            let first = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await;
            assert!(first.is_pending());
            polled.send(()).unwrap();
            sleep.await;
            Instant::now()
        });
        was_polled.await.unwrap();
        spawn_blocking(|| ()).await.unwrap();
        assert_eq!(Instant::now(), start);
        advance(HOUR * 2).await;
        assert_eq!(task.await.unwrap() - start, HOUR * 2);
    });
}

/// What can be read is read first, whatever the time limit on it.
#[cfg(unix)]
#[test]
fn readiness_that_is_there_goes_before_the_clock() {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    on_each_paused(true, || async {
        let (near, mut far) = UnixStream::pair().unwrap();
        let near = sinew_reactor::Async::new(near).unwrap();
        far.write_all(b"x").unwrap();
        let start = Instant::now();
        timeout(HOUR, near.readable()).await.unwrap().unwrap();
        // Nor does it go on before the main future, which was woken, is polled.
        assert_eq!(start.elapsed(), Duration::ZERO);
        // A pending read alone does not hold the clock.
        let start = Instant::now();
        let (idle, _far) = UnixStream::pair().unwrap();
        let idle = sinew_reactor::Async::new(idle).unwrap();
        assert!(timeout(HOUR, idle.readable()).await.is_err());
        assert_eq!(start.elapsed(), HOUR);
    });
}
