//! What `async` compiles to, by hand: an enum with a variant for each `.await`, and a
//! `poll` that goes from one to the next.
//!
//! ```text
//! by hand: 3
//! poll 1: Pending
//! poll 2: Ready(3)
//! by async: 3
//! ```

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Not ready at the first poll; asks to be polled again.
struct Later {
    value: i32,
    waited: bool,
}

fn later(value: i32) -> Later {
    Later {
        value,
        waited: false,
    }
}

impl Future for Later {
    type Output = i32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<i32> {
        if self.waited {
            return Poll::Ready(self.value);
        }
        self.waited = true;
        // Whoever returns `Pending` sees to it that somebody wakes the task.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// `async { let a = later(1).await; let b = ready(2).await; a + b }`
enum Sum {
    First(Later),
    Second(i32, std::future::Ready<i32>),
    Done,
}

impl Future for Sum {
    type Output = i32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<i32> {
        loop {
            match &mut *self {
                Sum::First(future) => match Pin::new(future).poll(cx) {
                    Poll::Ready(a) => *self = Sum::Second(a, std::future::ready(2)),
                    Poll::Pending => return Poll::Pending,
                },
                Sum::Second(a, future) => match Pin::new(future).poll(cx) {
                    Poll::Ready(b) => {
                        let sum = *a + b;
                        *self = Sum::Done;
                        return Poll::Ready(sum);
                    }
                    Poll::Pending => return Poll::Pending,
                },
                Sum::Done => panic!("polled after it was ready"),
            }
        }
    }
}

fn main() {
    println!("by hand: {}", sinew::block_on(Sum::First(later(1))));

    // What an executor does, step by step.
    let mut sum = pin!(Sum::First(later(1)));
    let mut cx = Context::from_waker(Waker::noop());
    for number in 1..=2 {
        println!("poll {number}: {:?}", sum.as_mut().poll(&mut cx));
    }

    let by_async = async { later(1).await + std::future::ready(2).await };
    println!("by async: {}", sinew::block_on(by_async));
}
