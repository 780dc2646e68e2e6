use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, IntoFuture, Ready, pending, poll_fn, ready};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::{block_on, coop, rng};

mod patterns;

async fn one() -> usize {
    1
}

/// Is pending once.
fn yield_now() -> impl Future<Output = ()> {
    let mut yielded = false;
    poll_fn(move |cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn handlers_in_every_form() {
    block_on(async {
        assert_eq!(select!(x = async { 1 } => x,), 1);
        assert_eq!(select!(x = async { 1 } => x), 1);
        assert_eq!(select! { x = async { 1 } => { x } }, 1);
        assert_eq!(select! { x = async { 1 } => { x }, }, 1);
        assert_eq!(select! { x = one() => one().await + x }, 2);
        let fut = one();
        assert_eq!(select!(x = fut => x), 1);
        let either = select! {
            biased;
            x = one() => if x == 1 { "one" } else { "more" }
            x = one() => match x { 0 => "never", _ => "nor this" }
            _ = one() => { "never" }
            _ = one() => "never",
            else => { "none" }
        };
        assert_eq!(either, "one");
    });
}

#[test]
fn only_else() {
    block_on(async {
        assert_eq!(select! { else => 1 }, 1);
        assert_eq!(select! { biased; else => 1, }, 1);
    });
}

#[test]
#[should_panic(expected = "all branches are disabled and there is no else branch")]
fn all_disabled_without_else_panics() {
    block_on(async {
        select! { _ = one(), if false => () }
    });
}

#[test]
fn a_disabled_branch_is_evaluated_and_not_polled() {
    block_on(async {
        let evaluated = Cell::new(false);
        let make = || {
            evaluated.set(true);
            async { panic!("polled") }
        };
        let n = select! {
            () = make(), if false => 1,
            _ = ready(()) => 2,
        };
        assert_eq!((n, evaluated.get()), (2, true));
    });
}

#[test]
fn preconditions_may_look_at_the_future() {
    block_on(async {
        let mut future = ready(1);
        let n = select! {
            n = &mut future, if size_of_val(&future) > 0 => n,
            else => 0,
        };
        assert_eq!(n, 1);
    });
}

#[test]
fn nested() {
    block_on(async {
        let sum = select! {
            x = async {
                select! {
                    y = async { 1 } => y + 1,
                }
            } => select! { z = async { 10 } => x + z },
        };
        assert_eq!(sum, 12);
    });
}

#[test]
fn the_losers_are_dropped_before_the_handler() {
    let alive = Rc::new(());
    let loser = alive.clone();
    block_on(async {
        select! {
            _ = async { pending::<()>().await; drop(loser) } => unreachable!(),
            _ = ready(()) => assert_eq!(Rc::strong_count(&alive), 1),
        }
    });
}

#[test]
fn a_handler_may_borrow_what_a_future_borrowed() {
    async fn touch(n: &mut u32) {
        *n += 1;
    }
    block_on(async {
        let mut value = 1;
        select! {
            _ = touch(&mut value) => value += 10,
            _ = pending::<()>(), if value > 100 => value += 100,
            else => value += 1000,
        }
        assert_eq!(value, 12);
    });
}

#[test]
fn control_flow_leaves_the_surrounding_code() {
    async fn run(inputs: &RefCell<VecDeque<&str>>) -> Result<u32, std::num::ParseIntError> {
        let mut sum = 0;
        'outer: loop {
            loop {
                let next = inputs.borrow_mut().pop_front();
                select! {
                    word = ready(next) => match word {
                        None => break 'outer,
                        Some("skip") => continue,
                        Some("inner") => break,
                        Some("return") => return Ok(1000),
                        Some(number) => {
                            yield_now().await;
                            sum += number.parse::<u32>()?;
                        }
                    },
                    _ = pending::<()>() => break,
                }
            }
            sum += 100;
        }
        Ok(sum)
    }
    let run = |words: &[&'static str]| {
        let words = RefCell::new(words.iter().copied().collect());
        block_on(run(&words))
    };
    assert_eq!(run(&["1", "skip", "2", "inner", "3"]), Ok(106));
    assert_eq!(run(&["1", "return"]), Ok(1000));
    assert!(run(&["x"]).is_err());
}

#[test]
fn biased_polls_in_the_order_written() {
    block_on(async {
        let (one, two, three) = (async {}, yield_now(), yield_now());
        crate::pin!(one, two, three);
        let mut count = 0u8;
        loop {
            select! {
                biased;
                _ = &mut two, if count < 2 => {
                    count += 1;
                    assert_eq!(count, 2);
                }
                _ = &mut three, if count < 3 => {
                    count += 1;
                    assert_eq!(count, 3);
                }
                _ = &mut one, if count < 1 => {
                    count += 1;
                    assert_eq!(count, 1);
                }
                else => break,
            }
        }
        assert_eq!(count, 3);
    });
}

#[test]
fn each_of_eight_ready_branches_wins_its_share() {
    rng::seed(7);
    let mut wins = [0; 8];
    for _ in 0..10_000 {
        let winner: usize = block_on(async {
            select! {
                _ = async {} => 0,
                _ = async {} => 1,
                _ = async {} => 2,
                _ = async {} => 3,
                _ = async {} => 4,
                _ = async {} => 5,
                _ = async {} => 6,
                _ = async {} => 7,
            }
        });
        wins[winner] += 1;
    }
    for won in wins {
        assert!((1_050..=1_450).contains(&won), "{wins:?}");
    }
}

#[test]
fn a_seed_repeats_the_winners() {
    let winners = || {
        rng::seed(42);
        let round = |_| block_on(async { select!(_ = async {} => 0, _ = async {} => 1) });
        (0..64).map(round).collect::<Vec<_>>()
    };
    assert_eq!(winners(), winners());
}

#[test]
fn an_output_that_nothing_gives_a_type() {
    block_on(async {
        let never = std::future::poll_fn(|_| panic!("disabled"));
        select! {
            _ = never, if false => unreachable!("disabled"),
            () = ready(()) => {}
        }
    });
}

#[test]
fn takes_what_can_be_made_into_a_future_and_temporaries() {
    struct Later;
    impl IntoFuture for Later {
        type Output = ();
        type IntoFuture = Ready<()>;
        fn into_future(self) -> Ready<()> {
            ready(())
        }
    }
    block_on(async {
        select! { () = Later => {} }
        select! { () = &mut ready(()) => {} }
    });
}

#[test]
fn without_budget_no_branch_wins() {
    let mut cx = Context::from_waker(Waker::noop());
    coop::budget(|| {
        let mut rounds = 0;
        loop {
            let mut round = std::pin::pin!(async {
                select! {
                    biased;
                    () = coop::consume_budget() => {}
                    () = ready(()) => {}
                }
            });
            if round.as_mut().poll(&mut cx).is_pending() {
                break;
            }
            rounds += 1;
        }
        assert_eq!(rounds, 128);
    });
}

#[test]
fn a_panic_passes_and_the_future_can_be_dropped() {
    let alive = Rc::new(());
    let held = alive.clone();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        block_on(async {
            select! {
                biased;
                _ = async { pending::<()>().await; drop(held) } => {}
                _ = async { panic!("in a branch") } => {}
            }
        });
    }));
    assert!(caught.is_err());
    assert_eq!(Rc::strong_count(&alive), 1);
}

