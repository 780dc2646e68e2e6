//! `scope`: children that borrow, concurrent inside of one task.
//!
//! # Why a scope is what it is
//!
//! Of three things a scope can have two: children that run in *parallel*, children
//! that *borrow* from the caller, and a caller that is *async*. Rust lets any future
//! be leaked: `mem::forget` runs no destructor. An async scope whose children ran on
//! other threads could be leaked in the middle, its caller would return, and the
//! children would go on with references to a stack that is gone. So there are three:
//!
//! | | parallel | borrows | async | leaked, it |
//! |---|---|---|---|---|
//! | [`scope`] | no | yes | yes | is never polled again, and so are its children |
//! | `Nursery`, in `sinew-runtime` | yes | no | yes | leaves tasks running that own all they use |
//! | [`block_scope_on`](crate::block_scope_on) | yes | yes | no | cannot be: it is no value but a call |
//!
//! Refused was the fourth, a parallel, borrowing and async scope, in each of its
//! disguises: one that blocks in its destructor is unsound when leaked, and blocks a
//! worker when not; one that is an `unsafe fn` moves the proof to every caller.
//!
//! # State
//!
//! A [`Scoped`] owns the [`Scope`], which the body and the children refer to, in a box.
//! The body is the first of the children. Each child is a cell of its own with its
//! future, its waker and its output (`cell`), and in the lists of the `Queue`.
//!
//! Body and children are futures that are `Send`, and `Scoped` names no type of theirs.
//! If it did, the compiler could not show for a task that awaits a scope that it is
//! `Send`: it would have to prove the closure's signature anew with lifetimes that it
//! has forgotten ("implementation of `AsyncFnOnce` is not general enough").
//!
//! # Invariants
//!
//! 1. The future of the body or a child lives for `'scope` at least, which is `'env`
//!    as far as the borrow checker is told: what it refers to is outside of the scope,
//!    or the `Scope` in its box. The body must be good for every `'scope`, so it
//!    cannot let the reference to the `Scope` out, and a child cannot borrow from the
//!    body. The lifetime is erased when the future is put into its cell.
//! 2. These futures are polled and dropped by `poll_children` and `drop_children` and
//!    nowhere else, which takes a `&mut Scoped`. Dropping `Scoped` drops all of them,
//!    also those that destructors spawn meanwhile; later ones are dropped where they
//!    are spawned. The box of the `Scope` goes after that. A cell that outlives this,
//!    because a waker does, holds memory and nothing that has a destructor.
//! 3. `Scoped` has `'env` in its type and a destructor, so it is dropped while what is
//!    borrowed is alive. If it is leaked instead, nobody polls its futures any more.
//! 4. Whoever uses the `Scope` or a [`ScopedHandle`], whose types have `'scope` in them,
//!    does so in the call that makes the body, in a poll of a child, or while a child or
//!    the scope is dropped: by 1 there is no other place where such a value could be.
//!    Other threads can have it only meanwhile, and the poll waits for them, as
//!    `std::thread::scope` makes it. So nobody uses a handle while its child ends: that
//!    happens in another part of the same thread's work, or in another poll. Nor does a
//!    handle or the child keep a reference to what they share while foreign code runs.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread;

pub(crate) use self::children::guarded;

use self::deliver::{Deliver, Fallible, Plain};
use self::queue::{Queue, Sent};

mod cell;
mod children;
mod deliver;
mod handle;
mod queue;
mod state;

pub use self::handle::ScopedHandle;

/// What a panic leaves.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Why a scope ends before its time.
enum Failure<E> {
    Error(E),
    Panic(Payload),
}

