//! `block_scope`: tasks that borrow, in parallel, while the caller blocks.
//!
//! # Life cycle
//!
//! [`block_scope_on`] calls the closure, which spawns tasks; then it waits for them
//! by the means it was given, which may run tasks meanwhile; then, whatever became of
//! that, it sleeps until each task's [`Token`] has been dropped. Only then does it
//! return or unwind.
//!
//! # Invariants
//!
//! 1. A task's future is a [`Guarded`], whose last field is a `Token`. What came
//!    before it, the user's future and the slot for its output, has been dropped when
//!    the token is. After that only memory is freed, and nothing looks into it.
//! 2. `Gate::running` counts the tokens. `block_scope_on` leaves its frame only when it
//!    is zero and the closure has returned, so that nobody is left who could spawn: a
//!    `&BlockScope` is held by the closure and by tasks, and no longer than `'scope`.
//! 3. A task that its executor leaks keeps its token, and the call never returns. So
//!    soundness asks nothing of the executor or of the means by which we wait.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::mem;
use std::panic::{Location, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sinew_core::leaf::{self, Kind, Wait};

use self::slot::Slot;
use self::task::{Ending, Guarded, Token};
use crate::scope::{Payload, guarded};
use crate::{AbortHandle, Builder, Schedule};

mod slot;
mod task;

/// How a thread waits for a future: [`sinew_core::block_on`] or a runtime's.
pub type BlockOn = fn(Pin<&mut dyn Future<Output = ()>>);

/// Counts the tasks, and keeps what concerns all of them.
pub(crate) struct Gate {
    state: Mutex<State>,
    empty: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    waker: Option<Waker>,
    /// Of the tasks that may still run; of the others sometimes too.
    aborts: Vec<AbortHandle>,
    /// The first panic that nobody has been given.
    panic: Option<Payload>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>) -> Token {
        self.state().running += 1;
        Token::new(self.clone())
    }

    fn leave(&self) {
        let waker = {
            let mut state = self.state();
            state.running -= 1;
            if state.running > 0 {
                return;
            }
            self.empty.notify_all();
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Keeps a panic that nobody has been given; the first one.
    fn keep(&self, payload: Payload) {
        let lost = {
            let mut state = self.state();
            match state.panic {
                Some(_) => Some(payload),
                None => state.panic.replace(payload),
            }
        };
        drop(lost);
    }

    /// Gives up one of the two ends of a slot. With the other gone too, a panic that
    /// was left in it is kept for the scope.
    fn give_up<T>(&self, slot: Arc<Slot<Result<T, BlockError>>>) {
        let value = Arc::into_inner(slot).and_then(Slot::into_value);
        if let Some(Err(BlockError::Panic(payload))) = value {
            self.keep(payload);
        }
    }

    fn remember(&self, abort: AbortHandle) {
        let mut state = self.state();
        let State {
            aborts, running, ..
        } = &mut *state;
        // Swept when it has doubled: the work of it is shared by those who came since.
        let gone = if aborts.len() > 2 * *running + 16 {
            let (left, gone) = mem::take(aborts)
                .into_iter()
                .partition(|abort| !abort.is_finished());
            *aborts = left;
            gone
        } else {
            Vec::new()
        };
        aborts.push(abort);
        drop(state);
        drop::<Vec<_>>(gone);
    }

    fn abort_all(&self) {
        let aborts = mem::take(&mut self.state().aborts);
        for abort in aborts {
            abort.abort();
        }
    }

    fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.running == 0 {
            return Poll::Ready(());
        }
        let old = state.waker.replace(cx.waker().clone());
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Sleeps until no task is left.
    fn sleep_until_empty(&self) {
        let mut state = self.state();
        while state.running > 0 {
            state = self
                .empty
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What the closure of a [`block_scope_on`] spawns its tasks on.
pub struct BlockScope<'scope, 'env: 'scope> {
    gate: Arc<Gate>,
    scheduler: Arc<dyn Schedule>,
    block_on: BlockOn,
    // Invariant lifetimes, as in `std::thread::Scope`.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> BlockScope<'scope, '_> {
    /// Spawns a task that may borrow what lives around the scope. It runs wherever the
    /// scope's executor runs tasks, in parallel to the closure.
    #[track_caller]
    pub fn spawn<F>(&'scope self, future: F) -> BlockHandle<'scope, F::Output>
    where
        F: Future + Send + 'scope,
        F::Output: Send + 'scope,
    {
        let slot = Arc::new(Slot::new());
        let guarded = Guarded::new(future, Ending::new(slot.clone(), self.gate.enter()));
        let guarded: Pin<Box<dyn Future<Output = ()> + Send + 'scope>> = Box::pin(guarded);
        // SAFETY: only the lifetime changes. By invariants 1 and 2 what lives for
        // `'scope` has been dropped before the frame of `block_scope_on` is left, from
        // which `self` is borrowed for `'scope`.
        let guarded = unsafe {
            mem::transmute::<
                Pin<Box<dyn Future<Output = ()> + Send + 'scope>>,
                Pin<Box<dyn Future<Output = ()> + Send + 'static>>,
            >(guarded)
        };
        let location = Location::caller();
        let task = Builder::new()
            .location(location)
            .spawn_on_ref(&self.scheduler, guarded);
        self.gate.remember(task.abort_handle());
        BlockHandle {
            slot: Some(slot),
            gate: self.gate.clone(),
            block_on: self.block_on,
            location,
            scope: PhantomData,
        }
    }

    /// Aborts all tasks: each is dropped when it would be polled next.
    pub fn abort_all(&self) {
        self.gate.abort_all();
    }
}

impl fmt::Debug for BlockScope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockScope")
            .field("running", &self.gate.state().running)
            .finish_non_exhaustive()
    }
}

/// Calls `f`, which may spawn tasks on `scheduler` that borrow from around the call,
/// and returns when `f` and all tasks have ended.
///
/// `block_on` is how this thread waits: it may run tasks meanwhile. In a program with
/// a runtime use `block_scope` of `sinew-runtime`, which knows both.
///
/// ```
/// # use sinew_task::{Runnable, Schedule, block_scope_on};
/// # use std::sync::Arc;
/// struct Threads;
/// impl Schedule for Threads {
///     fn schedule(&self, task: Runnable) {
///         std::thread::spawn(move || task.run());
///     }
/// }
///
/// let numbers = [1, 2, 3, 4];
/// let (left, right) = numbers.split_at(2);
/// let sum = block_scope_on(Arc::new(Threads), |future| sinew_core::block_on(future), |s| {
///     let left = s.spawn(async { left.iter().sum::<i32>() });
///     let right = s.spawn(async { right.iter().sum::<i32>() });
///     left.join().unwrap() + right.join().unwrap()
/// });
/// assert_eq!(sum, 10);
/// ```
///
/// # Panics
///
/// If `f` panics: the tasks are aborted, and when all have ended the panic goes on. If
/// a task panics and its handle was not joined: when all have ended.
pub fn block_scope_on<'env, T, F>(scheduler: Arc<dyn Schedule>, block_on: BlockOn, f: F) -> T
where
    F: for<'scope> FnOnce(&'scope BlockScope<'scope, 'env>) -> T,
{
    let scope = BlockScope {
        gate: Arc::new(Gate {
            state: Mutex::default(),
            empty: Condvar::new(),
        }),
        scheduler,
        block_on,
        scope: PhantomData,
        env: PhantomData,
    };
    let result = guarded(|| f(&scope));
    if result.is_err() {
        scope.gate.abort_all();
    }
    let waited = guarded(|| {
        let mut empty = pin!(poll_fn(|cx| scope.gate.poll_empty(cx)));
        block_on(empty.as_mut());
    });
    if waited.is_err() {
        scope.gate.abort_all();
    }
    // However the wait went, and before anything is looked at: invariant 2.
    scope.gate.sleep_until_empty();
    let panic = scope.gate.state().panic.take();
    match (result, waited, panic) {
        (Err(payload), _, _) | (Ok(_), Err(payload), _) | (Ok(_), Ok(()), Some(payload)) => {
            resume_unwind(payload)
        }
        (Ok(output), Ok(()), None) => output,
    }
}

/// A task of a [`block_scope_on`] gave no output.
#[derive(Debug)]
#[non_exhaustive]
pub enum BlockError {
    /// It was aborted, or dropped by its executor.
    Cancelled,
    /// It panicked, with this.
    Panic(Payload),
}

impl std::error::Error for BlockError {}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BlockError::Cancelled => "a task of a block_scope was cancelled",
            BlockError::Panic(_) => "a task of a block_scope panicked",
        })
    }
}

