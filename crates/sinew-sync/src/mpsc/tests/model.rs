//! Against a queue that is obviously right.

use std::collections::VecDeque;

use proptest::prelude::*;

use crate::mpsc;
use crate::mpsc::error::{TryRecvError, TrySendError};

#[derive(Clone, Debug)]
enum Step {
    Send,
    SendMany(usize),
    Receive,
    ReceiveMany(usize),
    Reserve,
    UsePermit,
    DropPermit,
    Close,
    Clone,
    DropSender,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Send),
        2 => (0..100usize).prop_map(Step::SendMany),
        6 => Just(Step::Receive),
        2 => (0..100usize).prop_map(Step::ReceiveMany),
        2 => Just(Step::Reserve),
        2 => Just(Step::UsePermit),
        1 => Just(Step::DropPermit),
        1 => Just(Step::Close),
        1 => Just(Step::Clone),
        1 => Just(Step::DropSender),
    ]
}

#[derive(Default)]
struct Model {
    queue: VecDeque<u32>,
    permits: usize,
    closed: bool,
}

fn check_bounded(bound: usize, steps: Vec<Step>) {
    let (tx, mut rx) = mpsc::channel(bound);
    let mut senders = vec![tx];
    let mut permits = Vec::new();
    let mut model = Model::default();
    let mut next = 0..;
    for step in steps {
        let free = bound - model.queue.len() - model.permits;
        match step {
            Step::Send | Step::SendMany(_) => {
                let times = if let Step::SendMany(n) = step { n } else { 1 };
                for _ in 0..times {
                    let (Some(tx), Some(value)) = (senders.last(), next.next()) else {
                        break;
                    };
                    let sent = tx.try_send(value);
                    if model.closed {
                        assert_eq!(sent, Err(TrySendError::Closed(value)));
                    } else if model.queue.len() + model.permits == bound {
                        assert_eq!(sent, Err(TrySendError::Full(value)));
                    } else {
                        assert_eq!(sent, Ok(()));
                        model.queue.push_back(value);
                    }
                }
            }
            Step::Receive | Step::ReceiveMany(_) => {
                let times = if let Step::ReceiveMany(n) = step {
                    n
                } else {
                    1
                };
                for _ in 0..times {
                    let over = (model.closed && model.permits == 0)
                        || (senders.is_empty() && permits.is_empty());
                    let expected = model.queue.pop_front().ok_or(match over {
                        true => TryRecvError::Disconnected,
                        false => TryRecvError::Empty,
                    });
                    assert_eq!(rx.try_recv(), expected);
                }
            }
            Step::Reserve => {
                if let Some(tx) = senders.last() {
                    let permit = tx.clone().try_reserve_owned();
                    assert_eq!(permit.is_ok(), !model.closed && free > 0);
                    permits.extend(permit.ok());
                    model.permits = permits.len();
                }
            }
            Step::UsePermit => {
                if let (Some(permit), Some(value)) = (permits.pop(), next.next()) {
                    permit.send(value);
                    model.permits -= 1;
                    model.queue.push_back(value);
                }
            }
            Step::DropPermit => {
                permits.pop();
                model.permits = permits.len();
            }
            Step::Close => {
                rx.close();
                model.closed = true;
            }
            Step::Clone => senders.extend(senders.last().cloned()),
            Step::DropSender => drop(senders.pop()),
        }
        assert_eq!(rx.len(), model.queue.len());
        let free = bound - model.queue.len() - model.permits;
        assert_eq!(rx.capacity(), free);
        assert_eq!(rx.sender_strong_count(), senders.len() + permits.len());
    }
}

fn check_unbounded(steps: Vec<Step>) {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let mut senders = vec![tx];
    let mut model = Model::default();
    let mut next = 0..;
    for step in steps {
        match step {
            Step::Send | Step::SendMany(_) => {
                let times = if let Step::SendMany(n) = step { n } else { 1 };
                for _ in 0..times {
                    let (Some(tx), Some(value)) = (senders.last(), next.next()) else {
                        break;
                    };
                    assert_eq!(tx.send(value).is_ok(), !model.closed);
                    if !model.closed {
                        model.queue.push_back(value);
                    }
                }
            }
            Step::Receive | Step::ReceiveMany(_) => {
                let times = if let Step::ReceiveMany(n) = step {
                    n
                } else {
                    1
                };
                for _ in 0..times {
                    let over = model.closed || senders.is_empty();
                    let expected = model.queue.pop_front().ok_or(match over {
                        true => TryRecvError::Disconnected,
                        false => TryRecvError::Empty,
                    });
                    assert_eq!(rx.try_recv(), expected);
                }
            }
            Step::Close => {
                rx.close();
                model.closed = true;
            }
            Step::Clone => senders.extend(senders.last().cloned()),
            Step::DropSender => drop(senders.pop()),
            Step::Reserve | Step::UsePermit | Step::DropPermit => {}
        }
        assert_eq!(rx.len(), model.queue.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bounded(bound in 1..80usize, steps in prop::collection::vec(step(), 0..60)) {
        check_bounded(bound, steps);
    }

    #[test]
    fn unbounded(steps in prop::collection::vec(step(), 0..60)) {
        check_unbounded(steps);
    }
}
