//! Against a queue and a list of those who wait, both obviously right.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use proptest::prelude::*;
use sinew_testing::task::{Spawn, spawn};

use crate::mpmc::error::{RecvError, TryRecvError, TrySendError};
use crate::mpmc::{self, Receiver, Sender};

#[derive(Clone, Copy, Debug)]
enum Step {
    TrySend,
    ForceSend,
    /// Begins to send, and waits if it must.
    Send,
    PollSend(usize),
    DropSend(usize),
    TryReceive,
    Receive,
    PollReceive(usize),
    DropReceive(usize),
    Close,
    CloneEnds,
    DropSender,
    DropReceiver,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::TrySend),
        1 => Just(Step::ForceSend),
        6 => Just(Step::Send),
        3 => (0..4usize).prop_map(Step::PollSend),
        2 => (0..4usize).prop_map(Step::DropSend),
        4 => Just(Step::TryReceive),
        4 => Just(Step::Receive),
        3 => (0..4usize).prop_map(Step::PollReceive),
        2 => (0..4usize).prop_map(Step::DropReceive),
        1 => Just(Step::Close),
        2 => Just(Step::CloneEnds),
        1 => Just(Step::DropSender),
        1 => Just(Step::DropReceiver),
    ]
}

type Task<R> = Spawn<Pin<Box<dyn Future<Output = R>>>>;

/// A sender that has begun to wait.
struct Sending {
    value: u32,
    task: Task<bool>,
}

struct Run {
    bound: Option<usize>,
    senders: Vec<Sender<u32>>,
    receivers: Vec<Receiver<u32>>,
    sending: Vec<Sending>,
    receiving: Vec<Task<Result<u32, RecvError>>>,
    next: u32,
    // What should be so:
    queue: VecDeque<u32>,
    /// Values of senders whose turn has not come.
    waiting: VecDeque<u32>,
    closed: bool,
}

impl Run {
    fn new(bound: Option<usize>) -> Run {
        let (tx, rx) = match bound {
            Some(bound) => mpmc::channel(bound),
            None => mpmc::unbounded_channel(),
        };
        Run {
            bound,
            senders: vec![tx],
            receivers: vec![rx],
            sending: Vec::new(),
            receiving: Vec::new(),
            next: 0,
            queue: VecDeque::new(),
            waiting: VecDeque::new(),
            closed: false,
        }
    }

    fn is_full(&self) -> bool {
        self.bound.is_some_and(|bound| self.queue.len() >= bound)
    }

    /// The oldest value; who has waited longest to send gets its place.
    fn pop(&mut self) -> Option<u32> {
        let value = self.queue.pop_front();
        if value.is_some() {
            self.queue.extend(self.waiting.pop_front());
        }
        value
    }

    fn close(&mut self) {
        self.closed = true;
        self.waiting.clear();
    }

    fn send(&mut self, step: Step) {
        let Some(tx) = self.senders.last() else {
            return;
        };
        let value = self.next;
        self.next += 1;
        match step {
            Step::TrySend => {
                let sent = tx.try_send(value);
                if self.closed {
                    assert_eq!(sent, Err(TrySendError::Closed(value)));
                } else if self.is_full() {
                    assert_eq!(sent, Err(TrySendError::Full(value)));
                } else {
                    assert_eq!(sent, Ok(()));
                    self.queue.push_back(value);
                }
            }
            Step::ForceSend => {
                let sent = tx.force_send(value);
                assert_eq!(sent.is_err(), self.closed);
                if let Ok(ousted) = sent {
                    let expected = self.is_full().then(|| self.queue.pop_front()).flatten();
                    assert_eq!(ousted, expected);
                    self.queue.push_back(value);
                }
            }
            _ => {
                let tx = tx.clone();
                let send: Pin<Box<dyn Future<Output = bool>>> =
                    Box::pin(async move { tx.send(value).await.is_ok() });
                let mut task = spawn(send);
                let polled = task.poll();
                if self.closed {
                    assert_eq!(polled, Poll::Ready(false));
                } else if self.is_full() {
                    assert_eq!(polled, Poll::Pending);
                    self.waiting.push_back(value);
                    self.sending.push(Sending { value, task });
                } else {
                    assert_eq!(polled, Poll::Ready(true));
                    self.queue.push_back(value);
                }
            }
        }
    }

