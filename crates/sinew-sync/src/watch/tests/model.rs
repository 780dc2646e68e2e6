//! Against a counter that each receiver remembers.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use sinew_testing::task::{Spawn, spawn};

use crate::watch::{self, Receiver, Sender};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send,
    SendNothing,
    Replace,
    CloneSender,
    DropSender,
    Subscribe,
    CloneReceiver(usize),
    DropReceiver(usize),
    Borrow(usize),
    BorrowAndUpdate(usize),
    HasChanged(usize),
    Changed(usize),
    MarkChanged(usize),
    MarkUnchanged(usize),
    WaitForEven(usize),
    /// A clone of the receiver waits for a change in a task of its own.
    Watch(usize),
    PollWatch(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let one = || 0..3usize;
    prop_oneof![
        6 => Just(Step::Send),
        1 => Just(Step::SendNothing),
        2 => Just(Step::Replace),
        1 => Just(Step::CloneSender),
        1 => Just(Step::DropSender),
        1 => Just(Step::Subscribe),
        1 => one().prop_map(Step::CloneReceiver),
        1 => one().prop_map(Step::DropReceiver),
        2 => one().prop_map(Step::Borrow),
        2 => one().prop_map(Step::BorrowAndUpdate),
        2 => one().prop_map(Step::HasChanged),
        4 => one().prop_map(Step::Changed),
        1 => one().prop_map(Step::MarkChanged),
        1 => one().prop_map(Step::MarkUnchanged),
        3 => one().prop_map(Step::WaitForEven),
        3 => one().prop_map(Step::Watch),
        3 => one().prop_map(Step::PollWatch),
    ]
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// What a receiver should remember.
#[derive(Clone, Copy)]
struct Seen {
    version: u64,
    /// It was told to take the value for a new one.
    marked: bool,
}

/// A task that waits for a change, and the version that it knows.
type Watching = (Spawn<Pin<Box<dyn Future<Output = bool>>>>, Seen);

struct Run {
    senders: Vec<Sender<u64>>,
    receivers: Vec<(Receiver<u64>, Seen)>,
    watching: Vec<Watching>,
    value: u64,
    version: u64,
}

impl Run {
    fn new() -> Run {
        let (tx, rx) = watch::channel(0);
        let seen = Seen {
            version: 0,
            marked: false,
        };
        Run {
            senders: vec![tx],
            receivers: vec![(rx, seen)],
            watching: Vec::new(),
            value: 0,
            version: 0,
        }
    }

    fn closed(&self) -> bool {
        self.senders.is_empty()
    }

    fn is_new(&self, seen: Seen) -> bool {
        seen.marked || seen.version != self.version
    }

    fn now(&self) -> Seen {
        Seen {
            version: self.version,
            marked: false,
        }
    }

    fn send(&mut self, step: Step) {
        let Some(tx) = self.senders.last() else {
            return;
        };
        let count = self.receivers.len() + self.watching.len();
        assert_eq!((tx.receiver_count(), tx.is_closed()), (count, count == 0));
        let next = self.value + 1;
        match step {
            Step::SendNothing => {
                assert!(!tx.send_if_modified(|_| false));
                return;
            }
            Step::Replace => assert_eq!(tx.send_replace(next), self.value),
            _ => {
                assert_eq!(tx.send(next).is_ok(), count > 0);
                if count == 0 {
                    return;
                }
            }
        }
        self.value = next;
        self.version += 1;
    }

    fn receive(&mut self, index: usize, step: Step) {
        let (closed, now, value) = (self.closed(), self.now(), self.value);
        let Some(seen) = self.receivers.get(index).map(|(_, seen)| *seen) else {
            return;
        };
        let new = self.is_new(seen);
        let (rx, seen) = &mut self.receivers[index];
        match step {
            Step::BorrowAndUpdate(_) => {
                let got = rx.borrow_and_update();
                assert_eq!((*got, got.has_changed()), (value, new));
                *seen = now;
            }
            Step::HasChanged(_) => {
                let expected = if closed { None } else { Some(new) };
                assert_eq!(rx.has_changed().ok(), expected);
            }
            Step::Changed(_) => {
                let expected = match (new, closed) {
                    (true, _) => Poll::Ready(true),
                    (false, true) => Poll::Ready(false),
                    (false, false) => Poll::Pending,
                };
                assert_eq!(poll(rx.changed()).map(|outcome| outcome.is_ok()), expected);
                *seen = if new { now } else { *seen };
            }
            Step::MarkChanged(_) => {
                rx.mark_changed();
                seen.marked = true;
            }
            Step::MarkUnchanged(_) => {
                rx.mark_unchanged();
                *seen = now;
            }
            Step::WaitForEven(_) => {
                let polled = poll(rx.wait_for(|value| value % 2 == 0));
                let polled = polled.map(|outcome| outcome.map(|got| *got).ok());
                let expected = match (value % 2 == 0, closed) {
                    (true, _) => Poll::Ready(Some(value)),
                    (false, true) => Poll::Ready(None),
                    (false, false) => Poll::Pending,
                };
                assert_eq!(polled, expected);
                *seen = now;
            }
            _ => {
                let got = rx.borrow();
                assert_eq!((*got, got.has_changed()), (value, new));
            }
        }
    }
}

impl Run {
    /// A clone of a receiver waits in a task of its own.
    fn watch(&mut self, index: usize) {
        let Some((rx, seen)) = self.receivers.get(index) else {
            return;
        };
        let mut rx = rx.clone();
        let changed: Pin<Box<dyn Future<Output = bool>>> =
            Box::pin(async move { rx.changed().await.is_ok() });
        let seen = *seen;
        self.watching.push((spawn(changed), seen));
        self.poll_watch(self.watching.len() - 1);
    }

    fn poll_watch(&mut self, index: usize) {
        let Some(seen) = self.watching.get(index).map(|(_, seen)| *seen) else {
            return;
        };
        let expected = match (self.is_new(seen), self.closed()) {
            (true, _) => Poll::Ready(true),
            (false, true) => Poll::Ready(false),
            (false, false) => Poll::Pending,
        };
        let polled = self.watching[index].0.poll();
        assert_eq!(polled, expected);
        if polled.is_ready() {
            drop(self.watching.swap_remove(index));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Send | Step::SendNothing | Step::Replace => self.send(step),
            Step::CloneSender => self.senders.extend(self.senders.last().cloned()),
            Step::DropSender => drop(self.senders.pop()),
            Step::Subscribe => {
                let now = self.now();
                let rx = self.senders.last().map(|tx| (tx.subscribe(), now));
                self.receivers.extend(rx);
            }
            Step::CloneReceiver(index) => {
                let clone = self.receivers.get(index).cloned();
                self.receivers.extend(clone);
            }
            Step::DropReceiver(index) if index < self.receivers.len() => {
                self.receivers.swap_remove(index);
            }
            Step::DropReceiver(_) => {}
            Step::Borrow(index)
            | Step::BorrowAndUpdate(index)
            | Step::HasChanged(index)
            | Step::Changed(index)
            | Step::MarkChanged(index)
            | Step::MarkUnchanged(index)
            | Step::WaitForEven(index) => self.receive(index, step),
            Step::Watch(index) => self.watch(index),
            Step::PollWatch(index) => self.poll_watch(index),
        }
        // All who have something to see have been woken.
        for (task, seen) in &self.watching {
            assert!(task.is_woken() || !(self.is_new(*seen) || self.closed()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn receivers_see_what_is_new(steps in prop::collection::vec(step(), 0..60)) {
        let mut run = Run::new();
        for step in steps {
            run.step(step);
        }
    }
}
