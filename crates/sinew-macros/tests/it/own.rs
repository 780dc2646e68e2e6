//! A runtime that only notes how it was built.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::time::Duration;

thread_local! {
    static BUILT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The calls that built the runtime which runs now.
pub(crate) fn built() -> Vec<String> {
    BUILT.with_borrow(Clone::clone)
}

fn note(call: String) {
    BUILT.with_borrow_mut(|built| built.push(call));
}

/// Stands in for the facade's builder.
#[derive(Debug)]
pub struct Builder;

/// Stands in for the facade's options of a local runtime.
#[derive(Debug, Default)]
pub struct LocalOptions;

/// Stands in for the facade's runtimes.
#[derive(Debug)]
pub struct Runtime;

impl Builder {
    /// A builder of a runtime with several threads.
    pub fn new_multi_thread() -> Builder {
        BUILT.take();
        note("multi_thread".into());
        Builder
    }

    /// A builder of a runtime with one thread.
    pub fn new_current_thread() -> Builder {
        BUILT.take();
        note("current_thread".into());
        Builder
    }

    /// How many workers.
    pub fn worker_threads(&mut self, threads: usize) -> &mut Builder {
        note(format!("worker_threads({threads})"));
        self
    }

    /// Whether the clock is paused.
    pub fn start_paused(&mut self, paused: bool) -> &mut Builder {
        note(format!("start_paused({paused})"));
        self
    }

    /// Enables everything.
    pub fn enable_all(&mut self) -> &mut Builder {
        note("enable_all".into());
        self
    }

    /// Builds the runtime.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn build(&mut self) -> io::Result<Runtime> {
        note("build".into());
        Ok(Runtime)
    }

    /// Builds the local runtime.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn build_local(&mut self, _: LocalOptions) -> io::Result<Runtime> {
        note("build_local".into());
        Ok(Runtime)
    }
}

impl Runtime {
    /// Runs a future.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        sinew_core::block_on(future)
    }
}

/// Notes the time limit and runs the body.
pub async fn test_timeout<F: Future>(limit: Duration, body: F) -> F::Output {
    note(format!("timeout({limit:?})"));
    body.await
}
