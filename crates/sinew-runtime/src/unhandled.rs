//! Ending a runtime because one of its tasks has panicked.
//!
//! The task's panic sets the reason, asks the workers to end, and ends the waits
//! of all threads in `block_on`. Each of these finds the reason, leaves its loop
//! and panics with it. Who is not inside of another runtime's code drops the
//! tasks first, where no worker does.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sinew_core::Unpark;
use sinew_task::TaskPanic;
use slab::Slab;

use crate::handle::Inner;
use crate::main_future::Main;

/// What a runtime does when one of its tasks panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnhandledPanic {
    /// The error is the task's handle's business; the runtime goes on.
    #[default]
    Ignore,
    /// The runtime ends, also if somebody awaits the task: all tasks are
    /// cancelled, and each `block_on` of it panics with the reason.
    ShutdownRuntime,
}

/// Whether a task has panicked, and who is to be told.
#[derive(Default)]
pub(crate) struct Unhandled {
    reason: OnceLock<String>,
    waiting: Mutex<Slab<Arc<dyn Unpark>>>,
}

impl Unhandled {
    fn waiting(&self) -> MutexGuard<'_, Slab<Arc<dyn Unpark>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the runtime has ended, if for that.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.get().map(String::as_str)
    }

    fn raise(&self, panic: &TaskPanic<'_>) {
        let mut reason = format!(
            "a spawned task panicked and the runtime is configured to shut down on \
             unhandled panic (spawned at {})",
            panic.spawned_at()
        );
        if let Some(message) = panic.message() {
            reason.push_str(": ");
            reason.push_str(message);
        }
        // The first panic is the reason.
        let _ = self.reason.set(reason);
        let unparkers: Vec<_> = self
            .waiting()
            .iter()
            .map(|(_, unparker)| unparker.clone())
            .collect();
        for unparker in unparkers {
            unparker.unpark();
        }
    }
}

impl Inner {
    /// A task has panicked on a runtime that is to end then.
    pub(crate) fn stop_on(&self, panic: &TaskPanic<'_>) {
        if let Some(unhandled) = &self.unhandled {
            unhandled.raise(panic);
            self.shutdown.request();
        }
    }
}

/// A future of a `block_on` on a runtime that may end beneath it: done also when
/// that happens.
pub(crate) struct Watched<'a> {
    main: &'a mut dyn Main,
    unhandled: &'a Unhandled,
    key: Option<usize>,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(main: &'a mut dyn Main, unhandled: &'a Unhandled) -> Watched<'a> {
        Watched {
            main,
            unhandled,
            key: None,
        }
    }
}

impl Main for Watched<'_> {
    fn set_unparker(&mut self, unparker: Arc<dyn Unpark>) {
        if self.key.is_none() {
            self.key = Some(self.unhandled.waiting().insert(unparker.clone()));
        }
        self.main.set_unparker(unparker);
    }

    fn is_woken(&self) -> bool {
        self.main.is_woken()
    }

    fn poll(&mut self) -> bool {
        self.unhandled.reason.get().is_some() || self.main.poll()
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let unparker = self.unhandled.waiting().try_remove(key);
            drop(unparker);
        }
    }
}
