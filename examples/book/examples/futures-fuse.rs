//! Fusing: a future must not be polled after it was ready; a fused one may be, and
//! then is pending for ever.
//!
//! ```text
//! Ready(1), terminated: true
//! Pending
//! a terminated one never was: Pending
//! ```

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use sinew::future::{Fuse, FusedFuture, FutureExt};

fn main() {
    let mut cx = Context::from_waker(Waker::noop());
    let mut once = pin!(async { 1 }.fuse());
    let first = once.as_mut().poll(&mut cx);
    println!("{first:?}, terminated: {}", once.is_terminated());
    // Without `fuse` this would panic: "`async fn` resumed after completion".
    println!("{:?}", once.as_mut().poll(&mut cx));

    // A place for a future that is to come; see `select-running-tasks`.
    let mut empty = pin!(Fuse::<std::future::Ready<i32>>::terminated());
    println!(
        "a terminated one never was: {:?}",
        empty.as_mut().poll(&mut cx)
    );
}
