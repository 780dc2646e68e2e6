use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use futures::StreamExt;
use proptest::prelude::*;
use sinew_core::waker::waker_fn;
use sinew_time::delay_queue::{Expired, Key};
use sinew_time::{DelayQueue, Duration, Instant, advance, sleep};

use crate::paused_runtime::{ms, run};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

fn poll<T>(queue: &mut DelayQueue<T>) -> Poll<Option<Expired<T>>> {
    queue.poll_expired(&mut Context::from_waker(Waker::noop()))
}

fn value<T>(polled: Poll<Option<Expired<T>>>) -> Option<T> {
    match polled {
        Poll::Ready(Some(expired)) => Some(expired.into_inner()),
        _ => None,
    }
}

fn counting() -> (Waker, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let waker = waker_fn({
        let count = count.clone();
        move || {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (waker, count)
}

#[test]
fn values_come_at_their_nanosecond_in_order() {
    run(async {
        let mut queue = DelayQueue::new();
        let nano = Duration::from_nanos(1);
        queue.insert('c', ms(2));
        queue.insert('a', ms(1));
        queue.insert('b', ms(1));
        let start = Instant::now();
        assert!(poll(&mut queue).is_pending());
        advance(ms(1) - nano).await;
        assert!(poll(&mut queue).is_pending());
        advance(nano).await;
        assert_eq!(value(poll(&mut queue)), Some('a'));
        assert_eq!(value(poll(&mut queue)), Some('b'));
        assert!(poll(&mut queue).is_pending());
        let last = queue.next().await.expect("one is left");
        assert_eq!(last.deadline(), start + ms(2));
        assert_eq!(*last.get_ref(), 'c');
        assert_eq!(Instant::now() - start, ms(2));
        assert!(queue.next().await.is_none());
        queue.insert('d', Duration::ZERO);
        assert_eq!(queue.next().await.map(Expired::into_inner), Some('d'));
    });
}

#[test]
fn keys_name_one_value_only() {
    run(async {
        let mut queue = DelayQueue::new();
        let first = queue.insert(1, ms(1));
        assert_eq!(queue.peek(), Some(first));
        let removed = queue.remove(&first);
        assert_eq!((removed.key(), *removed.get_ref()), (first, 1));
        let second = queue.insert(2, ms(1));
        assert_ne!(first, second);
        assert!(queue.try_remove(&first).is_none());
        let stale = AssertUnwindSafe(|| queue.reset(&first, ms(5)));
        assert!(catch_unwind(stale).is_err());
        let stale = AssertUnwindSafe(|| queue.remove(&first));
        assert!(catch_unwind(stale).is_err());
        let stale = AssertUnwindSafe(|| queue.deadline(&first));
        assert!(catch_unwind(stale).is_err());
        assert_eq!(queue.len(), 1);
        queue.clear();
        queue.insert(3, ms(1));
        assert!(queue.try_remove(&second).is_none(), "also after a clear");
    });
}

#[test]
fn the_task_is_woken_once_for_the_first_deadline() {
    run(async {
        let (waker, woken) = counting();
        let mut cx = Context::from_waker(&waker);
        let mut queue = DelayQueue::new();
        let key = queue.insert(1, ms(100));
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.remove(&key);
        queue.insert(1, ms(300));
        assert_eq!(
            woken.swap(0, Ordering::SeqCst),
            2,
            "for the end, and after it"
        );
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.insert(2, ms(200));
        advance(ms(199)).await;
        assert_eq!(woken.load(Ordering::SeqCst), 0);
        advance(ms(1)).await;
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        assert_eq!(value(queue.poll_expired(&mut cx)), Some(2));
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.insert_at(3, Instant::now() - ms(1));
        assert_eq!(woken.load(Ordering::SeqCst), 2, "due at once");
        assert_eq!(value(queue.poll_expired(&mut cx)), Some(3));
    });
}

#[test]
fn a_reset_of_the_first_deadline_wakes_the_task() {
    run(async {
        let (waker, woken) = counting();
        let mut cx = Context::from_waker(&waker);
        let mut queue = DelayQueue::new();
        let first = queue.insert('a', ms(100));
        let second = queue.insert('b', ms(300));
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.reset(&second, ms(200)); // not the first, before or after
        assert_eq!(woken.load(Ordering::SeqCst), 0);
        queue.reset(&first, ms(120));
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        queue.reset(&second, ms(110)); // is the first now
        assert_eq!(woken.load(Ordering::SeqCst), 2);
        assert!(queue.poll_expired(&mut cx).is_pending());
        advance(ms(110)).await;
        assert_eq!(woken.load(Ordering::SeqCst), 3);
        assert_eq!(value(queue.poll_expired(&mut cx)), Some('b'));
    });
}

#[test]
fn the_task_is_woken_for_the_end_and_after_it() {
    run(async {
        let (waker, woken) = counting();
        let mut cx = Context::from_waker(&waker);
        let mut queue = DelayQueue::new();
        let key = queue.insert(1, ms(1));
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.remove(&key);
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        assert!(matches!(queue.poll_expired(&mut cx), Poll::Ready(None)));
        queue.insert(2, ms(1));
        assert_eq!(woken.load(Ordering::SeqCst), 2);
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.clear();
        assert_eq!(woken.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn no_deadline_is_too_far() {
    run(async {
        let mut queue = DelayQueue::new();
        let never = queue.insert(1, Duration::MAX);
        queue.insert_at(2, Instant::now() + 100 * YEAR);
        queue.insert_at(3, Instant::now() - ms(1));
        queue.reset(&never, Duration::MAX);
        assert_eq!(queue.next().await.map(Expired::into_inner), Some(3));
        advance(101 * YEAR).await;
        assert_eq!(value(poll(&mut queue)), Some(2));
        assert!(poll(&mut queue).is_pending());
        assert!(queue.deadline(&never) > Instant::now());
    });
}

#[test]
fn capacity_is_taken_and_given_back() {
    run(async {
        let mut queue = DelayQueue::with_capacity(10);
        assert_eq!((queue.capacity(), queue.len()), (10, 0));
        queue.reserve(2000);
        assert!(queue.capacity() >= 2000);
        let before = queue.capacity();
        let keys: Vec<_> = (0..2000).map(|n| queue.insert(n, ms(n))).collect();
        assert_eq!(queue.capacity(), before);
        // One is left in the middle.
        for key in keys.iter().filter(|key| **key != keys[1000]) {
            queue.remove(key);
        }
        queue.compact();
        assert!(queue.capacity() <= 256);
        let more: Vec<_> = (0..600).map(|n| queue.insert(n, ms(n))).collect();
        assert!(
            keys.iter()
                .filter(|key| queue.try_remove(key).is_some())
                .count()
                == 1
        );
        assert!(more.iter().all(|key| queue.try_remove(key).is_some()));
        queue.shrink_to_fit();
        assert_eq!((queue.capacity(), queue.len()), (0, 0));
        assert!(queue.next().await.is_none());
    });
}

#[test]
fn dropping_a_wait_loses_nothing() {
    run(async {
        let mut queue = DelayQueue::new();
        queue.insert(1, ms(5));
        for _ in 0..3 {
            let gave_up = sinew_time::timeout(ms(1), queue.next()).await;
            assert!(gave_up.is_err());
        }
        sleep(ms(10)).await;
        assert_eq!(queue.next().await.map(Expired::into_inner), Some(1));
    });
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u64),
    Remove(prop::sample::Index),
    Reset(prop::sample::Index, u64),
    Advance(u64),
    Compact,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let index = any::<prop::sample::Index>;
    let op = prop_oneof![
        4 => (0..50u64).prop_map(Op::Insert),
        2 => index().prop_map(Op::Remove),
        2 => (index(), 0..50u64).prop_map(|(index, at)| Op::Reset(index, at)),
        3 => (0..40u64).prop_map(Op::Advance),
        1 => Just(Op::Compact),
    ];
    prop::collection::vec(op, 1..60)
}

async fn beside_a_map(ops: Vec<Op>) {
    let mut queue = DelayQueue::new();
    let mut model = BTreeMap::new();
    let mut keys: Vec<(Key, (Instant, usize))> = Vec::new();
    for (order, op) in ops.into_iter().enumerate() {
        match op {
            Op::Insert(after) => {
                let place = (Instant::now() + ms(after), order);
                keys.push((queue.insert(order, ms(after)), place));
                model.insert(place, order);
            }
            Op::Remove(index) if !keys.is_empty() => {
                let (key, place) = keys.swap_remove(index.index(keys.len()));
                let removed = queue.try_remove(&key).map(Expired::into_inner);
                assert_eq!(removed, model.remove(&place));
            }
            Op::Reset(index, after) if !keys.is_empty() => {
                let at = index.index(keys.len());
                let (key, place) = keys[at];
                if let Some(value) = model.remove(&place) {
                    queue.reset(&key, ms(after));
                    let place = (Instant::now() + ms(after), order);
                    keys[at].1 = place;
                    model.insert(place, value);
                }
            }
            Op::Advance(by) => {
                advance(ms(by)).await;
                while let Some(due) = value(poll(&mut queue)) {
                    let ((deadline, _), expected) = model.pop_first().expect("one is due");
                    assert_eq!(due, expected);
                    assert!(deadline <= Instant::now());
                }
                let first = model.first_key_value().map(|((at, _), _)| *at);
                assert!(first.is_none_or(|first| first > Instant::now()));
            }
            Op::Compact => queue.compact(),
            Op::Remove(_) | Op::Reset(..) => {}
        }
        assert_eq!(queue.len(), model.len());
        let first = queue.peek().map(|key| queue.deadline(&key));
        assert_eq!(first, model.first_key_value().map(|((at, _), _)| *at));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn behaves_as_a_sorted_map(ops in ops()) {
        run(beside_a_map(ops));
    }
}
