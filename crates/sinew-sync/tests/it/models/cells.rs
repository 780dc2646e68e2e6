//! Values that are set once.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use proptest::prelude::*;
use sinew_sync::{OnceCell, SetError, SetOnce};

use super::{Id, Polled, Tasks, leak, take_out};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Asks for the value: computes it, or waits for it.
    Ask,
    Poll(usize),
    Drop(usize),
    Set,
    /// What the next poll of a computation ends with.
    Outcome(Result<u32, ()>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Ask),
        8 => (0..5usize).prop_map(Step::Poll),
        4 => (0..5usize).prop_map(Step::Drop),
        1 => Just(Step::Set),
        1 => Just(Step::Outcome(Ok(7))),
        3 => Just(Step::Outcome(Err(()))),
    ]
}

type Value = Result<&'static u32, ()>;

struct Once {
    cell: &'static OnceCell<u32>,
    outcome: Rc<Cell<Option<Result<u32, ()>>>>,
    tasks: Tasks<Value>,
    // What should be so:
    value: Option<u32>,
    /// Who computes, or may begin to.
    computing: Option<Id>,
    queue: Vec<Id>,
}

impl Once {
    fn new() -> Once {
        Once {
            cell: leak(OnceCell::new()),
            outcome: Rc::default(),
            tasks: Tasks::new(),
            value: None,
            computing: None,
            queue: Vec::new(),
        }
    }

    /// Nobody computes any more; the next in line may.
    fn give_up(&mut self) {
        self.computing = (!self.queue.is_empty()).then(|| self.queue.remove(0));
    }

    fn ask(&mut self) {
        let (cell, outcome) = (self.cell, self.outcome.clone());
        let compute = move || {
            poll_fn(move |_| match outcome.take() {
                Some(outcome) => Poll::Ready(outcome),
                None => Poll::Pending,
            })
        };
        let outcome = self.outcome.get();
        let polled = self.tasks.start(Box::pin(cell.get_or_try_init(compute)));
        if self.value.is_none() {
            match self.computing {
                None => self.computing = Some(polled.id),
                Some(_) => self.queue.push(polled.id),
            }
        }
        self.check(polled, outcome);
    }

    fn check(&mut self, polled: Polled<Value>, outcome: Option<Result<u32, ()>>) {
        let Polled { id, output, .. } = polled;
        match (self.value, outcome) {
            (Some(value), _) => assert_eq!(output, Poll::Ready(Ok(&value))),
            (None, Some(outcome)) if self.computing == Some(id) => {
                assert_eq!(output.map_ok(|value| *value), Poll::Ready(outcome));
                match outcome {
                    Ok(value) => {
                        (self.value, self.computing) = (Some(value), None);
                        self.queue.clear();
                    }
                    Err(()) => self.give_up(),
                }
            }
            (None, _) => assert!(output.is_pending()),
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Ask => self.ask(),
            Step::Poll(at) => {
                let outcome = self.outcome.get();
                if let Some(polled) = self.tasks.poll(at) {
                    self.check(polled, outcome);
                }
            }
            Step::Drop(at) => {
                let Some(id) = self.tasks.drop(at) else {
                    return;
                };
                take_out(&mut self.queue, |queued| *queued == id);
                if self.computing == Some(id) {
                    self.give_up();
                }
            }
            Step::Set => {
                let expected = match (self.value, self.computing) {
                    (Some(_), _) => Err(SetError::AlreadyInitializedError(3)),
                    (None, Some(_)) => Err(SetError::InitializingError(3)),
                    (None, None) => {
                        self.value = Some(3);
                        Ok(())
                    }
                };
                assert_eq!(self.cell.set(3), expected);
            }
            Step::Outcome(outcome) => self.outcome.set(Some(outcome)),
        }
        assert_eq!(self.cell.get().copied(), self.value);
    }
}

fn set_once_of(steps: Vec<Step>) {
    let cell: &'static SetOnce<u32> = leak(SetOnce::new());
    let mut tasks = Tasks::<&u32>::new();
    let mut value = None;
    let expected = |value: Option<&'static u32>| value.map_or(Poll::Pending, Poll::Ready);
    for step in steps {
        match step {
            Step::Ask => {
                let polled = tasks.start(Box::pin(cell.wait()));
                assert_eq!(polled.output, expected(value));
            }
            Step::Poll(at) => {
                if let Some(polled) = tasks.poll(at) {
                    assert!(polled.woken || value.is_none());
                    assert_eq!(polled.output, expected(value));
                }
            }
            Step::Drop(at) => drop(tasks.drop(at)),
            Step::Set | Step::Outcome(_) => {
                assert_eq!(cell.set(3).is_ok(), value.is_none());
                value = Some(&3);
            }
        }
        assert_eq!(cell.get(), value);
    }
}

proptest! {
    #[test]
    fn once_cell(steps in prop::collection::vec(step(), 1..60)) {
        let mut run = Once::new();
        steps.into_iter().for_each(|step| run.step(step));
    }

    #[test]
    fn set_once(steps in prop::collection::vec(step(), 1..30)) {
        set_once_of(steps);
    }
}
