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
//! A [`Scoped`] owns the [`Scope`], which the body and the children refer to, in a
//! box, and the [`Children`], of which the body is the first. A child is spawned into
//! `Shared::new`, taken from there by `Children`, and polled when its key comes out of
//! the queue of those woken.
//!
//! Body and children are boxed as futures that are `Send`, and `Scoped` names no type
//! of theirs. If it did, the compiler could not show for a task that awaits a scope
//! that it is `Send`: it would have to prove the closure's signature anew with
//! lifetimes that it has forgotten ("implementation of `AsyncFnOnce` is not general
//! enough").
//!
//! # Invariants
//!
//! 1. The future of the body or a child lives for `'scope` at least, which is `'env`
//!    as far as the borrow checker is told: what it refers to is outside of the scope,
//!    or the `Scope` in its box. The body must be good for every `'scope`, so it
//!    cannot let the reference to the `Scope` out, and a child cannot borrow from the
//!    body. The lifetime is erased when the future is put into `Shared::new`.
//! 2. These futures are in `Shared::new` or in `Children` and nowhere else, and polled
//!    by `Children` only, while `Scoped` is borrowed. Dropping `Scoped` drops all of
//!    them, also those that destructors spawn meanwhile; later ones are dropped where
//!    they are spawned. The box of the `Scope` goes after that.
//! 3. `Scoped` has `'env` in its type and a destructor, so it is dropped while what is
//!    borrowed is alive. If it is leaked instead, nobody polls its futures any more.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread;

pub(crate) use self::children::guarded;

use self::children::Children;
use self::slot::Slot;
use self::spawned::{Fallible, Plain, Spawned};

mod children;
pub(crate) mod slot;
mod spawned;

pub use self::slot::ScopedHandle;

/// What a panic leaves.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A child whose lifetime has been erased: see invariant 1.
type Child = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why a scope ends before its time.
enum Failure<E> {
    Error(E),
    Panic(Payload),
}

/// What the scope, its children and the one who polls them share.
struct Shared<E> {
    state: Mutex<State<E>>,
}

struct State<E> {
    /// Children that `Children` has not taken yet.
    new: Vec<Child>,
    /// The first error or panic.
    failure: Option<Failure<E>>,
    /// Nobody takes children any more.
    closed: bool,
}

