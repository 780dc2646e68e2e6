//! A future that is pending so many times.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::FusedFuture;

/// Pending `left` times, each with a wake-up; for ever and without one if that is
/// [`NEVER`]. Then it gives a number.
#[derive(Debug)]
pub(super) struct Turns {
    left: usize,
    done: bool,
}

const NEVER: usize = usize::MAX;

impl Turns {
    /// Ready after so many polls.
    pub(super) fn after(left: usize) -> Turns {
        Turns {
            left: black_box(left),
            done: false,
        }
    }

    /// Never ready.
    pub(super) fn never() -> Turns {
        Turns::after(NEVER)
    }
}

impl Future for Turns {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        match self.left {
            NEVER => Poll::Pending,
            0 => {
                self.done = true;
                Poll::Ready(1)
            }
            _ => {
                self.left -= 1;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl FusedFuture for Turns {
    fn is_terminated(&self) -> bool {
        self.done
    }
}