#[test]
fn names_of_the_caller_do_not_clash() {
    block_on(async {
        let (enabled, futures, output, pending, start, left, cx) = (1, 2, 3, 4, 5, 6, 7);
        let future0 = ready(enabled + futures);
        let sum = select! {
            n = future0, if output == 3 => n + output + pending + start + left + cx,
            else => 0,
        };
        assert_eq!(sum, 28);
    });
}

/// The sizes of tokio's, which the macro is not to exceed.
#[test]
fn the_future_holds_little_more_than_its_branches() {
    let one = async {
        let a = ready(0i32);
        select! { _ = a => {} }
    };
    let two = async {
        let (a, b) = (ready(0i32), ready(0i32));
        select! { _ = a => {}, _ = b => {} }
    };
    let three = async {
        let (a, b, c) = (ready(0i32), ready(0i32), ready(0i32));
        select! { _ = a => {}, _ = b => {}, _ = c => {} }
    };
    let sizes = [size_of_val(&one), size_of_val(&two), size_of_val(&three)];
    let small = sizes
        .iter()
        .zip([32, 40, 48])
        .all(|(size, tokio)| *size <= tokio);
    assert!(small, "{sizes:?}");
}

#[test]
fn takes_64_branches() {
    #[rustfmt::skip]
    macro_rules! with_63_before {
        ($($last:tt)*) => {
            select! {
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x, x = pending() => x,
                x = pending() => x, x = pending() => x, x = pending() => x,
                $($last)*
            }
        };
    }
    assert_eq!(block_on(async { with_63_before!(x = one() => x) }), 1);
    let n = block_on(async { with_63_before!(Some(x) = ready(Some(2)) => x) });
    assert_eq!(n, 2);
}
