//! What runs when a nursery ends.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use sinew_time::timeout;

use super::failure::Cause;
use super::member::Guard;

pub(super) type CleanUp = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the last one first, within the grace. One that panics keeps no other from
/// running.
pub(super) async fn run(mut clean_ups: Vec<CleanUp>, grace: Duration, guard: Guard) {
    let all = async {
        while let Some(mut clean_up) = clean_ups.pop() {
            let caught =
                poll_fn(
                    |cx| match catch_unwind(AssertUnwindSafe(|| clean_up.as_mut().poll(cx))) {
                        Ok(Poll::Pending) => Poll::Pending,
                        Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
                        Err(payload) => Poll::Ready(Err(payload)),
                    },
                );
            let caught = match caught.await {
                Ok(()) => catch_unwind(AssertUnwindSafe(|| drop(clean_up))),
                caught => caught,
            };
            if let Err(payload) = caught {
                guard.fail(Cause::panic(payload));
            }
        }
    };
    if timeout(grace, all).await.is_err() {
        let late = format!("the clean-ups took longer than their grace of {grace:?}");
        guard.fail(Cause::Error(late.into()));
    }
}
