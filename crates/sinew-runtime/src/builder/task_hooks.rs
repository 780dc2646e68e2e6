//! The options that look into tasks.

use std::sync::Arc;

use sinew_task::TaskPanic;

use crate::{Builder, TaskMeta, UnhandledPanic};

/// Hooks are called on the thread where it happens, so they should be short and
/// must not wait. One that panics does not disturb the task. A runtime without
/// hooks pays nothing for them.
impl Builder {
    /// Called when a task is spawned, on the spawning thread.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let spawned = Arc::new(AtomicUsize::new(0));
    /// let count = spawned.clone();
    /// let runtime = sinew_runtime::Builder::new_current_thread()
    ///     .on_task_spawn(move |_task| {
    ///         count.fetch_add(1, Ordering::Relaxed);
    ///     })
    ///     .build()?;
    /// runtime.block_on(runtime.spawn(async {})).unwrap();
    /// assert_eq!(spawned.load(Ordering::Relaxed), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn on_task_spawn<F>(&mut self, f: F) -> &mut Builder
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.spawn = Some(Arc::new(f));
        self
    }

    /// Called when a task has ended and its future has been dropped, before
    /// whoever awaits it learns of it.
    pub fn on_task_terminate<F>(&mut self, f: F) -> &mut Builder
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.terminate = Some(Arc::new(f));
        self
    }

    /// Called right before each poll of a task.
    pub fn on_before_task_poll<F>(&mut self, f: F) -> &mut Builder
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.before_poll = Some(Arc::new(f));
        self
    }

    /// Called right after each poll of a task.
    pub fn on_after_task_poll<F>(&mut self, f: F) -> &mut Builder
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.after_poll = Some(Arc::new(f));
        self
    }

    /// Called once for each panic, of a task or of a closure of `spawn_blocking`,
    /// that nobody will learn of from a handle: the handle was dropped, or is
    /// now, without having given the error. The process's panic hook has been
    /// called before, as for any panic.
    pub fn on_task_panic<F>(&mut self, f: F) -> &mut Builder
    where
        F: Fn(&TaskPanic<'_>) + Send + Sync + 'static,
    {
        self.hooks.panic = Some(Arc::new(f));
        self
    }

    /// What the runtime does when a task panics; it goes on if not set.
    pub fn unhandled_panic(&mut self, behavior: UnhandledPanic) -> &mut Builder {
        self.hooks.unhandled = behavior;
        self
    }
}
