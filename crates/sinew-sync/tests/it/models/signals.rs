//! Notifications and condition variables.

use std::collections::BTreeMap;
use std::task::Poll;

use proptest::prelude::*;
use sinew_sync::{Condvar, Mutex, MutexGuard, local};

use super::{BoxFuture, Id, Polled, Tasks, leak, take_out};

/// The two kinds of `Notify`.
trait Notifies: Default + 'static {
    fn notified(&'static self) -> BoxFuture<()>;
    fn notify_one(&self);
    fn notify_last(&self);
    fn notify_waiters(&self);
}

macro_rules! notifies {
    ($notify:ty) => {
        impl Notifies for $notify {
            fn notified(&'static self) -> BoxFuture<()> {
                Box::pin(<$notify>::notified(self))
            }
            fn notify_one(&self) {
                <$notify>::notify_one(self);
            }
            fn notify_last(&self) {
                <$notify>::notify_last(self);
            }
            fn notify_waiters(&self) {
                <$notify>::notify_waiters(self);
            }
        }
    };
}

notifies!(sinew_sync::Notify);
notifies!(local::Notify);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    First,
    Last,
    All,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Make,
    Poll(usize),
    Drop(usize),
    Tell(Told),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Make),
        8 => (0..5usize).prop_map(Step::Poll),
        4 => (0..5usize).prop_map(Step::Drop),
        4 => Just(Step::Tell(Told::First)),
        2 => Just(Step::Tell(Told::Last)),
        2 => Just(Step::Tell(Told::All)),
    ]
}

struct Notifications<N: Notifies> {
    notify: &'static N,
    tasks: Tasks<()>,
    // What should be so:
    stored: bool,
    /// Those that were made and have not been polled.
    made: Vec<Id>,
    queue: Vec<Id>,
    told: BTreeMap<Id, Told>,
}

impl<N: Notifies> Notifications<N> {
    fn new() -> Self {
        Notifications {
            notify: leak(N::default()),
            tasks: Tasks::new(),
            stored: false,
            made: Vec::new(),
            queue: Vec::new(),
            told: BTreeMap::new(),
        }
    }

    fn tell(&mut self, told: Told) {
        let all = self.queue.len();
        let range = match told {
            Told::First => 0..all.min(1),
            Told::Last => all.saturating_sub(1)..all,
            Told::All => 0..all,
        };
        self.stored |= told != Told::All && range.is_empty();
        let reached: Vec<_> = self.queue.drain(range).collect();
        self.told.extend(reached.into_iter().map(|id| (id, told)));
        if told == Told::All {
            self.told.extend(self.made.drain(..).map(|id| (id, told)));
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(Polled { id, output, .. }) = self.tasks.poll(at) else {
            return;
        };
        let fresh = take_out(&mut self.made, |made| *made == id).is_some();
        let takes = fresh && std::mem::take(&mut self.stored);
        let told = self.told.remove(&id).is_some();
        assert_eq!(output.is_ready(), takes || told);
        if fresh && !takes {
            self.queue.push(id);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Make => {
                let id = self.tasks.add(self.notify.notified());
                self.made.push(id);
            }
            Step::Poll(at) => self.poll(at),
            Step::Drop(at) => {
                let Some(id) = self.tasks.drop(at) else {
                    return;
                };
                take_out(&mut self.made, |made| *made == id);
                let queued = take_out(&mut self.queue, |queued| *queued == id);
                if let (None, Some(told)) = (queued, self.told.remove(&id)) {
                    if told != Told::All {
                        self.tell(told);
                    }
                }
            }
            Step::Tell(told) => {
                match told {
                    Told::First => self.notify.notify_one(),
                    Told::Last => self.notify.notify_last(),
                    Told::All => self.notify.notify_waiters(),
                }
                self.tell(told);
            }
        }
    }

    fn check(steps: Vec<Step>) {
        let mut run = Self::new();
        steps.into_iter().for_each(|step| run.step(step));
    }
}

#[derive(Clone, Copy, Debug)]
enum CondvarStep {
    /// Begins to wait, if the mutex is free.
    Wait,
    Poll(usize),
    Drop(usize),
    One,
    All,
    Lock,
    Unlock,
}

fn condvar_step() -> impl Strategy<Value = CondvarStep> {
    prop_oneof![
        6 => Just(CondvarStep::Wait),
        8 => (0..5usize).prop_map(CondvarStep::Poll),
        4 => (0..5usize).prop_map(CondvarStep::Drop),
        4 => Just(CondvarStep::One),
        1 => Just(CondvarStep::All),
        3 => Just(CondvarStep::Lock),
        4 => Just(CondvarStep::Unlock),
    ]
}

type Guard = MutexGuard<'static, ()>;

struct Waits {
    condvar: &'static Condvar,
    mutex: &'static Mutex<()>,
    tasks: Tasks<Guard>,
    held: Option<Guard>,
    // What should be so:
    queue: Vec<Id>,
    /// Who has been told, and whether by `notify_one`.
    told: BTreeMap<Id, bool>,
    /// Who has been told and waits for the mutex.
    locking: Vec<Id>,
    /// To whom the mutex was handed, though he has not looked.
    handed: Option<Id>,
}

impl Waits {
    fn new() -> Waits {
        Waits {
            condvar: leak(Condvar::new()),
            mutex: leak(Mutex::new(())),
            tasks: Tasks::new(),
            held: None,
            queue: Vec::new(),
            told: BTreeMap::new(),
            locking: Vec::new(),
            handed: None,
        }
    }

