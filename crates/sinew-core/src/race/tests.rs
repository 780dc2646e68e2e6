use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::{block_on, coop, rng};

#[test]
fn the_first_wins() {
    block_on(async {
        assert_eq!(race!(ready(1)), 1);
        assert_eq!(race!(pending(), ready(2), pending(),), 2);
        let mut polls = 0;
        let late = poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls == 3 {
                Poll::Ready(3)
            } else {
                Poll::Pending
            }
        });
        assert_eq!(race!(late, pending()), 3);
    });
}

#[test]
fn biased_takes_the_first_written() {
    for _ in 0..100 {
        assert_eq!(block_on(async { race!(biased; ready(1), ready(2)) }), 1);
    }
}

#[test]
fn each_of_those_ready_wins_its_share() {
    rng::seed(1);
    let mut wins = [0; 4];
    for _ in 0..10_000 {
        wins[block_on(async { race!(ready(0), ready(1), ready(2), ready(3)) })] += 1;
    }
    for won in wins {
        assert!((2_300..=2_700).contains(&won), "{wins:?}");
    }
}

#[test]
fn a_seed_repeats_the_winners() {
    let winners = || {
        rng::seed(42);
        let round = |_| block_on(async { race!(ready(0), ready(1), ready(2)) });
        (0..64).map(round).collect::<Vec<_>>()
    };
    assert_eq!(winners(), winners());
}

#[test]
fn the_losers_are_dropped_before_it_ends() {
    let alive = Rc::new(());
    let loser = alive.clone();
    block_on(async {
        let winner = race!(
            async {
                pending::<()>().await;
                drop(loser);
                1
            },
            ready(2)
        );
        assert_eq!((winner, Rc::strong_count(&alive)), (2, 1));
    });
}

#[test]
fn a_reference_lets_the_loser_go_on() {
    let mut left = 1;
    let mut slow = pin!(poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready("slow");
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    block_on(async {
        assert_eq!(race!(biased; &mut slow, ready("fast")), "fast");
        assert_eq!(race!(biased; &mut slow, ready("fast")), "slow");
    });
}

#[test]
fn none_ready_is_pending() {
    let mut never = pin!(async { race!(pending::<()>(), pending()) });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(never.as_mut().poll(&mut cx).is_pending());
}

#[test]
fn without_budget_nobody_wins() {
    let mut cx = Context::from_waker(Waker::noop());
    coop::budget(|| {
        let mut rounds = 0;
        loop {
            let mut round = pin!(async { race!(biased; coop::consume_budget(), ready(())) });
            if round.as_mut().poll(&mut cx).is_pending() {
                break;
            }
            rounds += 1;
        }
        assert_eq!(rounds, 128);
    });
}
