//! What waits for time, under the cancellation kit: dropped at any await, before, after
//! and between the steps of the clock, it loses no tick, no item and no wake-up.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use futures::{FutureExt, Stream, StreamExt, stream};
use sinew_core::Entered;
use sinew_testing::cancel::{Lent, every_await};
use sinew_time::stream::{IntervalStream, RuntimeStreamExt};
use sinew_time::{
    DelayQueue, Duration, Instant, Interval, Timers, advance, interval, interval_at, sleep,
    sleep_until, timeout, timeout_at,
};

use crate::paused_runtime::ms;

/// Steps of the clock, of a millisecond each, in a run.
const STEPS: usize = 4;

/// A stopped clock, what is lent to the actor that waits, and what that has seen.
struct Run<T, O> {
    home: Rc<Cell<Option<T>>>,
    seen: Rc<RefCell<Vec<O>>>,
    start: Instant,
    _entered: Entered<Timers>,
}

/// Runs `work` beside a clock that goes on step by step, one of them dropped anywhere,
/// and then `work` anew on what it left. In the end it has seen `expected`.
fn loses_nothing<T: 'static, O: PartialEq + std::fmt::Debug + 'static>(
    make: impl Fn() -> T,
    work: impl AsyncFn(&mut T, &RefCell<Vec<O>>) + Copy + 'static,
    expected: impl Fn(Instant) -> Vec<O>,
) {
    let runs = every_await(
        || {
            let _entered = Timers::new_paused().enter();
            Run {
                start: Instant::now(),
                home: Rc::new(Cell::new(Some(make()))),
                seen: Rc::default(),
                _entered,
            }
        },
        |script, run| {
            let (home, seen) = (run.home.clone(), run.seen.clone());
            script.waiting_actor(async move { work(&mut Lent::of(&home), &seen).await });
            script.actor(async {
                for _ in 0..STEPS {
                    advance(ms(1)).await;
                }
            });
        },
        |run, _| {
            let mut value = run.home.take().unwrap();
            let mut rest = Box::pin(work(&mut value, &run.seen));
            let mut steps = 0;
            while rest.as_mut().now_or_never().is_none() {
                assert!(steps < 1000, "nothing comes any more");
                steps += 1;
                let _ = Box::pin(advance(ms(1)))
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()));
            }
            assert_eq!(run.seen.take(), expected(run.start));
        },
    );
    assert!(runs > 10, "{runs}");
}

/// The milliseconds after `start` of each.
fn after(start: Instant, times: &[u64]) -> Vec<Instant> {
    times.iter().map(|time| start + ms(*time)).collect()
}

#[test]
fn sleeps() {
    // A sleep that is kept goes on; one that is dropped is as if it had not been.
    loses_nothing(
        || Box::pin(sleep(ms(3))),
        async |sleep, seen| {
            if seen.borrow().is_empty() {
                sleep.as_mut().await;
                seen.borrow_mut().push(sleep.deadline());
            }
        },
        |start| after(start, &[3]),
    );
    loses_nothing(
        || Instant::now() + ms(2),
        async |deadline, seen| {
            assert!(sleep(ms(1)).now_or_never().is_none());
            sleep_until(*deadline).await;
            assert!(Instant::now() >= *deadline);
            *seen.borrow_mut() = vec![*deadline];
        },
        |start| after(start, &[2]),
    );
}

#[test]
fn intervals() {
    async fn three(interval: &mut Interval, seen: &RefCell<Vec<Instant>>) {
        while seen.borrow().len() < 3 {
            let tick = interval.tick().await;
            seen.borrow_mut().push(tick);
        }
    }
    loses_nothing(
        || interval(ms(2)),
        async |interval, seen| three(interval, seen).await,
        |start| after(start, &[0, 2, 4]),
    );
    loses_nothing(
        || interval_at(Instant::now() + ms(1), ms(1)),
        async |interval, seen| three(interval, seen).await,
        |start| after(start, &[1, 2, 3]),
    );
    loses_nothing(
        || IntervalStream::new(interval(ms(1))),
        async |ticks, seen| {
            while seen.borrow().len() < 3 {
                let tick = ticks.next().await.unwrap();
                seen.borrow_mut().push(tick);
            }
        },
        |start| after(start, &[0, 1, 2]),
    );
}

#[test]
fn timeouts() {
    // What was given by reference is still there, whoever was dropped.
    loses_nothing(
        || Box::pin(sleep(ms(3))),
        async |inner, seen| {
            if seen.borrow().is_empty() {
                while timeout(ms(1), inner.as_mut()).await.is_err() {}
                seen.borrow_mut().push(inner.deadline());
            }
        },
        |start| after(start, &[3]),
    );
    loses_nothing(
        || (interval(ms(1)), Instant::now()),
        async |(ticks, start), seen| {
            while seen.borrow().len() < 3 {
                let end = *start + ms(2);
                if let Ok(tick) = timeout_at(end, ticks.tick()).await {
                    seen.borrow_mut().push(tick);
                } else {
                    let tick = ticks.tick().await;
                    seen.borrow_mut().push(tick);
                }
            }
        },
        |start| after(start, &[0, 1, 2]),
    );
}

#[test]
fn delay_queues() {
    loses_nothing(
        || {
            let mut queue = DelayQueue::new();
            queue.insert(2, ms(2));
            queue.insert(1, ms(1));
            queue.insert(3, ms(2));
            queue
        },
        async |queue, seen| {
            while let Some(expired) = queue.next().await {
                seen.borrow_mut().push(expired.into_inner());
            }
        },
        |_| vec![1, 2, 3],
    );
}

type Numbers = Pin<Box<dyn Stream<Item = u32>>>;

/// The numbers from 0 on, one at each tick of a millisecond.
fn numbers(count: usize) -> Numbers {
    let ticks = IntervalStream::new(interval(ms(1)));
    Box::pin(ticks.take(count).enumerate().map(|(n, _)| n as u32))
}

fn numbers_arrive(make: impl Fn() -> Numbers) {
    loses_nothing(
        make,
        async |numbers, seen| {
            while let Some(n) = numbers.next().await {
                seen.borrow_mut().push(n);
            }
        },
        |_| vec![0, 1, 2],
    );
}

#[test]
fn streams() {
    numbers_arrive(|| Box::pin(stream::iter(0..3).throttle(ms(2))));
    numbers_arrive(|| Box::pin(RuntimeStreamExt::timeout(numbers(3), ms(5)).map(Result::unwrap)));
    numbers_arrive(|| {
        let silences = numbers(3).timeout_repeating(interval(ms(1)));
        Box::pin(silences.filter_map(async |item| item.ok()))
    });
    numbers_arrive(|| {
        let chunks = numbers(3).chunks_timeout(2, ms(10));
        Box::pin(chunks.flat_map(stream::iter))
    });
    numbers_arrive(|| Box::pin(RuntimeStreamExt::merge(numbers(3), stream::empty())));
    numbers_arrive(|| {
        Box::pin(RuntimeStreamExt::map_while(numbers(9), |n| {
            (n < 3).then_some(n)
        }))
    });
}

/// Dropped, it has moved the clock by the whole step if it was polled, and by nothing if
/// it was not.
#[test]
fn advances() {
    let _entered = Timers::new_paused().enter();
    let start = Instant::now();
    drop(advance(ms(5)));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(advance(ms(5)).now_or_never().is_none());
    assert_eq!(start.elapsed(), ms(5));
}
