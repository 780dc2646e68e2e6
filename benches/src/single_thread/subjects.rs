//! The runtimes that are compared.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::Subject;

/// A handle whose task is known not to fail.
#[derive(Debug)]
pub struct Sure<H>(H);

impl<T, E: std::fmt::Debug, H: Future<Output = Result<T, E>> + Unpin> Future for Sure<H> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let output = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(output.expect("no task of a benchmark fails"))
    }
}

/// Sinew's current-thread runtime.
#[derive(Debug)]
pub struct CurrentThread(sinew_runtime::Runtime);

impl Subject for CurrentThread {
    type Joined<T: Send + 'static> = Sure<sinew_task::JoinHandle<T>>;
    const NAME: &'static str = "sinew";

    fn new() -> Self {
        let runtime = sinew_runtime::Builder::new_current_thread().build();
        CurrentThread(runtime.expect("a runtime"))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<F>(future: F) -> Self::Joined<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Sure(sinew_runtime::spawn(future))
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        sinew_task::yield_now()
    }
}

/// Sinew's local runtime, with tasks that need not be `Send`.
#[derive(Debug)]
pub struct Local(sinew_runtime::LocalRuntime);

impl Subject for Local {
    type Joined<T: Send + 'static> = Sure<sinew_task::JoinHandle<T>>;
    const NAME: &'static str = "sinew";

    fn new() -> Self {
        Local(sinew_runtime::LocalRuntime::new().expect("a runtime"))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<F>(future: F) -> Self::Joined<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Sure(sinew_runtime::spawn_local(future))
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        sinew_task::yield_now()
    }
}

/// Tokio's current-thread runtime.
#[derive(Debug)]
pub struct Tokio(tokio::runtime::Runtime);

impl Subject for Tokio {
    type Joined<T: Send + 'static> = Sure<tokio::task::JoinHandle<T>>;
    const NAME: &'static str = "tokio";

    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Tokio(runtime.expect("a runtime"))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<F>(future: F) -> Self::Joined<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Sure(tokio::spawn(future))
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

/// Tokio's `LocalSet` on its current-thread runtime.
#[derive(Debug)]
pub struct TokioLocalSet(tokio::runtime::Runtime);

impl Subject for TokioLocalSet {
    type Joined<T: Send + 'static> = Sure<tokio::task::JoinHandle<T>>;
    const NAME: &'static str = "tokio-local-set";

    fn new() -> Self {
        TokioLocalSet(Tokio::new().0)
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        tokio::task::LocalSet::new().block_on(&self.0, future)
    }

    fn spawn<F>(future: F) -> Self::Joined<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Sure(tokio::task::spawn_local(future))
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

thread_local! {
    /// The executor that this thread is in.
    static SMOL: RefCell<Option<Rc<smol::LocalExecutor<'static>>>> = const { RefCell::new(None) };
}

/// Smol's `LocalExecutor` under its `block_on`.
#[derive(Debug)]
pub struct Smol(Rc<smol::LocalExecutor<'static>>);

impl Subject for Smol {
    type Joined<T: Send + 'static> = smol::Task<T>;
    const NAME: &'static str = "smol";

    fn new() -> Self {
        Smol(Rc::new(smol::LocalExecutor::new()))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        SMOL.set(Some(self.0.clone()));
        let output = smol::block_on(self.0.run(future));
        SMOL.set(None);
        output
    }

    fn spawn<F>(future: F) -> Self::Joined<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        SMOL.with_borrow(|executor| executor.as_ref().expect("inside").spawn(future))
    }

    fn spawn_detached<F>(future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // Dropping smol's handle would cancel the task.
        Self::spawn(future).detach();
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        smol::future::yield_now()
    }
}