    fn poll_send(&mut self, index: usize) {
        let Some(Sending { value, task }) = self.sending.get_mut(index) else {
            return;
        };
        let waits = self.waiting.contains(value);
        assert!(waits || task.is_woken());
        match task.poll() {
            Poll::Pending => assert!(waits),
            // Its value may have been received, or thrown out, meanwhile.
            Poll::Ready(sent) => {
                assert!(!waits && (sent || self.closed));
                self.sending.remove(index);
            }
        }
    }

    fn receive(&mut self, step: Step) {
        let Some(rx) = self.receivers.last().cloned() else {
            return;
        };
        let expected = self.pop();
        if let Step::TryReceive = step {
            let nothing = match self.closed {
                true => TryRecvError::Closed,
                false => TryRecvError::Empty,
            };
            assert_eq!(rx.try_recv(), expected.ok_or(nothing));
            return;
        }
        let receive: Pin<Box<dyn Future<Output = _>>> = Box::pin(async move { rx.recv().await });
        let mut task = spawn(receive);
        let polled = task.poll();
        self.check_received(polled, expected);
        if polled.is_pending() {
            self.receiving.push(task);
        }
    }

    fn check_received(&self, polled: Poll<Result<u32, RecvError>>, expected: Option<u32>) {
        match polled {
            Poll::Ready(received) => {
                assert_eq!(received.ok(), expected);
                assert!(received.is_ok() || self.closed);
            }
            Poll::Pending => assert!(expected.is_none() && !self.closed),
        }
    }

    fn poll_receive(&mut self, index: usize) {
        let Some(task) = self.receiving.get_mut(index) else {
            return;
        };
        // Only who was woken looks again.
        let woken = task.is_woken();
        let polled = task.poll();
        if polled.is_pending() && !woken {
            return;
        }
        let expected = self.pop();
        self.check_received(polled, expected);
        if polled.is_ready() {
            drop(self.receiving.remove(index));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::TrySend | Step::ForceSend | Step::Send => self.send(step),
            Step::PollSend(index) => self.poll_send(index),
            Step::DropSend(index) if index < self.sending.len() => {
                let Sending { value, .. } = self.sending.remove(index);
                self.waiting.retain(|waiting| *waiting != value);
            }
            Step::TryReceive | Step::Receive => self.receive(step),
            Step::PollReceive(index) => self.poll_receive(index),
            Step::DropReceive(index) if index < self.receiving.len() => {
                drop(self.receiving.remove(index));
            }
            Step::DropSend(_) | Step::DropReceive(_) => {}
            Step::Close => {
                let closed = self.senders.last().map(Sender::close);
                assert!(closed.is_none_or(|closed| closed != self.closed));
                if closed.is_some() {
                    self.close();
                }
            }
            Step::CloneEnds => {
                self.senders.extend(self.senders.last().cloned());
                self.receivers.extend(self.receivers.last().cloned());
            }
            Step::DropSender => drop(self.senders.pop()),
            Step::DropReceiver => drop(self.receivers.pop()),
        }
        // Who waits has an end of its own.
        if self.senders.is_empty() && self.sending.is_empty() {
            self.close();
        }
        if self.receivers.is_empty() && self.receiving.is_empty() {
            self.close();
            self.queue.clear();
        }
    }

    fn check(&self) {
        if let Some(rx) = self.receivers.last() {
            assert_eq!(rx.len(), self.queue.len());
            assert_eq!(rx.is_closed(), self.closed);
            let sending = self.senders.len() + self.sending.len();
            assert_eq!(rx.sender_count(), sending);
        }
        // A value or the end has woken one of those who wait for it.
        let woken = self.receiving.iter().filter(|task| task.is_woken()).count();
        let wanted = match self.closed {
            true => self.receiving.len(),
            false => self.queue.len().min(self.receiving.len()).min(1),
        };
        assert!(woken >= wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn values_come_once_and_in_order(
        bound in prop::option::of(1..4usize),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut run = Run::new(bound);
        for step in steps {
            run.step(step);
            run.check();
        }
    }
}
