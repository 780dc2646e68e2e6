//! Groups of futures, on a waker that counts and by a model.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::{Join, Race, RaceOk, TryJoin, pausable};
use crate::block_on;

/// Ends when it is told to, and counts how often it was polled.
#[derive(Clone, Default)]
struct Told(Rc<Inner>);

#[derive(Default)]
struct Inner {
    outcome: Cell<Option<Result<u32, u32>>>,
    waker: RefCell<Option<Waker>>,
    polls: Cell<usize>,
}

impl Told {
    fn tell(&self, outcome: Result<u32, u32>) {
        self.0.outcome.set(Some(outcome));
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }
}

impl Future for Told {
    type Output = Result<u32, u32>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.polls.set(self.0.polls.get() + 1);
        if let Some(outcome) = self.0.outcome.get() {
            return Poll::Ready(outcome);
        }
        *self.0.waker.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

fn told(count: usize) -> Vec<Told> {
    (0..count).map(|_| Told::default()).collect()
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn tuples_join_outputs_of_their_own_types() {
    block_on(async {
        assert_eq!((ready(1),).join().await, (1,));
        let all = (ready(1), async { "two" }, ready(3.0)).join().await;
        assert_eq!(all, (1, "two", 3.0));
        let twelve = (
            ready(0),
            ready(1),
            ready(2),
            ready(3),
            ready(4),
            ready(5),
            ready(6),
            ready(7),
            ready(8),
            ready(9),
            ready(10),
            ready(11),
        );
        assert_eq!(twelve.join().await.11, 11);
        let good = (async { Ok::<_, ()>(1) }, async { Ok("two") })
            .try_join()
            .await;
        assert_eq!(good, Ok((1, "two")));
        let bad = (pending::<Result<(), _>>(), async { Err::<u8, _>("no") })
            .try_join()
            .await;
        assert_eq!(bad, Err("no"));
        assert_eq!((pending(), ready(2), pending()).race().await, 2);
        let first = (async { Err::<u8, _>("no") }, async { Ok::<_, u32>(2) })
            .race_ok()
            .await;
        assert_eq!(first, Ok(2));
        let none = (async { Err::<u8, _>("no") }, async { Err::<u8, u32>(3) })
            .race_ok()
            .await;
        assert_eq!(none, Err(("no", 3)));
    });
}

#[test]
fn of_nothing() {
    block_on(async {
        assert!(Vec::<Told>::new().join().await.is_empty());
        assert_eq!([(); 0].map(|()| Told::default()).join().await, []);
        assert_eq!(Vec::<Told>::new().try_join().await, Ok(vec![]));
        assert_eq!(Vec::<Told>::new().race_ok().await, Err(vec![]));
    });
    let mut race = pin!(Vec::<Told>::new().race());
    assert!(poll(race.as_mut()).is_pending());
}

#[test]
fn only_those_that_were_woken_are_polled_again() {
    let futures = told(1_000);
    let mut join = pin!(futures.clone().join());
    assert!(poll(join.as_mut()).is_pending());
    for future in &futures[..999] {
        future.tell(Ok(1));
        assert!(poll(join.as_mut()).is_pending());
    }
    futures[999].tell(Ok(1));
    assert!(poll(join.as_mut()).is_ready());
    assert!(futures.iter().all(|future| future.0.polls.get() == 2));
}

#[test]
fn a_race_drops_the_losers_and_favours_none() {
    let mut won = [0; 8];
    for _ in 0..8_000 {
        let first = block_on((0..8).map(ready).collect::<Vec<_>>().race());
        won[first] += 1;
    }
    assert!(won.iter().all(|won| (950..1_050).contains(won)), "{won:?}");

    let futures = told(3);
    futures[1].tell(Ok(5));
    assert_eq!(block_on(futures.clone().race()), Ok(5));
    assert!(
        futures
            .iter()
            .all(|future| Rc::strong_count(&future.0) == 1)
    );
}

#[test]
fn an_error_ends_the_join_at_once() {
    let futures = told(20);
    let mut join = pin!(futures.clone().try_join());
    assert!(poll(join.as_mut()).is_pending());
    futures[3].tell(Ok(3));
    assert!(poll(join.as_mut()).is_pending());
    futures[17].tell(Err(17));
    assert_eq!(poll(join.as_mut()), Poll::Ready(Err(17)));
}

#[test]
fn a_panic_passes_and_leaves_the_rest_to_be_dropped() {
    let futures = told(20);
    let bad = futures.clone().into_iter().map(|future| async move {
        let outcome = future.await;
        assert!(outcome.is_ok());
    });
    let mut join = Box::pin(bad.collect::<Vec<_>>().join());
    assert!(poll(join.as_mut()).is_pending());
    futures[7].tell(Err(0));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(join.as_mut()))).is_err());
    drop(join);
    assert!(
        futures
            .iter()
            .all(|future| Rc::strong_count(&future.0) == 1)
    );
}

