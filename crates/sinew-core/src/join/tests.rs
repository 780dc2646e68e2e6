use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{Future, IntoFuture, Ready, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::{block_on, coop};

/// Ends at the `n`th poll after the first, waking itself each time.
async fn after(n: u32) -> u32 {
    let mut left = n;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    n
}

#[test]
fn literal_expressions_with_and_without_comma() {
    block_on(async {
        assert_eq!(join!(async { 1 }), (1,));
        assert_eq!(join!(async { 1 },), (1,));
        assert_eq!(join!(async { 1 }, async { "two" }), (1, "two"));
        assert_eq!(join!(biased; async { 1 }, async { 2 },), (1, 2));
    });
}

#[test]
fn no_branches_give_unit() {
    block_on(async {
        assert_eq!(join!(), ());
        assert_eq!(join!(biased;), ());
    });
}

#[test]
fn waits_for_the_slowest() {
    let outputs = block_on(async { join!(after(3), ready(7), after(1)) });
    assert_eq!(outputs, (3, 7, 1));
}

#[test]
fn ends_only_when_all_have_ended() {
    let open = Cell::new(false);
    let gate = poll_fn(|_| {
        if open.get() {
            Poll::Ready("open")
        } else {
            Poll::Pending
        }
    });
    let mut both = pin!(async { join!(ready(1), gate) });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(both.as_mut().poll(&mut cx).is_pending());
    assert!(both.as_mut().poll(&mut cx).is_pending());
    open.set(true);
    assert_eq!(both.as_mut().poll(&mut cx), Poll::Ready((1, "open")));
}

#[test]
fn a_branch_that_has_ended_is_dropped_and_not_polled_again() {
    struct Once(bool, #[expect(dead_code, reason = "dropped")] Rc<()>);
    impl Future for Once {
        type Output = ();
        fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            assert!(!std::mem::replace(&mut self.0, true), "polled twice");
            Poll::Ready(())
        }
    }
    let alive = Rc::new(());
    let once = Once(false, alive.clone());
    let mut both = pin!(async { join!(once, after(1)) });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(both.as_mut().poll(&mut cx).is_pending());
    assert_eq!(Rc::strong_count(&alive), 1);
    assert!(both.as_mut().poll(&mut cx).is_ready());
}

/// The order in which three branches are polled in four polls.
fn order_of(
    make: impl FnOnce([Box<dyn Fn() + '_>; 3]) -> Box<dyn Future<Output = ()> + '_>,
    log: &RefCell<Vec<u32>>,
) -> Vec<u32> {
    let notes = [1, 2, 3].map(|n| Box::new(move || log.borrow_mut().push(n)) as Box<dyn Fn() + '_>);
    let mut all = Box::into_pin(make(notes));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..4 {
        assert!(all.as_mut().poll(&mut cx).is_pending());
    }
    drop(all);
    log.take()
}

async fn noting(note: &dyn Fn()) {
    poll_fn(|_| {
        note();
        Poll::Pending
    })
    .await
}

#[test]
fn another_branch_is_first_at_each_poll() {
    let log = RefCell::new(Vec::new());
    let order = order_of(
        |[a, b, c]| {
            Box::new(async move {
                join!(noting(&*a), noting(&*b), noting(&*c));
            })
        },
        &log,
    );
    assert_eq!(order, [1, 2, 3, 2, 3, 1, 3, 1, 2, 1, 2, 3]);
}

#[test]
fn biased_keeps_the_order() {
    let log = RefCell::new(Vec::new());
    let order = order_of(
        |[a, b, c]| {
            Box::new(async move {
                join!(biased; noting(&*a), noting(&*b), noting(&*c));
            })
        },
        &log,
    );
    assert_eq!(order, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
}

#[test]
fn no_branch_starves_another_of_the_budget() {
    let rounds = Cell::new(0);
    let greedy = async {
        loop {
            coop::consume_budget().await;
        }
    };
    let modest = async {
        loop {
            coop::consume_budget().await;
            rounds.set(rounds.get() + 1);
        }
    };
    let mut both = pin!(async { join!(greedy, modest) });
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..4 {
        assert!(coop::budget(|| both.as_mut().poll(&mut cx)).is_pending());
    }
    // It was first in two of the four polls, with all of the budget.
    assert!(rounds.get() >= 200, "{} rounds", rounds.get());
}

#[test]
fn takes_what_can_be_made_into_a_future() {
    struct Later(u8);
    impl IntoFuture for Later {
        type Output = u8;
        type IntoFuture = Ready<u8>;
        fn into_future(self) -> Ready<u8> {
            ready(self.0)
        }
    }
    assert_eq!(block_on(async { join!(Later(1), Later(2)) }), (1, 2));
}

#[test]
fn temporaries_and_names_of_the_caller_do_not_clash() {
    const COUNT: u32 = 5;
    block_on(async {
        let (future, branches, order, pending) = (ready(1), 2, 3, 4);
        let outputs = join!(&mut ready(branches + order + pending), future, async {
            COUNT
        });
        assert_eq!(outputs, (9, 1, 5));
    });
}

#[test]
fn an_output_that_cannot_exist_compiles() {
    let mut all = pin!(async { join!(pending::<Infallible>(), ready(1)) });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(all.as_mut().poll(&mut cx).is_pending());
}

#[test]
fn errors_of_the_caller_pass_through_the_expressions() {
    async fn run() -> Result<i32, std::num::ParseIntError> {
        let (a, b) = join!(ready("1".parse::<i32>()?), ready("x".parse::<i32>()?));
        Ok(a + b)
    }
    assert!(block_on(run()).is_err());
}

#[test]
fn dropping_drops_outputs_and_futures() {
    let alive = Rc::new(());
    let (one, two) = (alive.clone(), alive.clone());
    let mut both = Box::pin(async move {
        join!(async { one }, async {
            pending::<()>().await;
            two
        })
    });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(both.as_mut().poll(&mut cx).is_pending());
    assert_eq!(Rc::strong_count(&alive), 3);
    drop(both);
    assert_eq!(Rc::strong_count(&alive), 1);
}

#[test]
fn takes_64_branches() {
    #[rustfmt::skip]
    let outputs = block_on(async {
        join!(
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), ready(7),
            ready(0), ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), after(63),
        )
    });
    assert_eq!((outputs.0, outputs.63), (0, 63));
}

/// The sizes of tokio's, which the macro is not to exceed.
#[test]
fn the_future_holds_little_more_than_its_branches() {
    let one = async {
        let a = ready(0i32);
        join!(a)
    };
    let two = async {
        let (a, b) = (ready(0i32), ready(0i32));
        join!(a, b)
    };
    let biased = async {
        let (a, b) = (ready(0i32), ready(0i32));
        join!(biased; a, b)
    };
    let sizes = [size_of_val(&one), size_of_val(&two), size_of_val(&biased)];
    let small = sizes
        .iter()
        .zip([32, 48, 40])
        .all(|(size, tokio)| *size <= tokio);
    assert!(small, "{sizes:?}");
}

/// Those from the 64th on share a bit of the laps: each is still polled once a poll.
#[test]
fn more_than_64_branches_are_each_polled_once_a_poll() {
    let polls = Cell::new(0);
    let branch = || {
        let mut left = 80;
        poll_fn({
            let polls = &polls;
            move |_| {
                polls.set(polls.get() + 1);
                left -= 1;
                if left == 0 {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }
        })
    };
    macro_rules! join_all {
        ($($one:tt)*) => { async { let _ = join!($({ stringify!($one); branch() }),*); } };
    }
    let mut all = pin!(join_all!(
        0 0 0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0 0 0
        0 0 0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0 0 0
    ));
    for round in 1..=80 {
        let ended = all.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polls.get(), round * 70);
        assert_eq!(ended.is_ready(), round == 80);
    }
}