/// What the body of a [`scope`] spawns its children on.
///
/// `'scope` is the life of the scope, for which children live, and `'env` that of
/// what they may borrow from around it. `E` is the error that ends a [`try_scope`].
pub struct Scope<'scope, 'env: 'scope, E = Infallible> {
    queue: Arc<Queue>,
    /// Whether there is a failure, without the lock.
    failed: AtomicBool,
    /// The first error or panic.
    failure: Mutex<Option<Failure<E>>>,
    // Invariant lifetimes: neither may be shortened, or children could be given
    // something that lives for less.
    scope: PhantomData<fn(&'scope ()) -> &'scope ()>,
    env: PhantomData<fn(&'env ()) -> &'env ()>,
}

impl<'scope, E> Scope<'scope, '_, E> {
    fn new() -> Self {
        Scope {
            queue: Arc::new(Queue::new()),
            failed: AtomicBool::new(false),
            failure: Mutex::new(None),
            scope: PhantomData,
            env: PhantomData,
        }
    }

    /// Starts a child. It is polled for the first time when the body is next
    /// pending or has ended, and may itself spawn.
    ///
    /// The handle gives its output. Dropping the handle does nothing to the child:
    /// the scope waits for it.
    #[track_caller]
    pub fn spawn<F>(&'scope self, future: F) -> ScopedHandle<'scope, F::Output>
    where
        F: Future + Send + 'scope,
        F::Output: Send + 'scope,
    {
        self.start(future, Plain)
    }

    /// Starts a child whose error ends the [`try_scope`]: the body and the other
    /// children are dropped, and the error is what the scope gives. If there is none,
    /// the handle gives what is in the child's `Ok`.
    #[track_caller]
    pub fn try_spawn<F, T>(&'scope self, future: F) -> ScopedHandle<'scope, T>
    where
        F: Future<Output = Result<T, E>> + Send + 'scope,
        T: Send + 'scope,
        E: Send + 'scope,
    {
        self.start(future, Fallible(self))
    }

    /// Makes a child, whose lifetime nobody knows from here on: invariants 1 to 3.
    #[track_caller]
    fn start<F, D>(&'scope self, future: F, deliver: D) -> ScopedHandle<'scope, D::Value>
    where
        F: Future + Send + 'scope,
        D: Deliver<F::Output> + 'scope,
    {
        let owner = self.queue.as_owner();
        let output = cell::allocate(&self.queue, future, deliver, owner.is_none());
        let child = output.cast();
        // SAFETY: the handle below holds it.
        let cell = unsafe { queue::header(child) };
        let handle = ScopedHandle::new(output);
        match owner {
            Some(owner) => owner.add(cell, child),
            None if self.queue.send(cell, child) == Sent::Refused => {
                // SAFETY: no queue has it, and nobody polls it.
                unsafe { cell::drop_future(child) };
                cell.state.not_sent();
                let last = cell.state.disown();
                debug_assert!(!last, "the handle is alive");
            }
            None => {}
        }
        handle
    }
}

impl<E> Scope<'_, '_, E> {
    fn failure(&self) -> MutexGuard<'_, Option<Failure<E>>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what went wrong. The first counts, but a panic comes before an error:
    /// one in a destructor, while the rest is dropped, is not to be lost.
    fn fail(&self, failure: Failure<E>) {
        let lost = {
            let mut first = self.failure();
            match (&*first, &failure) {
                (None, _) | (Some(Failure::Error(_)), Failure::Panic(_)) => first.replace(failure),
                _ => Some(failure),
            }
        };
        // Relaxed: read by the thread that polls, in whose polls children fail.
        self.failed.store(true, Ordering::Relaxed);
        // Its destructor may run any code: not under the lock.
        drop(lost);
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl<E> fmt::Debug for Scope<'_, '_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("failed", &self.has_failed())
            .finish_non_exhaustive()
    }
}

/// The body of a [`scope`]: an async closure that is given the [`Scope`], and whose
/// future is `Send`. Implemented for all of those.
///
/// `Implied` tells the compiler, by being a type, that `'env` and `E` outlive `'scope`.
/// As conditions they would have to hold for every `'scope`, which only `'static` does.
pub trait ScopeBody<'scope, 'env, E, O, Implied = &'scope (&'env (), E)> {
    /// What calling it gives.
    type Future: Future<Output = O> + Send;

    /// Calls it.
    fn begin(self, scope: &'scope Scope<'scope, 'env, E>) -> Self::Future;
}

impl<'scope, 'env, E, O, F, B> ScopeBody<'scope, 'env, E, O, &'scope (&'env (), E)> for F
where
    F: FnOnce(&'scope Scope<'scope, 'env, E>) -> B,
    B: Future<Output = O> + Send,
{
    type Future = B;

    fn begin(self, scope: &'scope Scope<'scope, 'env, E>) -> B {
        self(scope)
    }
}

/// Runs `body` and the children that it spawns, concurrently in the caller's task,
/// and ends when all of them have.
///
/// Children may borrow whatever lives around the call, and not what is inside of
/// `body`. They are polled also while `body` is pending. Nothing outlives the call:
/// dropping the future drops the body and all children where they are. They run
/// beside each other but not in parallel: of *parallel*, *borrowing* and *async* a
/// scope can have two. `block_scope` is parallel and borrows; a `Nursery` is parallel
/// and async. All three at once would be unsound, because a future can be leaked
/// while its children run on.
///
/// A scope whose children may fail is [`try_scope`].
///
/// ```
/// use sinew_task::scope;
///
/// # sinew_core::block_on(async {
/// let words = ["to", "be", "or", "not"];
/// let total = scope(async |s| {
///     let first = s.spawn(async { words[..2].concat() });
///     let second = s.spawn(async { words[2..].concat() });
///     first.await + &second.await
/// })
/// .await;
/// assert_eq!(total, "tobeornot");
/// # });
/// ```
///
/// # Panics
///
/// If the body or a child panics: the rest are dropped first, then the panic goes on.
///
/// # Cancel safety
///
/// Dropping the future drops the body and the children at the point they are at.
/// What they have done is done; what they hold is lost with them.
#[track_caller]
pub fn scope<'env, T, F>(body: F) -> Scoped<'env, T>
where
    // The first bound tells the compiler what the closure's argument is.
    F: for<'scope> AsyncFnOnce(&'scope Scope<'scope, 'env>) -> T,
    F: for<'scope> ScopeBody<'scope, 'env, Infallible, T> + 'env,
    T: Send + 'env,
{
    let mut scoped = Scoped::new();
    let scope = scoped.for_children();
    scoped.output = Some(scope.start(body.begin(scope), Plain));
    scoped
}

/// As [`scope`], for a body that may fail and children that may.
///
/// The first error, of the body or of a child spawned by
/// [`try_spawn`](Scope::try_spawn), drops all the others and is given back.
///
/// ```
/// use sinew_task::try_scope;
///
/// # sinew_core::block_on(async {
/// let numbers = ["1", "2", "three"];
/// let result: Result<(), _> = try_scope(async |s| {
///     for number in &numbers {
///         drop(s.try_spawn(async move { number.parse::<u32>() }));
///     }
///     // The error ends the scope; else this would wait for ever.
///     std::future::pending().await
/// })
/// .await;
/// assert!(result.is_err());
/// # });
/// ```
///
/// # Errors
///
/// The first error of the body or a child.
///
/// # Panics
///
/// As [`scope`].
///
/// # Cancel safety
///
/// As of [`scope`].
#[track_caller]
pub fn try_scope<'env, T, E, F>(body: F) -> TryScoped<'env, T, E>
where
    F: for<'scope> AsyncFnOnce(&'scope Scope<'scope, 'env, E>) -> Result<T, E>,
    F: for<'scope> ScopeBody<'scope, 'env, E, Result<T, E>> + 'env,
    T: Send + 'env,
    E: Send + 'env,
{
    let mut scoped = Scoped::new();
    let scope = scoped.for_children();
    scoped.output = Some(scope.start(body.begin(scope), Fallible(scope)));
    TryScoped { scoped }
}

/// The future of a [`scope`].
#[must_use = "futures do nothing unless polled"]
pub struct Scoped<'env, T, E = Infallible> {
    /// The body's. `None` until there is a body.
    output: Option<ScopedHandle<'env, T>>,
    /// Made of a box, which is dropped after the children, who refer to it: invariant 2.
    scope: NonNull<Scope<'env, 'env, E>>,
}

