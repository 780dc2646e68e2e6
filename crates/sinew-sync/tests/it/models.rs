//! Locks and signals against models that are obviously right: random steps, and after
//! each of them both must say the same. The channels' models are beside their code.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use sinew_testing::task::{Spawn, spawn};

mod cells;
mod locks;
mod meetings;
mod rwlock;
mod signals;
mod tokens;

type BoxFuture<R> = Pin<Box<dyn Future<Output = R>>>;

/// Names a future for the model.
type Id = u32;

/// Futures that have begun and are not done.
struct Tasks<R> {
    tasks: Vec<(Id, Spawn<BoxFuture<R>>)>,
    next: Id,
}

/// What a poll of one of the [`Tasks`] has shown.
struct Polled<R> {
    id: Id,
    /// Whether it had been woken since the poll before.
    woken: bool,
    output: Poll<R>,
}

impl<R> Tasks<R> {
    fn new() -> Tasks<R> {
        Tasks {
            tasks: Vec::new(),
            next: 0,
        }
    }

    /// Adds a future that has not been polled.
    fn add(&mut self, future: BoxFuture<R>) -> Id {
        self.next += 1;
        self.tasks.push((self.next, spawn(future)));
        self.next
    }

    /// Adds a future and polls it once.
    fn start(&mut self, future: BoxFuture<R>) -> Polled<R> {
        self.add(future);
        self.poll(self.tasks.len() - 1).expect("just added")
    }

    /// Polls one, if there are so many. One that is done is dropped.
    fn poll(&mut self, at: usize) -> Option<Polled<R>> {
        let (id, task) = self.tasks.get_mut(at)?;
        let (id, woken) = (*id, task.is_woken());
        let output = task.poll();
        if output.is_ready() {
            drop(self.tasks.remove(at));
        }
        Some(Polled { id, woken, output })
    }

    /// Drops one, if there are so many.
    fn drop(&mut self, at: usize) -> Option<Id> {
        (at < self.tasks.len()).then(|| self.tasks.remove(at).0)
    }
}

/// A reference that lasts for the futures of one case, which are `'static`.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Takes `id` out of a queue; whether it was there.
fn take_out<T>(queue: &mut Vec<T>, is_it: impl Fn(&T) -> bool) -> Option<T> {
    let at = queue.iter().position(is_it)?;
    Some(queue.remove(at))
}