/// The output of a task of a [`block_scope_on`], by [`join`](Self::join), or by
/// awaiting it in another task of the scope. Dropped, it lets the task go on.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe: the output stays until a poll takes it.
///
/// # Panics
///
/// Polling the handle again after it gave the output.
pub struct BlockHandle<'scope, T> {
    /// `None` while it is being dropped.
    slot: Option<Arc<Slot<Result<T, BlockError>>>>,
    gate: Arc<Gate>,
    block_on: BlockOn,
    location: &'static Location<'static>,
    scope: PhantomData<&'scope ()>,
}

impl<T> BlockHandle<'_, T> {
    /// Blocks until the task has ended.
    ///
    /// # Errors
    ///
    /// If the task panicked or was cancelled.
    pub fn join(mut self) -> Result<T, BlockError> {
        let mut result = None;
        let block_on = self.block_on;
        {
            let mut wait = pin!(async {
                result = Some((&mut self).await);
            });
            block_on(wait.as_mut());
        }
        // A `BlockOn` that returns early has waited for nothing.
        result.unwrap_or(Err(BlockError::Cancelled))
    }
}

impl<T> Future for BlockHandle<'_, T> {
    type Output = Result<T, BlockError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(slot) = &self.slot else {
            unreachable!("a handle that is being dropped is not polled")
        };
        match slot.poll(cx) {
            Poll::Ready(output) => Poll::Ready(output),
            Poll::Pending => leaf::pending(&Wait {
                kind: Kind::Task,
                resource: 0,
                location: self.location,
            }),
        }
    }
}

impl<T> Drop for BlockHandle<'_, T> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.gate.give_up(slot);
        }
    }
}

impl<T> fmt::Debug for BlockHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockHandle")
            .field("spawned_at", &format_args!("{}", self.location))
            .finish_non_exhaustive()
    }
}
