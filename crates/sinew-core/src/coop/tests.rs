use std::future::{Future, pending, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{
    budget, consume_budget, cooperative, forced_yields, has_budget_remaining, poll_proceed,
    take_yield, unconstrained,
};
use crate::record::Record;

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

fn spend() -> bool {
    match poll_proceed(&mut cx()) {
        Poll::Ready(proceed) => {
            proceed.made_progress();
            true
        }
        Poll::Pending => false,
    }
}

#[test]
fn a_poll_has_128_operations() {
    let record = Record::new(1);
    for _ in 0..2 {
        record.scope(|| {
            assert_eq!((0..1000).filter(|_| spend()).count(), 128);
            assert!(!has_budget_remaining());
        });
    }
    assert_eq!(
        record.wait().map(|w| w.kind),
        Some(crate::leaf::Kind::Yield)
    );
}

#[test]
fn a_poll_that_is_cut_short_is_counted_once() {
    let before = forced_yields();
    budget(|| {
        assert_eq!((0..1000).filter(|_| spend()).count(), 128);
        assert!(!has_budget_remaining());
    });
    assert_eq!(forced_yields() - before, 1);
    assert!(take_yield());
    assert!(!take_yield());
    budget(|| assert_eq!((0..128).filter(|_| spend()).count(), 128));
    assert_eq!(forced_yields() - before, 1);
    assert!(!take_yield());
}

#[test]
fn outside_of_a_task_there_is_no_limit() {
    assert_eq!((0..1000).filter(|_| spend()).count(), 1000);
    assert!(has_budget_remaining());
}

#[test]
fn waiting_is_free() {
    budget(|| {
        for _ in 0..1000 {
            let proceed = poll_proceed(&mut cx());
            assert!(proceed.is_ready());
        }
        let mut never = pin!(cooperative(pending::<()>()));
        for _ in 0..1000 {
            assert!(never.as_mut().poll(&mut cx()).is_pending());
        }
        assert_eq!((0..1000).filter(|_| spend()).count(), 128);
    });
}

#[test]
fn consume_budget_and_cooperative_give_way() {
    budget(|| {
        for _ in 0..64 {
            assert!(pin!(consume_budget()).poll(&mut cx()).is_ready());
            assert!(pin!(cooperative(ready(()))).poll(&mut cx()).is_ready());
        }
        assert!(pin!(consume_budget()).poll(&mut cx()).is_pending());
        assert!(pin!(cooperative(ready(()))).poll(&mut cx()).is_pending());
    });
}

#[test]
fn unconstrained_never_gives_way() {
    budget(|| {
        let spent = pin!(unconstrained(async {
            (0..1000).filter(|_| spend()).count()
        }));
        assert_eq!(spent.poll(&mut cx()), Poll::Ready(1000));
        assert!(has_budget_remaining());
    });
}
