use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::task::noop_waker_ref;
use sinew_core::leaf::{self, Kind};
use sinew_core::record::Record;
use sinew_sync::Notify;
use sinew_sync::futures::Notified;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(noop_waker_ref()))
}

fn waiting(notify: &Notify) -> Pin<Box<Notified<'_>>> {
    let mut notified = Box::pin(notify.notified());
    assert!(poll(notified.as_mut()).is_pending());
    notified
}

#[test]
fn one_notification_is_stored() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_one();
    assert!(poll(pin!(notify.notified())).is_ready());
    assert!(poll(pin!(notify.notified())).is_pending());
}

#[test]
fn first_come_first_served_and_last() {
    let notify = Notify::new();
    let (mut a, mut b, mut c) = (waiting(&notify), waiting(&notify), waiting(&notify));
    notify.notify_last();
    assert!(poll(a.as_mut()).is_pending());
    assert!(poll(c.as_mut()).is_ready());
    notify.notify_one();
    assert!(poll(b.as_mut()).is_pending());
    assert!(poll(a.as_mut()).is_ready());
    assert!(poll(a.as_mut()).is_ready(), "stays ready");
    notify.notify_one();
    assert!(poll(b.as_mut()).is_ready());
}

#[test]
fn a_drop_passes_the_notification_on_to_the_same_end() {
    let notify = Notify::new();
    let (a, mut b, mut c) = (waiting(&notify), waiting(&notify), waiting(&notify));
    let d = waiting(&notify);
    notify.notify_last();
    drop(d);
    assert!(poll(c.as_mut()).is_ready());
    notify.notify_one();
    drop(a);
    assert!(poll(b.as_mut()).is_ready());
}

#[test]
fn a_drop_with_nobody_else_stores_the_notification() {
    let notify = Notify::new();
    let a = waiting(&notify);
    notify.notify_one();
    drop(a);
    assert!(poll(pin!(notify.notified())).is_ready());
}

#[test]
fn all_reaches_the_unpolled_and_not_the_late() {
    let notify = Notify::new();
    let mut polled = waiting(&notify);
    let mut unpolled = pin!(notify.notified());
    notify.notify_waiters();
    let mut late = pin!(notify.notified());
    assert!(poll(polled.as_mut()).is_ready());
    assert!(poll(unpolled.as_mut()).is_ready());
    assert!(poll(late.as_mut()).is_pending());
}

#[test]
fn all_leaves_a_stored_one_alone() {
    let notify = Notify::new();
    let mut early = pin!(notify.notified());
    notify.notify_one();
    notify.notify_waiters();
    assert!(poll(early.as_mut()).is_ready());
    assert!(poll(pin!(notify.notified())).is_ready());
}

#[test]
fn a_future_enabled_within_a_wake_is_not_among_all() {
    let notify = Arc::new(Notify::new());
    let late = Arc::new(std::sync::Mutex::new(Box::pin(
        notify.clone().notified_owned(),
    )));
    let waker = sinew_core::waker::waker_fn({
        let (notify, late) = (notify.clone(), late.clone());
        move || {
            let mut fresh = Box::pin(notify.clone().notified_owned());
            assert!(!fresh.as_mut().enable());
            *late.lock().unwrap() = fresh;
        }
    });
    let mut first = Box::pin(notify.notified());
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    notify.notify_waiters();
    assert!(poll(late.lock().unwrap().as_mut()).is_pending());
}

#[test]
fn enable_takes_a_place() {
    let notify = Notify::new();
    let mut first = pin!(notify.notified());
    let mut second = pin!(notify.notified());
    assert!(!first.as_mut().enable());
    assert!(!second.as_mut().enable());
    notify.notify_one();
    assert!(poll(second.as_mut()).is_pending());
    assert!(first.as_mut().enable());
}

#[test]
fn a_task_gives_way_and_says_what_it_waits_for() {
    let notify = Notify::new();
    let record = Record::new(3);
    record.scope(|| {
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..128 {
            notify.notify_one();
            assert!(pin!(notify.notified()).poll(&mut cx).is_ready());
        }
        notify.notify_one();
        let mut notified = pin!(notify.notified());
        assert!(notified.as_mut().poll(&mut cx).is_pending());
    });
    assert_eq!(record.wait().unwrap().kind, Kind::Yield);

    let (_, waits) = leaf::trace(|| {
        notify.notify_one();
        assert!(poll(pin!(notify.notified())).is_ready());
        assert!(poll(pin!(notify.notified())).is_pending());
    });
    assert_eq!(waits[0].kind, Kind::Notify);
    assert_eq!(waits[0].location.file(), file!());
}
