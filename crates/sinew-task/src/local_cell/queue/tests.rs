#[cfg(not(sinew_loom))]
mod life;
#[cfg(sinew_loom)]
mod loom;
#[cfg(not(sinew_loom))]
mod threads;
#[cfg(not(sinew_loom))]
mod turns;
#[cfg(not(sinew_loom))]
mod unit;

use std::future::Future;
use std::sync::Arc;

use crate::{Builder, JoinHandle, LocalQueue, Runnable, Schedule};

/// The smallest executor around a queue.
struct Host {
    queue: LocalQueue,
}

impl Schedule for Host {
    fn schedule(&self, task: Runnable) {
        self.queue.push(task);
    }
}

impl Host {
    /// A host that belongs to nobody yet. Whoever uses it closes it.
    fn movable() -> Arc<Host> {
        let host = Arc::new(Host {
            queue: LocalQueue::movable(),
        });
        // SAFETY: the queue is a part of the host; the tests close it.
        unsafe { host.queue.attach(&host) };
        host
    }
}

/// The host on its own thread. Closes the queue when dropped.
struct Local(Arc<Host>);

impl Local {
    fn new() -> Local {
        let host = Arc::new(Host {
            queue: LocalQueue::new(),
        });
        // SAFETY: the queue is a part of the host, and closed by our `Drop`.
        unsafe { host.queue.attach(&host) };
        Local(host)
    }

    fn queue(&self) -> &LocalQueue {
        &self.0.queue
    }

    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.0.queue.spawn_local(Builder::new(), future)
    }

    #[cfg(not(sinew_loom))]
    fn run_one(&self) -> bool {
        self.0.queue.run(1) > 0
    }

    fn run(&self) {
        while self.0.queue.run(7) > 0 {}
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.queue().cancel_all();
        self.run();
        self.queue().close();
    }
}
