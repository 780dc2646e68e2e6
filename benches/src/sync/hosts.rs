//! The runtimes that the work runs on.

use std::future::Future;

use super::Host;

macro_rules! host {
    ($(#[$meta:meta])* $name:ident, $label:literal, $runtime:ident, $spawn:path, $builder:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(&'static $runtime::Runtime);

        impl Host for $name {
            const NAME: &'static str = $label;

            fn start() -> Self {
                let runtime = $builder.build().expect("a runtime");
                $name(Box::leak(Box::new(runtime)))
            }

            fn block_on<F: Future>(self, future: F) -> F::Output {
                self.0.block_on(future)
            }

            fn spawn(
                future: impl Future<Output = ()> + Send + 'static,
            ) -> impl Future<Output = ()> + Send + 'static {
                let task = $spawn(future);
                async { task.await.expect("no task of a benchmark fails") }
            }
        }
    };
}

use tokio::runtime as tokio_runtime;

host!(
    /// Sinew's current-thread runtime.
    SinewOne,
    "sinew_1_thread",
    sinew_runtime,
    sinew_runtime::spawn,
    sinew_runtime::Builder::new_current_thread()
);
host!(
    /// Sinew's multi-thread runtime, with two workers.
    SinewTwo,
    "sinew_2_threads",
    sinew_runtime,
    sinew_runtime::spawn,
    {
        let mut builder = sinew_runtime::Builder::new_multi_thread();
        builder.worker_threads(2);
        builder
    }
);
host!(
    /// Tokio's current-thread runtime.
    TokioOne,
    "tokio_1_thread",
    tokio_runtime,
    tokio::spawn,
    tokio_runtime::Builder::new_current_thread()
);
host!(
    /// Tokio's multi-thread runtime, with two workers.
    TokioTwo,
    "tokio_2_threads",
    tokio_runtime,
    tokio::spawn,
    {
        let mut builder = tokio_runtime::Builder::new_multi_thread();
        builder.worker_threads(2);
        builder
    }
);
