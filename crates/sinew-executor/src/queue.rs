//! A queue of tasks that any thread may push to and take from.

use concurrent_queue::ConcurrentQueue;
use sinew_task::Runnable;

/// `concurrent-queue`'s queue for runnables. Push and pop are kept out of line:
/// there are a dozen calls, and inlined each would bring the code of all three
/// kinds of queue that the crate has behind one type.
pub(crate) struct TaskQueue(ConcurrentQueue<Runnable>);

impl TaskQueue {
    pub(crate) fn unbounded() -> TaskQueue {
        TaskQueue(ConcurrentQueue::unbounded())
    }

    /// Gives the task back if the queue is full.
    #[inline(never)]
    pub(crate) fn push(&self, task: Runnable) -> Result<(), Runnable> {
        self.0.push(task).map_err(|error| error.into_inner())
    }

    #[inline(never)]
    pub(crate) fn pop(&self) -> Option<Runnable> {
        self.0.pop().ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
