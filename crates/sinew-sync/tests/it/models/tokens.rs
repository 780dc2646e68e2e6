//! A tree of cancellation tokens.

use std::task::Poll;

use proptest::prelude::*;
use sinew_sync::CancellationToken;

use super::{Id, Polled, Tasks};

#[derive(Clone, Copy, Debug)]
enum Step {
    Child(usize),
    Clone(usize),
    Cancel(usize),
    /// Drops a handle; the token's children stay in the tree.
    DropHandle(usize),
    Wait(usize),
    Poll(usize),
    DropWait(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..8usize;
    prop_oneof![
        8 => at.clone().prop_map(Step::Child),
        2 => at.clone().prop_map(Step::Clone),
        1 => at.clone().prop_map(Step::Cancel),
        5 => at.clone().prop_map(Step::DropHandle),
        5 => at.clone().prop_map(Step::Wait),
        3 => at.clone().prop_map(Step::Poll),
        3 => at.prop_map(Step::DropWait),
    ]
}

struct Tree {
    /// Each with the number of its token.
    handles: Vec<(usize, CancellationToken)>,
    tasks: Tasks<()>,
    // What should be so: of each token its parent, and whether it is cancelled.
    tokens: Vec<(Option<usize>, bool)>,
    waits: Vec<(Id, usize)>,
}

impl Tree {
    fn new() -> Tree {
        Tree {
            handles: vec![(0, CancellationToken::new())],
            tasks: Tasks::new(),
            tokens: vec![(None, false)],
            waits: Vec::new(),
        }
    }

    fn cancel(&mut self, token: usize) {
        self.tokens[token].1 = true;
        // Parents are older than their children.
        for child in token + 1..self.tokens.len() {
            if self.tokens[child]
                .0
                .is_some_and(|parent| self.tokens[parent].1)
            {
                self.tokens[child].1 = true;
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Child(at) => {
                if let Some((parent, handle)) = self.handles.get(at) {
                    self.tokens.push((Some(*parent), self.tokens[*parent].1));
                    let child = handle.child_token();
                    self.handles.push((self.tokens.len() - 1, child));
                }
            }
            Step::Clone(at) => self.handles.extend(self.handles.get(at).cloned()),
            Step::Cancel(at) => {
                if let Some((token, handle)) = self.handles.get(at) {
                    handle.cancel();
                    self.cancel(*token);
                }
            }
            Step::DropHandle(at) => {
                if at < self.handles.len() {
                    self.handles.remove(at);
                }
            }
            Step::Wait(at) => {
                if let Some((token, handle)) = self.handles.get(at).cloned() {
                    let polled = self.tasks.start(Box::pin(handle.cancelled_owned()));
                    assert_eq!(polled.output.is_ready(), self.tokens[token].1);
                    self.waits.push((polled.id, token));
                }
            }
            Step::Poll(at) => self.poll(at),
            Step::DropWait(at) => drop(self.tasks.drop(at)),
        }
        for (token, handle) in &self.handles {
            assert_eq!(handle.is_cancelled(), self.tokens[*token].1);
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(Polled { id, woken, output }) = self.tasks.poll(at) else {
            return;
        };
        let wait = self.waits.iter().find(|(waits, _)| *waits == id);
        let (_, cancelled) = self.tokens[wait.expect("it has begun").1];
        assert_eq!(
            output,
            if cancelled {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        );
        assert!(woken || !cancelled);
    }
}

proptest! {
    #[test]
    fn cancellation(steps in prop::collection::vec(step(), 1..80)) {
        let mut run = Tree::new();
        steps.into_iter().for_each(|step| run.step(step));
    }
}
