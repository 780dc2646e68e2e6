use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{Future, IntoFuture, Ready, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::block_on;

fn ok<T>(value: T) -> Ready<Result<T, &'static str>> {
    ready(Ok(value))
}

#[test]
fn all_ok_gives_a_tuple() {
    block_on(async {
        assert_eq!(try_join!(ok(1)), Ok((1,)));
        assert_eq!(try_join!(ok(1), async { Ok("two") }), Ok((1, "two")));
        assert_eq!(try_join!(biased; ok(1), ok(2),), Ok((1, 2)));
    });
}

#[test]
fn no_branches_are_ok() {
    block_on(async {
        assert_eq!(try_join!() as Result<(), ()>, Ok(()));
        assert_eq!(try_join!(biased;) as Result<(), ()>, Ok(()));
    });
}

#[test]
fn the_first_error_ends_it_while_others_wait() {
    let outcome = block_on(async {
        try_join!(
            pending::<Result<(), _>>(),
            async { Err::<(), _>("failed") },
            ok(1)
        )
    });
    assert_eq!(outcome, Err("failed"));
}

#[test]
fn a_late_error_ends_it() {
    let mut left = 3;
    let late = poll_fn(|cx| {
        left -= 1;
        cx.waker().wake_by_ref();
        if left == 0 {
            Poll::Ready(Err::<(), _>("late"))
        } else {
            Poll::Pending
        }
    });
    assert_eq!(block_on(async { try_join!(ok(1), late) }), Err("late"));
}

#[test]
fn the_others_are_dropped_before_it_ends() {
    let alive = Rc::new(());
    block_on(async {
        let other = alive.clone();
        let outcome = try_join!(
            async {
                pending::<()>().await;
                drop(other);
                Ok(())
            },
            ready(Err::<(), _>(Rc::strong_count(&alive)))
        );
        assert_eq!(outcome, Err(2));
        assert_eq!(Rc::strong_count(&alive), 1);
    });
}

/// The order in which two branches are polled in three polls.
fn order_of<T>(make: impl FnOnce(Note, Note) -> Pin<Box<dyn Future<Output = T>>>) -> Vec<u8> {
    let log = Rc::new(RefCell::new(Vec::new()));
    let mut both = make(Note(1, log.clone()), Note(2, log.clone()));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert!(both.as_mut().poll(&mut cx).is_pending());
    }
    log.take()
}

/// Notes each poll and never ends.
struct Note(u8, Rc<RefCell<Vec<u8>>>);

impl Future for Note {
    type Output = Result<(), ()>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.1.borrow_mut().push(self.0);
        Poll::Pending
    }
}

#[test]
fn order_rotates_unless_biased() {
    let rotating = order_of(|a, b| Box::pin(async { try_join!(a, b) }));
    let biased = order_of(|a, b| Box::pin(async { try_join!(biased; a, b) }));
    assert_eq!(rotating, [1, 2, 2, 1, 1, 2]);
    assert_eq!(biased, [1, 2, 1, 2, 1, 2]);
}

#[test]
fn an_error_keeps_the_rest_of_the_turn_from_running() {
    let polled = Cell::new(false);
    let outcome = block_on(async {
        try_join!(biased; ready(Err::<(), _>(1)), async {
            polled.set(true);
            Ok(())
        })
    });
    assert_eq!(outcome, Err(1));
    assert!(!polled.get());
}

#[test]
fn takes_what_can_be_made_into_a_future() {
    struct Later;
    impl IntoFuture for Later {
        type Output = Result<u8, ()>;
        type IntoFuture = Ready<Result<u8, ()>>;
        fn into_future(self) -> Self::IntoFuture {
            ready(Ok(1))
        }
    }
    assert_eq!(block_on(async { try_join!(Later, Later) }), Ok((1, 1)));
}

#[test]
fn the_question_mark_takes_the_outcome() {
    async fn run() -> Result<u32, Box<dyn std::error::Error>> {
        let (a, b) = try_join!(async { "1".parse::<u32>() }, async { "x".parse::<u32>() })?;
        Ok(a + b)
    }
    assert!(block_on(run()).is_err());
}

#[test]
fn values_and_errors_that_cannot_exist_compile() {
    block_on(async {
        let fine: Result<(u8, u8), Infallible> = try_join!(ready(Ok(1)), ready(Ok(2)));
        assert_eq!(fine, Ok((1, 2)));
        let failed: Result<(Infallible, u8), u8> = try_join!(ready(Err(3)), ready(Ok(2)));
        assert_eq!(failed, Err(3));
    });
}

#[test]
fn pending_without_an_error_stays_pending() {
    let mut both = pin!(async { try_join!(ok(1), pending::<Result<(), _>>()) });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(both.as_mut().poll(&mut cx).is_pending());
    assert!(both.as_mut().poll(&mut cx).is_pending());
}

/// `!`, which has no stable name of its own.
trait Returned {
    type Output;
}

impl<T> Returned for fn() -> T {
    type Output = T;
}

type Never = <fn() -> ! as Returned>::Output;

#[test]
#[deny(unreachable_code)]
fn nobody_is_warned_of_values_and_errors_that_never_come() {
    let fine = block_on(async { try_join!(ready(Ok::<_, Never>(1)), ready(Ok::<_, Never>(2))) });
    assert!(matches!(fine, Ok((1, 2))));
    let failed =
        block_on(async { try_join!(ready(Err::<Never, _>(3)), ready(Err::<Never, _>(3))) });
    assert!(matches!(failed, Err(3)));
}
