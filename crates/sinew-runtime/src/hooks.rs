//! What a runtime calls at the points of its tasks' lives.

use std::panic::Location;
use std::sync::{Arc, OnceLock, Weak};

use sinew_core::OutOfLine;
use sinew_task::{Id, Metadata, TaskHooks, TaskPanic};

use crate::UnhandledPanic;
use crate::handle::Inner;

pub(crate) type TaskHook = Arc<dyn Fn(&TaskMeta<'_>) + Send + Sync>;
pub(crate) type PanicHook = Arc<dyn Fn(&TaskPanic<'_>) + Send + Sync>;

/// A task, as the hooks of a [`Builder`](crate::Builder) see it.
#[derive(Debug)]
pub struct TaskMeta<'a> {
    metadata: &'a Metadata,
}

impl<'a> TaskMeta<'a> {
    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.metadata.id()
    }

    /// The task's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.metadata.name()
    }

    /// Where the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.metadata.spawned_at()
    }
}

/// The hooks that were set.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) spawn: Option<TaskHook>,
    pub(crate) terminate: Option<TaskHook>,
    pub(crate) before_poll: Option<TaskHook>,
    pub(crate) after_poll: Option<TaskHook>,
    pub(crate) panic: Option<PanicHook>,
    pub(crate) unhandled: UnhandledPanic,
}

/// The hooks of one runtime, as its tasks find them.
pub(crate) struct RuntimeHooks {
    hooks: OutOfLine<Hooks>,
    /// Set when the runtime is made; its tasks come later.
    runtime: OnceLock<Weak<Inner>>,
}

impl Hooks {
    /// What the scheduler is given. `None` if nothing is set, so that tasks pay
    /// nothing.
    pub(crate) fn for_runtime(&self) -> Option<Arc<RuntimeHooks>> {
        let tasks = [
            &self.spawn,
            &self.terminate,
            &self.before_poll,
            &self.after_poll,
        ];
        let any = tasks.into_iter().any(Option::is_some)
            || self.panic.is_some()
            || self.unhandled != UnhandledPanic::Ignore;
        any.then(|| {
            Arc::new(RuntimeHooks {
                hooks: OutOfLine::new(self.clone()),
                runtime: OnceLock::new(),
            })
        })
    }

    /// What the blocking pool is given: closures have no polls and no life that
    /// the task hooks are about, but they panic.
    pub(crate) fn for_pool(&self) -> Option<Arc<dyn TaskHooks>> {
        let panic = self.panic.clone()?;
        let hooks = Hooks {
            panic: Some(panic),
            ..Hooks::default()
        };
        Some(hooks.for_runtime()?)
    }
}

impl RuntimeHooks {
    pub(crate) fn set_runtime(&self, runtime: Weak<Inner>) {
        // Set once: a runtime is made once.
        let _ = self.runtime.set(runtime);
    }
}

fn call(hook: Option<&TaskHook>, metadata: &Metadata) {
    if let Some(hook) = hook {
        hook(&TaskMeta { metadata });
    }
}

impl TaskHooks for RuntimeHooks {
    fn spawned(&self, task: &Metadata) {
        call(self.hooks.spawn.as_ref(), task);
    }

    fn before_poll(&self, task: &Metadata) {
        call(self.hooks.before_poll.as_ref(), task);
    }

    fn after_poll(&self, task: &Metadata) {
        call(self.hooks.after_poll.as_ref(), task);
    }

    fn terminated(&self, task: &Metadata) {
        call(self.hooks.terminate.as_ref(), task);
    }

    fn panicked(&self, panic: &TaskPanic<'_>) {
        if self.hooks.unhandled == UnhandledPanic::ShutdownRuntime {
            if let Some(inner) = self.runtime.get().and_then(Weak::upgrade) {
                inner.stop_on(panic);
            }
        }
    }

    fn panic_unseen(&self, panic: &TaskPanic<'_>) {
        if let Some(hook) = &self.hooks.panic {
            hook(panic);
        }
    }
}
