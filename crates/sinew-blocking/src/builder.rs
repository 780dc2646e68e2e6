//! What a pool is made with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sinew_task::TaskHooks;

use crate::Pool;

/// Threads that a pool may have at once, unless told otherwise. tokio's number:
/// enough that closures which wait for each other's effects seldom deadlock,
/// few enough for the stacks.
const MAX_THREADS: usize = 512;

/// How long a thread waits for its next closure before it ends.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

pub(crate) type Around = Box<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// Sets how a [`Pool`] is made.
///
/// ```
/// use sinew_blocking::Builder;
///
/// let pool = Builder::new().max_threads(4).build();
/// let handle = pool.spawn(|| 6 * 7);
/// assert_eq!(sinew_core::block_on(handle).unwrap(), 42);
/// ```
#[must_use = "a Builder does nothing until it builds"]
pub struct Builder {
    pub(crate) max_threads: usize,
    pub(crate) keep_alive: Duration,
    pub(crate) name: Box<dyn Fn() -> String + Send + Sync>,
    pub(crate) stack_size: Option<usize>,
    pub(crate) around: Around,
    pub(crate) on_idle: Box<dyn Fn() + Send + Sync>,
    pub(crate) queue_capacity: usize,
    pub(crate) hooks: Option<Arc<dyn TaskHooks>>,
}

impl Builder {
    /// At most 512 threads, which end after 10 seconds without work.
    pub fn new() -> Builder {
        Builder {
            max_threads: MAX_THREADS,
            keep_alive: KEEP_ALIVE,
            name: Box::new(|| "sinew-blocking".to_owned()),
            stack_size: None,
            around: Box::new(|run| run()),
            on_idle: Box::new(|| ()),
            queue_capacity: usize::MAX,
            hooks: None,
        }
    }

    /// How many threads there may be at once. More closures than that wait in a
    /// queue.
    ///
    /// # Panics
    ///
    /// When `count` is zero.
    #[track_caller]
    pub fn max_threads(mut self, count: usize) -> Builder {
        assert!(count > 0, "a blocking pool needs at least one thread");
        self.max_threads = count;
        self
    }

    /// How many closures may wait for a thread before
    /// [`Pool::try_spawn`] refuses more; no limit if not set. Zero means that it
    /// takes a closure only when a thread is free for it. [`Pool::spawn`] has
    /// nobody to refuse to and does not look at it.
    pub fn queue_capacity(mut self, count: usize) -> Builder {
        self.queue_capacity = count;
        self
    }

    /// Called at the points of the closures' lives, which are tasks of one poll.
    pub fn task_hooks(mut self, hooks: Arc<dyn TaskHooks>) -> Builder {
        self.hooks = Some(hooks);
        self
    }

    /// How long a thread waits for its next closure before it ends.
    pub fn keep_alive(mut self, duration: Duration) -> Builder {
        self.keep_alive = duration;
        self
    }

    /// Names each thread when it is started.
    pub fn thread_name_fn(mut self, f: impl Fn() -> String + Send + Sync + 'static) -> Builder {
        self.name = Box::new(f);
        self
    }

    /// The threads' stacks, in bytes; std's default if not set.
    pub fn thread_stack_size(mut self, bytes: usize) -> Builder {
        self.stack_size = Some(bytes);
        self
    }

    /// Called on each thread in place of its loop, which it must call: code
    /// before the call runs when the thread starts, code after it when the
    /// thread ends. A runtime enters itself here.
    pub fn around_thread(
        mut self,
        f: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static,
    ) -> Builder {
        self.around = Box::new(f);
        self
    }

    /// Called on a pool thread each time that the last closure under way has
    /// ended.
    pub fn on_idle(mut self, f: impl Fn() + Send + Sync + 'static) -> Builder {
        self.on_idle = Box::new(f);
        self
    }

    /// Makes the pool. It starts its threads when they are needed.
    #[must_use]
    pub fn build(self) -> Arc<Pool> {
        Pool::with(self)
    }
}

impl Default for Builder {
    fn default() -> Self {
        Builder::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("max_threads", &self.max_threads)
            .field("keep_alive", &self.keep_alive)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}
