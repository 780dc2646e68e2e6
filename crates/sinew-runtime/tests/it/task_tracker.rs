use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use sinew_core::block_on;
use sinew_runtime::TaskTracker;
use sinew_task::yield_now;

use crate::conformance::on_each;

/// Whether the future is done after one poll.
async fn is_ready<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_ready()))
        .await
}

#[test]
fn waits_for_tasks_and_closures() {
    on_each(|| async {
        let tracker = TaskTracker::new();
        for _ in 0..50 {
            drop(tracker.spawn(yield_now()));
            drop(tracker.spawn_blocking(|| ()));
        }
        assert!(tracker.close());
        assert!(!tracker.close());
        tracker.wait().await;
        assert_eq!(tracker.len(), 0);
    });
}

#[test]
fn a_wait_needs_both_closed_and_empty() {
    block_on(async {
        let tracker = TaskTracker::new();
        let token = tracker.token();
        let mut wait = pin!(tracker.wait());
        assert!(!is_ready(&mut wait).await);
        tracker.close();
        assert!(!is_ready(&mut wait).await);
        let second = token.clone();
        assert_eq!(tracker.len(), 2);
        drop(token);
        assert!(!is_ready(&mut wait).await);
        drop(second);
        assert!(is_ready(&mut wait).await);
        assert!(is_ready(&mut wait).await);
    });
}

#[test]
fn a_wait_sees_a_moment_that_has_passed() {
    block_on(async {
        let tracker = TaskTracker::new();
        let mut polled = pin!(tracker.wait());
        let mut fresh = pin!(tracker.wait());
        assert!(!is_ready(&mut polled).await);
        tracker.close();
        assert!(tracker.reopen());
        assert!(!tracker.is_closed());
        let _token = tracker.token();
        assert!(is_ready(&mut polled).await);
        assert!(is_ready(&mut fresh).await);
        let mut late = pin!(tracker.wait());
        assert!(!is_ready(&mut late).await);
    });
}

#[test]
fn dropped_waits_leave_nothing_behind() {
    block_on(async {
        let tracker = TaskTracker::new();
        for _ in 0..3 {
            let mut one = Box::pin(tracker.wait());
            let mut two = Box::pin(tracker.wait());
            assert!(!is_ready(&mut one).await && !is_ready(&mut two).await);
            drop(one);
            assert!(!is_ready(&mut two).await);
        }
        tracker.close();
        tracker.wait().await;
        assert!(TaskTracker::ptr_eq(&tracker, &tracker.clone()));
        assert!(!TaskTracker::ptr_eq(&tracker, &TaskTracker::new()));
    });
}

#[test]
fn a_tracked_future_counts_until_it_is_dropped() {
    let tracker = TaskTracker::new();
    let future = tracker.track_future(async { 3 });
    assert_eq!(tracker.len(), 1);
    assert_eq!(block_on(future), 3);
    assert_eq!(tracker.len(), 0);
    drop(tracker.track_future(async { 3 }));
    assert!(tracker.is_empty());
}
