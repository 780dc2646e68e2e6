//! Hooks around a park.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use sinew_runtime::{Builder, Handle, LocalOptions, spawn};
use sinew_task::JoinHandle;

#[test]
fn park_hooks_are_called_and_may_spawn() {
    let handle: Arc<OnceLock<Handle>> = Arc::default();
    let (ran, has_run) = mpsc::channel();
    let ran = Mutex::new(Some(ran));
    let (unparked, unparks) = mpsc::channel();
    let hook_handle = handle.clone();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .on_thread_park(move || {
            let Some(handle) = hook_handle.get() else {
                return;
            };
            let ran = ran.lock().unwrap().take();
            if let Some(ran) = ran {
                drop(handle.spawn(async move { ran.send(()).unwrap() }));
            }
        })
        .on_thread_unpark(move || {
            let _ = unparked.send(());
        })
        .build()
        .unwrap();
    assert!(handle.set(runtime.handle().clone()).is_ok());
    // Wakes the worker, which parks again.
    runtime.block_on(runtime.spawn(async {})).unwrap();
    drop(runtime.spawn(async {}));
    has_run.recv().unwrap();
    unparks.recv().unwrap();
    drop(runtime);
    let _ = handle;
}

#[test]
fn a_park_hook_that_panics_hurts_nobody() {
    let runtime = Builder::new_current_thread()
        .on_thread_park(|| panic!("on purpose"))
        .build()
        .unwrap();
    let value = runtime.block_on(async {
        sinew_time::sleep(Duration::from_millis(1)).await;
        spawn(async { 1 }).await.unwrap()
    });
    assert_eq!(value, 1);
}

/// Asks on another thread how many tasks there are, and waits for the answer.
#[derive(Clone, Default)]
struct Look {
    handle: Arc<OnceLock<Handle>>,
    most: Arc<AtomicUsize>,
}

impl Look {
    fn hook(&self) -> impl Fn() + Send + Sync + 'static {
        let look = self.clone();
        move || {
            let Some(handle) = look.handle.get().cloned() else {
                return;
            };
            let count = thread::spawn(move || handle.tasks().len());
            look.most.fetch_max(count.join().unwrap(), Ordering::SeqCst);
        }
    }

    /// Parks with a task that waits, and looks in between.
    async fn park(self) {
        assert!(self.handle.set(Handle::current()).is_ok());
        let task: JoinHandle<()> = spawn(pending());
        while self.most.load(Ordering::SeqCst) == 0 {
            sinew_time::sleep(Duration::from_millis(1)).await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
}

#[test]
fn a_hook_may_wait_for_a_thread_that_looks_at_the_tasks() {
    for multi in [false, true] {
        let look = Look::default();
        let mut builder = match multi {
            true => Builder::new_multi_thread(),
            false => Builder::new_current_thread(),
        };
        let builder = builder.worker_threads(1);
        let hooked = builder
            .on_thread_park(look.hook())
            .on_thread_unpark(look.hook());
        let runtime = hooked.build().unwrap();
        let handle = runtime.handle().clone();
        runtime.block_on(async move { handle.spawn(look.park()).await.unwrap() });
    }
}

#[test]
fn a_hook_of_a_local_runtime_may_wait_for_one_too() {
    let look = Look::default();
    let runtime = Builder::new_current_thread()
        .on_thread_park(look.hook())
        .on_thread_unpark(look.hook())
        .build_local(LocalOptions::default())
        .unwrap();
    // Also where the park is that of a nested `block_on`.
    runtime.block_on(async move { Handle::current().block_on(look.park()) });
}
