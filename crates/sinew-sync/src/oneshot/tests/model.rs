//! Against two flags and a value.

use std::sync::Arc;
use std::task::Poll;

use proptest::prelude::*;
use sinew_testing::task::{Spawn, spawn};

use crate::oneshot::error::TryRecvError;
use crate::oneshot::{self, Receiver, Sender};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send,
    DropSender,
    PollClosed,
    /// By another task, with another waker.
    MoveSender,
    Poll,
    TryReceive,
    Close,
    DropReceiver,
    MoveReceiver,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Send),
        1 => Just(Step::DropSender),
        3 => Just(Step::PollClosed),
        2 => Just(Step::MoveSender),
        4 => Just(Step::Poll),
        2 => Just(Step::TryReceive),
        1 => Just(Step::Close),
        1 => Just(Step::DropReceiver),
        2 => Just(Step::MoveReceiver),
    ]
}

/// What the channel should be.
#[derive(Default)]
struct Model {
    /// Sent, and not received.
    value: bool,
    closed: bool,
    /// The end has waited since the other last had something to say.
    tx_waits: bool,
    rx_waits: bool,
}

struct Ends {
    tx: Option<Spawn<Sender<Arc<()>>>>,
    /// None once it was dropped or has given its result.
    rx: Option<Spawn<Receiver<Arc<()>>>>,
}

impl Model {
    /// What the receiver is told, if it is told something.
    fn outcome(&mut self, has_sender: bool) -> Option<bool> {
        let value = std::mem::take(&mut self.value);
        (value || !has_sender || self.closed).then_some(value)
    }

    fn send(&mut self, ends: &mut Ends, value: &Arc<()>) {
        let Some(tx) = ends.tx.take() else { return };
        let sent = tx.into_inner().send(value.clone());
        assert_eq!(sent.is_ok(), !self.closed);
        self.value = sent.is_ok();
    }

    fn poll(&mut self, ends: &mut Ends) {
        let Some(rx) = &mut ends.rx else { return };
        match (rx.poll(), self.outcome(ends.tx.is_some())) {
            (Poll::Ready(got), Some(value)) => {
                assert_eq!(got.is_ok(), value);
                assert!(rx.is_terminated());
                self.closed = true;
                ends.rx = None;
            }
            (polled, expected) => {
                assert!(polled.is_pending() && expected.is_none());
                self.rx_waits = true;
            }
        }
    }

    fn try_receive(&mut self, ends: &mut Ends) {
        let Some(rx) = &mut ends.rx else { return };
        let expected = match self.outcome(ends.tx.is_some()) {
            Some(true) => Ok(()),
            Some(false) => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        };
        assert_eq!(rx.try_recv().map(drop), expected);
        if expected != Err(TryRecvError::Empty) {
            self.closed = true;
            ends.rx = None;
        }
    }

    fn step(&mut self, step: Step, ends: &mut Ends, value: &Arc<()>) {
        match step {
            Step::Send => self.send(ends, value),
            Step::DropSender => ends.tx = None,
            Step::PollClosed => {
                if let Some(tx) = &mut ends.tx {
                    let polled = tx.enter(|cx, mut tx| tx.poll_closed(cx));
                    assert_eq!(polled.is_ready(), self.closed);
                    self.tx_waits = polled.is_pending();
                }
            }
            Step::MoveSender => {
                ends.tx = ends.tx.take().map(|tx| spawn(tx.into_inner()));
                self.tx_waits = false;
            }
            Step::Poll => self.poll(ends),
            Step::TryReceive => self.try_receive(ends),
            Step::Close => {
                if let Some(rx) = &mut ends.rx {
                    rx.close();
                    self.closed = true;
                }
            }
            Step::DropReceiver => {
                ends.rx = None;
                self.value = false;
                self.closed = true;
            }
            Step::MoveReceiver => {
                ends.rx = ends.rx.take().map(|rx| spawn(rx.into_inner()));
                self.rx_waits = false;
            }
        }
    }

    fn check(&self, ends: &Ends, value: &Arc<()>) {
        // The channel keeps a value until it is received, no longer.
        assert_eq!(Arc::strong_count(value), 1 + usize::from(self.value));
        if let Some(tx) = &ends.tx {
            assert_eq!(tx.is_closed(), self.closed);
            assert!(!self.tx_waits || tx.is_woken() == self.closed);
        }
        if let Some(rx) = &ends.rx {
            assert_eq!(rx.is_empty(), !self.value);
            let over = self.value || ends.tx.is_none();
            assert!(!self.rx_waits || !over || rx.is_woken());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn ends_meet(steps in prop::collection::vec(step(), 0..20)) {
        let value = Arc::new(());
        let (tx, rx) = oneshot::channel();
        let mut ends = Ends { tx: Some(spawn(tx)), rx: Some(spawn(rx)) };
        let mut model = Model::default();
        for step in steps {
            model.step(step, &mut ends, &value);
            model.check(&ends, &value);
        }
        drop(ends);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
