//! The queue against two `VecDeque`s.

use std::collections::VecDeque;
use std::task::Waker;

use proptest::prelude::*;

use crate::wait_list::{Queue, Waiter};

const WAITERS: usize = 6;

#[derive(Clone, Debug)]
enum Step {
    Push(usize),
    PushFront(usize),
    Remove(usize),
    PopFront,
    PopBack,
    DetachAll,
    PopDetached,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..WAITERS).prop_map(Step::Push),
        1 => (0..WAITERS).prop_map(Step::PushFront),
        2 => (0..WAITERS).prop_map(Step::Remove),
        1 => Just(Step::PopFront),
        1 => Just(Step::PopBack),
        1 => Just(Step::DetachAll),
        1 => Just(Step::PopDetached),
    ]
}

fn pop(queue: impl FnOnce(&mut dyn FnMut(&mut usize)) -> Option<Waker>) -> Option<usize> {
    let mut popped = None;
    let waker = queue(&mut |data| popped = Some(*data));
    assert_eq!(waker.is_some(), popped.is_some());
    popped
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_queue_is_two_deques(steps in prop::collection::vec(step(), 0..60)) {
        let mut queue = Queue::new();
        let waiters: Vec<_> = (0..WAITERS).map(|i| Box::pin(Waiter::new(i))).collect();
        let mut waiting = VecDeque::new();
        let mut leaving = VecDeque::new();
        for step in steps {
            match step {
                Step::Push(i) | Step::PushFront(i)
                    if waiting.contains(&i) || leaving.contains(&i) => {}
                Step::Push(i) => {
                    // SAFETY: the queue stays in place, and all are removed below.
                    unsafe { queue.push_back(waiters[i].as_ref(), Waker::noop().clone()) };
                    waiting.push_back(i);
                }
                Step::PushFront(i) => {
                    // SAFETY: as above.
                    unsafe { queue.push_front(waiters[i].as_ref(), Waker::noop().clone()) };
                    waiting.push_front(i);
                }
                Step::Remove(i) => {
                    let known = waiting.len() + leaving.len();
                    waiting.retain(|one| *one != i);
                    leaving.retain(|one| *one != i);
                    let removed = queue.remove(waiters[i].as_ref()).is_some();
                    prop_assert_eq!(removed, waiting.len() + leaving.len() < known);
                }
                Step::PopFront => {
                    prop_assert_eq!(pop(|f| queue.pop_front(f)), waiting.pop_front());
                }
                Step::PopBack => {
                    prop_assert_eq!(pop(|f| queue.pop_back(f)), waiting.pop_back());
                }
                Step::DetachAll => {
                    queue.detach_all();
                    leaving.append(&mut waiting);
                }
                Step::PopDetached => {
                    prop_assert_eq!(pop(|f| queue.pop_detached(f)), leaving.pop_front());
                }
            }
            let mut seen = VecDeque::new();
            queue.for_each(|data, _| seen.push_back(*data));
            prop_assert_eq!(&seen, &waiting);
            prop_assert_eq!(queue.is_empty(), waiting.is_empty());
            prop_assert_eq!(queue.front().map(|data| *data), waiting.front().copied());
        }
        for waiter in &waiters {
            queue.remove(waiter.as_ref());
        }
    }
}