impl<E> Shared<E> {
    fn state(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what went wrong. The first counts, but a panic comes before an error:
    /// one in a destructor, while the rest is dropped, is not to be lost.
    fn fail(&self, failure: Failure<E>) {
        let lost = {
            let mut state = self.state();
            match (&state.failure, &failure) {
                (None, _) | (Some(Failure::Error(_)), Failure::Panic(_)) => {
                    state.failure.replace(failure)
                }
                _ => Some(failure),
            }
        };
        // Its destructor may run any code: not under the lock.
        drop(lost);
    }

    fn add(&self, child: Child) {
        let refused = {
            let mut state = self.state();
            if state.closed {
                Some(child)
            } else {
                state.new.push(child);
                None
            }
        };
        // Its destructor may run any code: not under the lock.
        drop(refused);
    }
}

/// What the body of a [`scope`] spawns its children on.
///
/// `'scope` is the life of the scope, for which children live, and `'env` that of
/// what they may borrow from around it. `E` is the error that ends a [`try_scope`].
pub struct Scope<'scope, 'env: 'scope, E = Infallible> {
    shared: Arc<Shared<E>>,
    // Invariant lifetimes: neither may be shortened, or children could be given
    // something that lives for less.
    scope: PhantomData<fn(&'scope ()) -> &'scope ()>,
    env: PhantomData<fn(&'env ()) -> &'env ()>,
}

impl<'scope, E> Scope<'scope, '_, E> {
    fn new() -> Self {
        let state = State {
            new: Vec::new(),
            failure: None,
            closed: false,
        };
        Scope {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
            }),
            scope: PhantomData,
            env: PhantomData,
        }
    }

    /// Starts a child. It is polled for the first time when the body is next
    /// pending or has ended, and may itself spawn.
    ///
    /// The handle gives its output. Dropping the handle does nothing to the child:
    /// the scope waits for it.
    pub fn spawn<F>(&'scope self, future: F) -> ScopedHandle<'scope, F::Output>
    where
        F: Future + Send + 'scope,
        F::Output: Send + 'scope,
    {
        let slot = Arc::new(Slot::new());
        self.start(Spawned::new(future, Plain, slot.clone()));
        ScopedHandle::new(slot)
    }

    /// Starts a child whose error ends the [`try_scope`]: the body and the other
    /// children are dropped, and the error is what the scope gives. If there is none,
    /// the handle gives what is in the child's `Ok`.
    pub fn try_spawn<F, T>(&'scope self, future: F) -> ScopedHandle<'scope, T>
    where
        F: Future<Output = Result<T, E>> + Send + 'scope,
        T: Send + 'scope,
        E: Send + 'scope,
    {
        let slot = Arc::new(Slot::new());
        let fallible = Fallible(self.shared.clone());
        self.start(Spawned::new(future, fallible, slot.clone()));
        ScopedHandle::new(slot)
    }

    fn start(&self, child: impl Future<Output = ()> + Send + 'scope) {
        let child: Pin<Box<dyn Future<Output = ()> + Send + 'scope>> = Box::pin(child);
        // SAFETY: only the lifetime changes. By invariants 2 and 3 it is neither polled
        // nor dropped when `'scope` has ended.
        let child = unsafe {
            mem::transmute::<Pin<Box<dyn Future<Output = ()> + Send + 'scope>>, Child>(child)
        };
        self.shared.add(child);
    }
}

impl<E> fmt::Debug for Scope<'_, '_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.state();
        f.debug_struct("Scope")
            .field("new", &state.new.len())
            .field("failed", &state.failure.is_some())
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
    let scoped = Scoped::new();
    let scope = scoped.scope();
    scope.start(Spawned::new(
        body.begin(scope),
        Plain,
        scoped.output.clone(),
    ));
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
    let scoped = Scoped::new();
    let scope = scoped.scope();
    let fallible = Fallible(scope.shared.clone());
    scope.start(Spawned::new(
        body.begin(scope),
        fallible,
        scoped.output.clone(),
    ));
    TryScoped { scoped }
}

/// The future of a [`scope`].
#[must_use = "futures do nothing unless polled"]
pub struct Scoped<'env, T, E = Infallible> {
    children: Children<E>,
    output: Arc<Slot<T>>,
    /// Dropped after the children, which refer to it: invariant 2.
    scope: ManuallyDrop<Box<Scope<'env, 'env, E>>>,
}

/// The future of a [`try_scope`].
#[must_use = "futures do nothing unless polled"]
pub struct TryScoped<'env, T, E> {
    scoped: Scoped<'env, T, E>,
}

impl<'env, T, E> Scoped<'env, T, E> {
    fn new() -> Self {
        let scope = Box::new(Scope::new());
        Scoped {
            children: Children::new(scope.shared.clone()),
            output: Arc::new(Slot::new()),
            scope: ManuallyDrop::new(scope),
        }
    }

    /// The scope, as its children see it.
    fn scope(&self) -> &'env Scope<'env, 'env, E> {
        let scope: *const Scope<'env, 'env, E> = &**self.scope;
        // SAFETY: the box keeps its place. It lives as long as all that is given this
        // reference: invariants 1 and 2.
        unsafe { &*scope }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        ready!(self.children.poll_all(cx));
        self.children.drop_all();
        let failure = self.scope.shared.state().failure.take();
        match failure {
            Some(Failure::Panic(payload)) => resume_unwind(payload),
            Some(Failure::Error(error)) => Poll::Ready(Err(error)),
            None => match self.output.poll(cx) {
                Poll::Ready(output) => Poll::Ready(Ok(output)),
                Poll::Pending => unreachable!("the body has ended and left its output"),
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
        self.children.drop_all();
        let failure = self.scope.shared.state().failure.take();
        // SAFETY: it is not used again. All that referred to it has been dropped just
        // now, and what is spawned later, of which there is nobody left, is refused.
        unsafe { ManuallyDrop::drop(&mut self.scope) };
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
            .field("children", &self.children.len())
            .finish_non_exhaustive()
    }
}

impl<T, E> fmt::Debug for TryScoped<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryScoped")
            .field("children", &self.scoped.children.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
