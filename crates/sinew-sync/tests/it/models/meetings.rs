//! Barriers and wait groups.

use std::task::Poll;

use proptest::prelude::*;
use sinew_sync::{Barrier, BarrierWaitResult, WaitGroup};

use super::{Id, Polled, Tasks, leak, take_out};

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait,
    Poll(usize),
    Drop(usize),
    /// Only of a group: a member more, and one less.
    Join,
    Leave,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Wait),
        5 => (0..5usize).prop_map(Step::Poll),
        3 => (0..5usize).prop_map(Step::Drop),
        4 => Just(Step::Join),
        3 => Just(Step::Leave),
    ]
}

fn barrier_of(size: usize, steps: Vec<Step>) {
    let barrier: &'static Barrier = leak(Barrier::new(size));
    let mut tasks = Tasks::<BarrierWaitResult>::new();
    let mut arrived: Vec<Id> = Vec::new();
    for step in steps {
        match step {
            Step::Wait => {
                let polled = tasks.start(Box::pin(barrier.wait()));
                if arrived.len() + 1 == size.max(1) {
                    assert!(matches!(polled.output, Poll::Ready(result) if result.is_leader()));
                    arrived.clear();
                } else {
                    assert!(polled.output.is_pending());
                    arrived.push(polled.id);
                }
            }
            Step::Poll(at) => {
                let Some(Polled { id, woken, output }) = tasks.poll(at) else {
                    continue;
                };
                assert_eq!(output.is_pending(), arrived.contains(&id));
                if let Poll::Ready(result) = output {
                    assert!(woken && !result.is_leader());
                }
            }
            Step::Drop(at) => {
                let dropped = tasks.drop(at);
                take_out(&mut arrived, |id| Some(*id) == dropped);
            }
            Step::Join | Step::Leave => {}
        }
        let shown = format!("{barrier:?}");
        assert!(
            shown.contains(&format!("arrived: {}", arrived.len())),
            "{shown}"
        );
    }
}

fn group_of(steps: Vec<Step>) {
    let mut members = vec![WaitGroup::new()];
    let mut tasks = Tasks::<()>::new();
    let mut over = false;
    for step in steps {
        match step {
            Step::Join => members.extend(members.last().cloned()),
            Step::Leave => drop(members.pop()),
            Step::Wait => {
                let Some(member) = members.pop() else {
                    continue;
                };
                // Who waits is a member no more.
                over = members.is_empty();
                assert_eq!(tasks.start(Box::pin(member.wait())).output.is_ready(), over);
            }
            Step::Poll(at) => {
                if let Some(Polled { woken, output, .. }) = tasks.poll(at) {
                    assert_eq!(output.is_ready(), over);
                    assert!(woken || !over);
                }
            }
            Step::Drop(at) => drop(tasks.drop(at)),
        }
        over = members.is_empty();
    }
}

proptest! {
    #[test]
    fn barrier(size in 0..5usize, steps in prop::collection::vec(step(), 1..60)) {
        barrier_of(size, steps);
    }

    #[test]
    fn wait_group(steps in prop::collection::vec(step(), 1..60)) {
        group_of(steps);
    }
}
