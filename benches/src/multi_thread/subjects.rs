//! Who is measured: sinew, tokio, and smol's executor in its two forms, each with
//! as many threads.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{Subject, WORKERS};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A sinew runtime.
#[derive(Clone, Copy, Debug)]
pub struct Sinew(&'static sinew_runtime::Runtime);

/// Awaits a task that does not fail.
#[derive(Debug)]
pub struct Unwrap<J>(J);

impl<T, E: std::fmt::Debug, J: Future<Output = Result<T, E>> + Unpin> Future for Unwrap<J> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|result| result.expect("no task of these benches fails"))
    }
}

impl Subject for Sinew {
    const NAME: &'static str = "sinew";
    type Join<T: Send + 'static> = Unwrap<sinew_task::JoinHandle<T>>;

    fn start() -> Self {
        let runtime = sinew_runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .build();
        Sinew(leak(runtime.expect("threads can be started")))
    }

    fn block_on<F: Future>(self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<F>(self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Unwrap(sinew_runtime::spawn(future))
    }

    fn spawn_remote<F>(self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Unwrap(self.0.spawn(future))
    }

    fn detach<T: Send + 'static>(join: Self::Join<T>) {
        drop(join);
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        sinew_task::yield_now()
    }

    fn oneshot() -> (
        impl FnOnce() + Send + 'static,
        impl Future<Output = ()> + Send + 'static,
    ) {
        let (sender, receiver) = sinew_sync::oneshot::channel();
        (
            move || sender.send(()).expect("it is awaited"),
            async move { receiver.await.expect("it is sent") },
        )
    }
}

/// A tokio runtime.
#[derive(Clone, Copy, Debug)]
pub struct Tokio(&'static tokio::runtime::Runtime);

impl Subject for Tokio {
    const NAME: &'static str = "tokio";
    type Join<T: Send + 'static> = Unwrap<tokio::task::JoinHandle<T>>;

    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_all()
            .build();
        Tokio(leak(runtime.expect("threads can be started")))
    }

    fn block_on<F: Future>(self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<F>(self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Unwrap(tokio::spawn(future))
    }

    fn spawn_remote<F>(self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Unwrap(self.0.spawn(future))
    }

    fn detach<T: Send + 'static>(join: Self::Join<T>) {
        drop(join);
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }

    fn oneshot() -> (
        impl FnOnce() + Send + 'static,
        impl Future<Output = ()> + Send + 'static,
    ) {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        (
            move || sender.send(()).expect("it is awaited"),
            async move { receiver.await.expect("it is sent") },
        )
    }
}

macro_rules! smol_subject {
    ($(#[$doc:meta])* $name:ident, $label:literal, $executor:ty, $new:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(&'static $executor);

        impl Subject for $name {
            const NAME: &'static str = $label;
            type Join<T: Send + 'static> = smol::Task<T>;

            fn start() -> Self {
                let executor: &'static $executor = $new;
                for _ in 0..WORKERS {
                    std::thread::spawn(|| {
                        smol::block_on(executor.run(std::future::pending::<()>()));
                    });
                }
                $name(executor)
            }

            fn block_on<F: Future>(self, future: F) -> F::Output {
                smol::block_on(future)
            }

            fn spawn<F>(self, future: F) -> Self::Join<F::Output>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                self.0.spawn(future)
            }

            fn spawn_remote<F>(self, future: F) -> Self::Join<F::Output>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                self.0.spawn(future)
            }

            fn detach<T: Send + 'static>(join: Self::Join<T>) {
                join.detach();
            }

            fn yield_now() -> impl Future<Output = ()> + Send {
                smol::future::yield_now()
            }

            fn oneshot() -> (
                impl FnOnce() + Send + 'static,
                impl Future<Output = ()> + Send + 'static,
            ) {
                let (sender, receiver) = futures::channel::oneshot::channel();
                (
                    move || sender.send(()).expect("it is awaited"),
                    async move { receiver.await.expect("it is sent") },
                )
            }
        }
    };
}

smol_subject! {
    /// smol's executor, run by threads.
    Smol, "smol", smol::Executor<'static>, leak(smol::Executor::new())
}

smol_subject! {
    /// smol's executor in its form for executors that are never dropped.
    SmolStatic, "smol-static", async_executor::StaticExecutor, {
        leak(async_executor::StaticExecutor::new())
    }
}
