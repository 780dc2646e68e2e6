use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[test]
fn is_pending_once() {
    let mut cx = Context::from_waker(Waker::noop());
    let mut yielding = pin!(super::yield_now());
    assert_eq!(yielding.as_mut().poll(&mut cx), Poll::Pending);
    assert_eq!(yielding.as_mut().poll(&mut cx), Poll::Ready(()));
}
