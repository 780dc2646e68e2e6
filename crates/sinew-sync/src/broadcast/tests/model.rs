//! Against a list of all values ever sent.

use std::sync::Arc;

use proptest::prelude::*;

use crate::broadcast::{self, error::TryRecvError};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send,
    Receive(usize),
    Subscribe,
    DropReceiver(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Send),
        6 => (0..4usize).prop_map(Step::Receive),
        1 => Just(Step::Subscribe),
        1 => (0..4usize).prop_map(Step::DropReceiver),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn receivers_get_what_is_left(capacity in 1..9usize, steps in prop::collection::vec(step(), 0..80)) {
        let slots = capacity.next_power_of_two();
        let tx = broadcast::Sender::new(capacity);
        let mut sent: Vec<Arc<usize>> = Vec::new();
        let mut receivers: Vec<(broadcast::Receiver<Arc<usize>>, usize)> = Vec::new();
        for step in steps {
            match step {
                Step::Send => {
                    let value = Arc::new(sent.len());
                    match tx.send(value.clone()) {
                        Ok(n) => {
                            assert_eq!(n, receivers.len());
                            sent.push(value);
                        }
                        Err(_) => assert!(receivers.is_empty()),
                    }
                }
                Step::Receive(index) => {
                    let Some((rx, next)) = receivers.get_mut(index) else { continue };
                    assert_eq!(rx.len(), sent.len() - *next);
                    let oldest = sent.len().saturating_sub(slots);
                    let expected = if *next == sent.len() {
                        Err(TryRecvError::Empty)
                    } else if *next < oldest {
                        let missed = oldest - *next;
                        *next = oldest;
                        Err(TryRecvError::Lagged(missed as u64))
                    } else {
                        *next += 1;
                        Ok(sent[*next - 1].clone())
                    };
                    assert_eq!(rx.try_recv(), expected);
                }
                Step::Subscribe => receivers.push((tx.subscribe(), sent.len())),
                Step::DropReceiver(index) if index < receivers.len() => {
                    receivers.swap_remove(index);
                }
                Step::DropReceiver(_) => {}
            }
            let oldest = sent.len().saturating_sub(slots);
            let unseen = |at: usize| at >= oldest && receivers.iter().any(|(_, next)| *next <= at);
            for (at, value) in sent.iter().enumerate() {
                // Kept by the channel exactly while somebody has yet to see it.
                assert_eq!(Arc::strong_count(value), 1 + usize::from(unseen(at)));
            }
            assert_eq!(tx.len(), (0..sent.len()).filter(|at| unseen(*at)).count());
            assert_eq!(tx.is_empty(), !sent.iter().enumerate().any(|(at, _)| unseen(at)));
        }
    }
}
