use std::future::{pending, poll_fn};
use std::task::{Poll, Waker};

use futures::stream;
use sinew_testing::{
    assert_elapsed, assert_err, assert_ok, assert_pending, assert_ready, assert_ready_eq,
    assert_ready_err, assert_ready_ok, task,
};

#[test]
fn wakes_are_seen_until_the_next_poll() {
    let mut kept = None::<Waker>;
    let mut task = task::spawn(poll_fn(|cx| {
        kept = Some(cx.waker().clone());
        Poll::<()>::Pending
    }));
    assert_eq!(task.waker_ref_count(), 1);
    assert_pending!(task.poll());
    assert_eq!(task.waker_ref_count(), 2);
    assert!(!task.is_woken());
    task.enter(|cx, _| cx.waker().wake_by_ref());
    assert!(task.is_woken());
    assert_pending!(task.poll(), "polled {} times", 2);
    assert!(!task.is_woken());
}

#[test]
fn a_stream_is_polled_like_a_future() {
    let mut task = task::spawn(stream::iter([1, 2]));
    assert_ready_eq!(task.poll_next(), Some(1));
    assert_eq!(futures::Stream::size_hint(&task), (1, Some(1)));
    assert_ready_eq!(task.poll_next(), Some(2), "the second of {}", 2);
    assert_ready_eq!(task.poll_next(), None);
}

#[test]
fn until_idle_follows_wakes() {
    let mut left = 3;
    let mut task = task::spawn(poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready("done");
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    assert_ready_eq!(task.poll_until_idle(), "done");
    assert!(task::spawn(pending::<()>()).poll_until_idle().is_pending());
}

#[test]
#[should_panic(expected = "poll_until_idle exceeded 150 iterations")]
fn until_idle_ends() {
    let mut task = task::spawn(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    }));
    let _ = task.poll_until_idle();
}

#[test]
fn the_inside_is_at_hand() {
    let mut task = task::spawn(vec![1]);
    task.push(2);
    assert_eq!(task.len(), 2);
    assert_eq!(task.into_inner(), [1, 2]);
}

#[test]
fn assertions_give_values() {
    let ok = || Poll::Ready(Ok::<_, u8>("yes"));
    let err = || Poll::Ready(Err::<u8, _>("no"));
    assert_eq!(assert_ready!(ok(), "a message"), Ok("yes"));
    assert_eq!(assert_ready_ok!(ok(), "{}", 1), "yes");
    assert_eq!(assert_ready_err!(err()), "no");
    assert_eq!(assert_ready_err!(err(), "{}", 1), "no");
    assert_eq!(assert_ok!(Ok::<_, u8>(1), "{}", 1), 1);
    assert_eq!(assert_err!(Err::<u8, _>(1), "{}", 1), 1);
}

#[test]
#[should_panic(expected = "pending; attempt 2")]
fn ready_names_the_attempt() {
    assert_ready!(Poll::<()>::Pending, "attempt {}", 2);
}

#[test]
#[should_panic(expected = "ready; value = 7; too early")]
fn pending_shows_the_value() {
    assert_pending!(Poll::Ready(7), "too early");
}

#[test]
#[should_panic(expected = "assertion failed: Err(\"no\"): asked 1")]
fn ok_shows_the_error() {
    assert_ready_ok!(Poll::Ready(Err::<u8, _>("no")), "asked {}", 1);
}

#[test]
#[should_panic(expected = "assertion failed: Ok(7)")]
fn err_shows_the_value() {
    assert_ready_err!(Poll::Ready(Ok::<_, u8>(7)));
}

#[test]
fn elapsed_allows_a_millisecond() {
    use std::time::Duration;
    struct At(Duration);
    impl At {
        fn elapsed(&self) -> Duration {
            self.0
        }
    }
    let ms = Duration::from_millis;
    assert_elapsed!(At(ms(20)), ms(20));
    assert_elapsed!(At(ms(21)), ms(20));
    for wrong in [19, 22] {
        let caught = std::panic::catch_unwind(|| assert_elapsed!(At(ms(wrong)), ms(20)));
        caught.unwrap_err();
    }
}
