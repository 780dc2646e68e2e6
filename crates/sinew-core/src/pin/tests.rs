use std::cell::Cell;
use std::future::{Future, ready};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::block_on;

async fn one() -> u32 {
    1
}

#[test]
fn shadows_names() {
    let (a, b) = (one(), one());
    pin!(a, b);
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(a.as_mut().poll(&mut cx), Poll::Ready(1));
    assert_eq!(block_on(b), 1);
}

#[test]
fn binds_names() {
    pin! {
        let a = one();
        let b = async { 2 };
    }
    assert_eq!(block_on(a) + block_on(b), 3);
}

#[test]
fn pins_what_must_not_move() {
    struct Stays(PhantomPinned);
    fn takes(_: Pin<&mut Stays>) {}
    let stays = Stays(PhantomPinned);
    pin!(stays);
    takes(stays.as_mut());
    takes(stays);
}

#[test]
fn the_value_lives_to_the_end_of_the_block() {
    struct Drops<'a>(&'a Cell<bool>);
    impl Drop for Drops<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Cell::new(false);
    {
        let value = Drops(&dropped);
        pin!(value);
        assert!(!value.0.get());
    }
    assert!(dropped.get());
}

#[test]
fn nothing_to_pin_is_fine() {
    pin!();
    pin! {}
    assert_eq!(block_on(ready(1)), 1);
}
