//! Against a map of queues.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use proptest::prelude::*;

use super::StreamMap;

#[derive(Clone, Debug, Default)]
struct Script(Rc<RefCell<(VecDeque<u32>, bool)>>);

impl Stream for Script {
    type Item = u32;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<u32>> {
        let mut script = self.0.borrow_mut();
        match (script.0.pop_front(), script.1) {
            (Some(item), _) => Poll::Ready(Some(item)),
            (None, true) => Poll::Ready(None),
            (None, false) => Poll::Pending,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8),
    Remove(u8),
    Push(u8, u32),
    End(u8),
    Poll,
    PollMany(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6u8).prop_map(Step::Insert),
        (0..6u8).prop_map(Step::Remove),
        (0..6u8, any::<u32>()).prop_map(|(key, item)| Step::Push(key, item)),
        (0..6u8).prop_map(Step::End),
        Just(Step::Poll),
        (0..4usize).prop_map(Step::PollMany),
    ]
}

proptest! {
    #[test]
    fn yields_what_its_streams_have_and_drops_those_that_end(
        steps in proptest::collection::vec(step(), 0..60)
    ) {
        let mut map = StreamMap::new();
        let mut model: BTreeMap<u8, Script> = BTreeMap::new();
        let mut cx = Context::from_waker(Waker::noop());
        for step in steps {
            match step {
                Step::Insert(key) => {
                    let script = Script::default();
                    let old = map.insert(key, script.clone()).is_some();
                    prop_assert_eq!(old, model.insert(key, script).is_some());
                }
                Step::Remove(key) => {
                    prop_assert_eq!(map.remove(&key).is_some(), model.remove(&key).is_some());
                }
                Step::Push(key, item) => {
                    if let Some(script) = model.get(&key) {
                        script.0.borrow_mut().0.push_back(item);
                    }
                }
                Step::End(key) => {
                    if let Some(script) = model.get(&key) {
                        script.0.borrow_mut().1 = true;
                    }
                }
                Step::Poll | Step::PollMany(_) => {
                    let before: Vec<_> = model
                        .iter()
                        .map(|(key, script)| (*key, script.0.borrow().0.clone()))
                        .collect();
                    let total: usize = before.iter().map(|(_, queue)| queue.len()).sum();
                    let mut items = Vec::new();
                    let limit = match step {
                        Step::PollMany(limit) => limit,
                        _ => 1,
                    };
                    let polled = match step {
                        Step::PollMany(limit) => {
                            map.poll_next_many(&mut cx, &mut items, limit)
                        }
                        _ => Pin::new(&mut map).poll_next(&mut cx).map(|item| {
                            items.extend(item);
                            items.len()
                        }),
                    };
                    prop_assert_eq!(items.len(), total.min(limit));
                    if let Poll::Ready(count) = polled {
                        prop_assert_eq!(count, items.len());
                    } else {
                        prop_assert_eq!(total, 0);
                        prop_assert!(!map.is_empty());
                    }
                    for (key, mut queue) in before {
                        let taken = items.iter().filter(|(other, _)| *other == key);
                        for (_, item) in taken {
                            prop_assert_eq!(Some(*item), queue.pop_front());
                        }
                    }
                    if total == 0 && limit > 0 {
                        model.retain(|_, script| !script.0.borrow().1);
                    } else {
                        model.retain(|key, script| {
                            map.contains_key(key) || {
                                let script = script.0.borrow();
                                assert!(script.1 && script.0.is_empty());
                                false
                            }
                        });
                    }
                }
            }
            let mut keys: Vec<u8> = map.keys().copied().collect();
            keys.sort_unstable();
            prop_assert_eq!(keys, model.keys().copied().collect::<Vec<_>>());
        }
    }
}

#[test]
fn many_at_once_come_in_turns() {
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..20 {
        let streams = (0..3).map(|key| (key, futures_util::stream::iter(0..=key)));
        let mut map: StreamMap<u32, _> = streams.collect();
        let mut items = Vec::new();
        let mut poll = |limit| {
            items.clear();
            let count = map.poll_next_many(&mut cx, &mut items, limit);
            let values = items.iter().map(|(_, item)| *item).collect::<Vec<_>>();
            (count, values)
        };
        assert_eq!(poll(3), (Poll::Ready(3), vec![0, 0, 0]));
        assert_eq!(poll(9), (Poll::Ready(3), vec![1, 1, 2]));
        assert_eq!(poll(9), (Poll::Ready(0), vec![]));
    }
}
