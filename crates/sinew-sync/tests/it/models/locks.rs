//! Mutex and semaphore: both hand out in the order of asking.

use std::collections::BTreeMap;
use std::task::Poll;

use proptest::prelude::*;
use sinew_sync::{TryAcquireError, local};

use super::{BoxFuture, Id, Polled, Tasks, leak, take_out};

/// The two semaphores, and the two mutexes as semaphores of one permit.
trait Gate: 'static {
    fn make(permits: usize) -> Self;
    fn acquire(&'static self, n: u32) -> BoxFuture<Option<Box<dyn Held>>>;
    fn try_acquire(&'static self, n: u32) -> Result<Box<dyn Held>, TryAcquireError>;
    /// `None` where this cannot be asked.
    fn available(&self) -> Option<usize>;
    fn add(&self, _: usize) -> bool {
        false
    }
    fn forget(&self, _: usize) -> Option<usize> {
        None
    }
    fn close(&self) -> bool {
        false
    }
}

/// A permit or a guard of any kind.
trait Held {}
impl<T> Held for T {}

macro_rules! semaphore {
    ($semaphore:ty) => {
        impl Gate for $semaphore {
            fn make(permits: usize) -> Self {
                <$semaphore>::new(permits)
            }
            fn acquire(&'static self, n: u32) -> BoxFuture<Option<Box<dyn Held>>> {
                Box::pin(async move {
                    let permit = self.acquire_many(n).await.ok()?;
                    Some(Box::new(permit) as Box<dyn Held>)
                })
            }
            fn try_acquire(&'static self, n: u32) -> Result<Box<dyn Held>, TryAcquireError> {
                Ok(Box::new(self.try_acquire_many(n)?))
            }
            fn available(&self) -> Option<usize> {
                Some(self.available_permits())
            }
            fn add(&self, n: usize) -> bool {
                self.add_permits(n);
                true
            }
            fn forget(&self, n: usize) -> Option<usize> {
                Some(self.forget_permits(n))
            }
            fn close(&self) -> bool {
                <$semaphore>::close(self);
                true
            }
        }
    };
}

macro_rules! mutex {
    ($mutex:ty) => {
        impl Gate for $mutex {
            fn make(_: usize) -> Self {
                <$mutex>::new(())
            }
            fn acquire(&'static self, _: u32) -> BoxFuture<Option<Box<dyn Held>>> {
                Box::pin(async move { Some(Box::new(self.lock().await) as Box<dyn Held>) })
            }
            fn try_acquire(&'static self, _: u32) -> Result<Box<dyn Held>, TryAcquireError> {
                match self.try_lock() {
                    Ok(guard) => Ok(Box::new(guard)),
                    Err(_) => Err(TryAcquireError::NoPermits),
                }
            }
            fn available(&self) -> Option<usize> {
                None
            }
        }
    };
}

semaphore!(sinew_sync::Semaphore);
semaphore!(local::Semaphore);
mutex!(sinew_sync::Mutex<()>);
mutex!(local::Mutex<()>);

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(u32),
    Try(u32),
    Poll(usize),
    DropFuture(usize),
    DropPermit(usize),
    Add(usize),
    Forget(usize),
    Close,
}

fn step(most: u32) -> impl Strategy<Value = Step> {
    let n = if most == 1 { 1..=1 } else { 0..=most };
    prop_oneof![
        8 => n.clone().prop_map(Step::Ask),
        3 => n.prop_map(Step::Try),
        5 => (0..5usize).prop_map(Step::Poll),
        3 => (0..5usize).prop_map(Step::DropFuture),
        8 => (0..5usize).prop_map(Step::DropPermit),
        2 => (0..4usize).prop_map(Step::Add),
        1 => (0..4usize).prop_map(Step::Forget),
        1 => Just(Step::Close),
    ]
}

/// One that waits, or was served and has not looked.
#[derive(Debug)]
struct Waiter {
    wanted: usize,
    needed: usize,
    closed: bool,
}

struct Permits<G: Gate> {
    gate: &'static G,
    tasks: Tasks<Option<Box<dyn Held>>>,
    held: Vec<(usize, Box<dyn Held>)>,
    // What should be so:
    permits: usize,
    closed: bool,
    queue: Vec<Id>,
    waiters: BTreeMap<Id, Waiter>,
}