    fn is_free(&self) -> bool {
        self.held.is_none() && self.handed.is_none()
    }

    fn notify(&mut self, n: usize, one: bool) {
        let n = n.min(self.queue.len());
        let reached: Vec<_> = self.queue.drain(..n).collect();
        self.told.extend(reached.into_iter().map(|id| (id, one)));
    }

    /// The mutex was let go.
    fn unlocked(&mut self) {
        self.handed = (!self.locking.is_empty()).then(|| self.locking.remove(0));
    }

    fn poll(&mut self, at: usize) {
        let Some(Polled { id, output, .. }) = self.tasks.poll(at) else {
            return;
        };
        if self.queue.contains(&id) || self.locking.contains(&id) {
            assert!(output.is_pending());
            return;
        }
        let gets_it = self.handed == Some(id) || self.is_free();
        assert_eq!(output.is_ready(), gets_it);
        match output {
            Poll::Pending => self.locking.push(id),
            Poll::Ready(guard) => {
                self.told.remove(&id);
                self.handed = None;
                self.held = Some(guard);
            }
        }
    }

    fn drop(&mut self, at: usize) {
        let Some(id) = self.tasks.drop(at) else {
            return;
        };
        take_out(&mut self.queue, |queued| *queued == id);
        take_out(&mut self.locking, |locking| *locking == id);
        if self.handed == Some(id) {
            self.unlocked();
        }
        // Told for nothing: it goes to the next.
        if let Some(one) = self.told.remove(&id) {
            self.notify(usize::from(one), true);
        }
    }

    fn step(&mut self, step: CondvarStep) {
        match step {
            CondvarStep::Wait => {
                if let Some(guard) = self.held.take() {
                    let polled = self.tasks.start(Box::pin(self.condvar.wait(guard)));
                    assert!(polled.output.is_pending());
                    self.queue.push(polled.id);
                    self.unlocked();
                }
            }
            CondvarStep::Poll(at) => self.poll(at),
            CondvarStep::Drop(at) => self.drop(at),
            CondvarStep::One => {
                self.condvar.notify_one();
                self.notify(1, true);
            }
            CondvarStep::All => {
                self.condvar.notify_all();
                self.notify(usize::MAX, false);
            }
            CondvarStep::Lock => {
                let guard = self.mutex.try_lock();
                assert_eq!(guard.is_ok(), self.is_free());
                if let Ok(guard) = guard {
                    self.held = Some(guard);
                }
            }
            CondvarStep::Unlock => {
                if self.held.take().is_some() {
                    self.unlocked();
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn notify(steps in prop::collection::vec(step(), 1..60)) {
        Notifications::<sinew_sync::Notify>::check(steps);
    }

    #[test]
    fn local_notify(steps in prop::collection::vec(step(), 1..60)) {
        Notifications::<local::Notify>::check(steps);
    }

    #[test]
    fn condvar(steps in prop::collection::vec(condvar_step(), 1..60)) {
        let mut run = Waits::new();
        steps.into_iter().for_each(|step| run.step(step));
    }
}
