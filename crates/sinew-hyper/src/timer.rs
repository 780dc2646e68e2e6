use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

/// Waits with [`sinew_time::sleep`], and follows its clock where that is paused.
///
/// ```
/// use hyper::rt::Timer as _;
/// use std::time::Duration;
///
/// # sinew_runtime::block_on(async {
/// sinew_hyper::Timer.sleep(Duration::from_millis(2)).await;
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer;

pin_project! {
    struct Sleep {
        #[pin]
        inner: sinew_time::Sleep,
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().inner.poll(cx)
    }
}

impl hyper::rt::Sleep for Sleep {}

impl hyper::rt::Timer for Timer {
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let inner = sinew_time::sleep(duration);
        Box::pin(Sleep { inner })
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let inner = sinew_time::sleep_until(deadline.into());
        Box::pin(Sleep { inner })
    }

    fn now(&self) -> Instant {
        sinew_time::Instant::now().into_std()
    }

    #[track_caller]
    fn reset(&self, sleep: &mut Pin<Box<dyn hyper::rt::Sleep>>, new_deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(own) => own.project().inner.reset(new_deadline.into()),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}
