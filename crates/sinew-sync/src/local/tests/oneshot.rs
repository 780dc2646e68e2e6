//! The ends of a local oneshot channel in every order of what they may do.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::local::oneshot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Poll,
    TryRecv,
    Close,
    DropRx,
    PollClosed,
    Send,
    DropTx,
}

const STEPS: [Step; 7] = [
    Step::Poll,
    Step::TryRecv,
    Step::Close,
    Step::DropRx,
    Step::PollClosed,
    Step::Send,
    Step::DropTx,
];

type Value = Rc<()>;

#[derive(Default)]
struct Ends {
    tx: Option<oneshot::Sender<Value>>,
    rx: Option<oneshot::Receiver<Value>>,
}

thread_local! {
    static ENDS: RefCell<Ends> = RefCell::default();
}

fn take_tx() -> Option<oneshot::Sender<Value>> {
    ENDS.with_borrow_mut(|ends| ends.tx.take())
}

fn take_rx() -> Option<oneshot::Receiver<Value>> {
    ENDS.with_borrow_mut(|ends| ends.rx.take())
}

/// What the task does as soon as it is woken, while the end that wakes it is at it.
struct Woken(fn());

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn drop_both() {
    drop(take_rx());
    drop(take_tx());
}

/// Takes the step with the end that it needs, which is put back if it is left.
fn take_step(step: Step, waker: &Waker, value: &Value) {
    let cx = &mut Context::from_waker(waker);
    match step {
        Step::Poll | Step::TryRecv | Step::Close => {
            let Some(mut rx) = take_rx() else { return };
            match step {
                _ if rx.is_terminated() => {}
                Step::Poll => drop(Pin::new(&mut rx).poll(cx)),
                Step::TryRecv => drop(rx.try_recv()),
                _ => rx.close(),
            }
            ENDS.with_borrow_mut(|ends| ends.rx = Some(rx));
        }
        Step::DropRx => drop(take_rx()),
        Step::PollClosed => {
            let Some(mut tx) = take_tx() else { return };
            let closed = tx.poll_closed(cx);
            assert_eq!(closed.is_ready(), tx.is_closed());
            ENDS.with_borrow_mut(|ends| ends.tx = Some(tx));
        }
        Step::Send => {
            let Some(tx) = take_tx() else { return };
            let closed = tx.is_closed();
            assert_eq!(tx.send(value.clone()).is_err(), closed);
        }
        Step::DropTx => drop(take_tx()),
    }
}

/// Whatever the order, and whatever a woken task drops in the middle, values and wakers
/// are dropped once, and an end in use is in place.
#[test]
fn nothing_is_dropped_twice_or_never() {
    for woken in [(|| {}) as fn(), drop_both] {
        let hook = Arc::new(Woken(woken));
        let value = Rc::new(());
        for order in 0..STEPS.len().pow(4) {
            let (tx, rx) = oneshot::channel();
            ENDS.set(Ends {
                tx: Some(tx),
                rx: Some(rx),
            });
            // Two wakers that are not the same, so that one takes the other's place.
            let wakers = [
                Waker::from(hook.clone()),
                Waker::from(Arc::new(Woken(woken))),
            ];
            let mut rest = order;
            for turn in 0..4 {
                take_step(STEPS[rest % STEPS.len()], &wakers[turn % 2], &value);
                rest /= STEPS.len();
            }
            drop_both();
            drop(wakers);
            assert_eq!(Rc::strong_count(&value), 1, "a value is left of {order}");
            assert_eq!(Arc::strong_count(&hook), 1, "a waker is left of {order}");
        }
    }
}

/// What was sent is received, also by an end that closes afterwards; what comes after
/// the closing goes back.
#[test]
fn a_value_goes_where_the_order_says() {
    let value = Rc::new(());
    let (tx, mut rx) = oneshot::channel();
    tx.send(value.clone()).unwrap();
    rx.close();
    let cx = &mut Context::from_waker(Waker::noop());
    assert_eq!(Pin::new(&mut rx).poll(cx), Poll::Ready(Ok(value.clone())));

    let (tx, mut rx) = oneshot::channel();
    rx.close();
    assert_eq!(tx.send(value.clone()), Err(value));
    assert!(matches!(Pin::new(&mut rx).poll(cx), Poll::Ready(Err(_))));
}