// SAFETY: the children, which are in the scope's queue, are `Send`; so is the rest.
unsafe impl<T: Send, E: Send> Send for Scoped<'_, T, E> {}

/// The future of a [`try_scope`].
#[must_use = "futures do nothing unless polled"]
pub struct TryScoped<'env, T, E> {
    scoped: Scoped<'env, T, E>,
}

impl<'env, T, E> Scoped<'env, T, E> {
    fn new() -> Self {
        Scoped {
            output: None,
            scope: NonNull::from(Box::leak(Box::new(Scope::new()))),
        }
    }

    /// The scope, as its children see it.
    fn for_children(&self) -> &'env Scope<'env, 'env, E>
    where
        E: 'env,
    {
        // SAFETY: it is dropped by our destructor, and lives as long as all that is
        // given this reference: invariants 1 and 2.
        unsafe { self.scope.as_ref() }
    }

    fn scope(&self) -> &Scope<'env, 'env, E> {
        // SAFETY: it is dropped by our destructor.
        unsafe { self.scope.as_ref() }
    }

    /// Drops the children, and gives what has gone wrong.
    fn end(&mut self) -> Option<Failure<E>> {
        // SAFETY: we have it for ourselves.
        unsafe { self.scope().drop_children() };
        self.scope().failure().take()
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        // SAFETY: we have it for ourselves.
        ready!(unsafe { self.scope().poll_children(cx) });
        match self.end() {
            Some(Failure::Panic(payload)) => resume_unwind(payload),
            Some(Failure::Error(error)) => Poll::Ready(Err(error)),
            None => match self.output.as_mut().and_then(ScopedHandle::take) {
                Some(output) => Poll::Ready(Ok(output)),
                None => panic!("a scope was polled after it ended"),
            },
        }
    }
}

// Nothing in it is pinned by it: the futures are in boxes of their own.
impl<T, E> Unpin for Scoped<'_, T, E> {}
impl<T, E> Unpin for TryScoped<'_, T, E> {}

impl<T> Future for Scoped<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match ready!(self.poll_end(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(never) => match never {},
        }
    }
}

impl<T, E> Future for TryScoped<'_, T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.scoped.poll_end(cx)
    }
}

impl<T, E> Drop for Scoped<'_, T, E> {
    fn drop(&mut self) {
        let failure = self.end();
        // SAFETY: made by `new` of a box, and dropped here only. All that referred to it
        // has been dropped just now, and of what is spawned later there is nobody left.
        drop(unsafe { Box::from_raw(self.scope.as_ptr()) });
        if let Some(Failure::Panic(payload)) = failure {
            // A destructor has panicked. In the middle of another panic this one
            // cannot go on, and the panic hook has told of it.
            if !thread::panicking() {
                resume_unwind(payload);
            }
        }
    }
}

impl<T, E> fmt::Debug for Scoped<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped")
            .field("failed", &self.scope().has_failed())
            .finish_non_exhaustive()
    }
}

impl<T, E> fmt::Debug for TryScoped<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryScoped")
            .field("failed", &self.scoped.scope().has_failed())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