#[test]
fn is_not_to_be_polled_after_its_end() {
    let mut join = pin!([ready(1)].join());
    assert!(poll(join.as_mut()).is_ready());
    assert!(catch_unwind(AssertUnwindSafe(|| poll(join.as_mut()))).is_err());
}

#[test]
fn a_paused_future_stands_still() {
    let inner = Told::default();
    let (future, handle) = pausable(inner.clone());
    let mut future = pin!(future);
    assert!(poll(future.as_mut()).is_pending());
    handle.pause();
    assert!(handle.is_paused());
    inner.tell(Ok(1));
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(inner.0.polls.get(), 1);
    handle.clone().resume();
    assert_eq!(poll(future.as_mut()), Poll::Ready(Ok(1)));

    let (future, handle) = pausable(ready(3));
    handle.pause();
    let resumed = poll_fn(move |_| {
        handle.resume();
        Poll::Ready(())
    });
    assert_eq!(block_on((future, resumed).join()), (3, ()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_group_ends_as_its_model(
        count in prop_oneof![1..5usize, 10..15usize, 60..70usize],
        order in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..150),
    ) {
        let futures = told(count);
        let mut join = pin!(futures.clone().join());
        let mut try_join = pin!(futures.clone().try_join());
        let mut race_ok = pin!(futures.clone().race_ok());
        let mut outcomes: Vec<Option<Result<u32, u32>>> = vec![None; count];
        let mut try_done = false;
        for (index, good) in order {
            let index = index.index(count);
            if outcomes[index].is_some() {
                continue;
            }
            let outcome = if good { Ok(index as u32) } else { Err(index as u32) };
            outcomes[index] = Some(outcome);
            futures[index].tell(outcome);
            let all = outcomes.iter().all(Option::is_some);
            if !try_done {
                let expected = match outcome {
                    Err(error) => Poll::Ready(Err(error)),
                    Ok(_) if all => Poll::Ready(Ok((0..count as u32).collect())),
                    Ok(_) => Poll::Pending,
                };
                prop_assert_eq!(poll(try_join.as_mut()), expected.clone());
                try_done = expected.is_ready();
            }
            if all {
                break;
            }
        }
        if outcomes.iter().all(Option::is_some) {
            let expected: Vec<_> = outcomes.iter().flatten().copied().collect();
            prop_assert_eq!(poll(join.as_mut()), Poll::Ready(expected.clone()));
            let errors: Vec<u32> = expected.iter().filter_map(|outcome| outcome.err()).collect();
            match poll(race_ok.as_mut()) {
                Poll::Ready(Ok(value)) => prop_assert_eq!(outcomes[value as usize], Some(Ok(value))),
                Poll::Ready(Err(all)) => prop_assert_eq!(all, errors),
                Poll::Pending => prop_assert!(false, "all have ended"),
            }
        }
    }
}

#[test]
#[should_panic(expected = "a race was polled after it ended")]
fn a_race_that_has_ended_is_not_polled() {
    let mut race = pin!([ready(1), ready(2)].race());
    assert!(poll(race.as_mut()).is_ready());
    let _ = poll(race.as_mut());
}