impl<G: Gate> Permits<G> {
    fn new(permits: usize) -> Self {
        Permits {
            gate: leak(G::make(permits)),
            tasks: Tasks::new(),
            held: Vec::new(),
            permits,
            closed: false,
            queue: Vec::new(),
            waiters: BTreeMap::new(),
        }
    }

    /// `n` permits come back: first come, first served.
    fn give(&mut self, mut n: usize) {
        while let (Some(first), true) = (self.queue.first(), n > 0) {
            let waiter = self.waiters.get_mut(first).unwrap();
            let given = n.min(waiter.needed);
            waiter.needed -= given;
            n -= given;
            if waiter.needed == 0 {
                self.queue.remove(0);
            }
        }
        self.permits += n;
    }

    fn ask(&mut self, n: u32) {
        let wanted = n as usize;
        let Polled { id, output, .. } = self.tasks.start(self.gate.acquire(n));
        match output {
            Poll::Ready(None) => assert!(self.closed),
            Poll::Ready(Some(permit)) => {
                assert!(!self.closed && self.permits >= wanted);
                self.permits -= wanted;
                self.held.push((wanted, permit));
            }
            Poll::Pending => {
                assert!(!self.closed && self.permits < wanted);
                let needed = wanted - std::mem::take(&mut self.permits);
                self.queue.push(id);
                let closed = false;
                let waiter = Waiter {
                    wanted,
                    needed,
                    closed,
                };
                self.waiters.insert(id, waiter);
            }
        }
    }

    fn try_ask(&mut self, n: u32) {
        let wanted = n as usize;
        match self.gate.try_acquire(n) {
            Ok(permit) => {
                assert!(!self.closed && self.permits >= wanted);
                self.permits -= wanted;
                self.held.push((wanted, permit));
            }
            Err(TryAcquireError::Closed) => assert!(self.closed),
            Err(TryAcquireError::NoPermits) => assert!(!self.closed && self.permits < wanted),
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(Polled { id, woken, output }) = self.tasks.poll(at) else {
            return;
        };
        let Waiter {
            wanted,
            needed,
            closed,
        } = self.waiters[&id];
        match output {
            Poll::Pending => assert!(needed > 0 && !closed),
            Poll::Ready(permit) => {
                assert!(woken && (needed == 0 || closed));
                self.waiters.remove(&id);
                match permit {
                    Some(permit) => self.held.push((wanted, permit)),
                    None => self.give(wanted - needed),
                }
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Ask(n) => self.ask(n),
            Step::Try(n) => self.try_ask(n),
            Step::Poll(at) => self.poll(at),
            Step::DropFuture(at) => {
                let Some(id) = self.tasks.drop(at) else {
                    return;
                };
                take_out(&mut self.queue, |queued| *queued == id);
                let waiter = self.waiters.remove(&id).unwrap();
                self.give(waiter.wanted - waiter.needed);
            }
            Step::DropPermit(at) => {
                if at < self.held.len() {
                    let (n, permit) = self.held.remove(at);
                    drop(permit);
                    self.give(n);
                }
            }
            Step::Add(n) => {
                if self.gate.add(n) {
                    self.give(n);
                }
            }
            Step::Forget(n) => {
                if let Some(forgotten) = self.gate.forget(n) {
                    assert_eq!(forgotten, n.min(self.permits));
                    self.permits -= forgotten;
                }
            }
            Step::Close => {
                if self.gate.close() {
                    self.closed = true;
                    for id in self.queue.drain(..) {
                        self.waiters.get_mut(&id).unwrap().closed = true;
                    }
                }
            }
        }
        if let Some(available) = self.gate.available() {
            assert_eq!(available, self.permits);
        }
    }

    fn check(permits: usize, steps: Vec<Step>) {
        let mut run = Self::new(permits);
        steps.into_iter().for_each(|step| run.step(step));
    }
}

proptest! {
    #[test]
    fn semaphore(permits in 0..4usize, steps in prop::collection::vec(step(3), 1..60)) {
        Permits::<sinew_sync::Semaphore>::check(permits, steps);
    }

    #[test]
    fn local_semaphore(permits in 0..4usize, steps in prop::collection::vec(step(3), 1..60)) {
        Permits::<local::Semaphore>::check(permits, steps);
    }

    #[test]
    fn mutex(steps in prop::collection::vec(step(1), 1..60)) {
        Permits::<sinew_sync::Mutex<()>>::check(1, steps);
    }

    #[test]
    fn local_mutex(steps in prop::collection::vec(step(1), 1..60)) {
        Permits::<local::Mutex<()>>::check(1, steps);
    }
}
