//! Many tasks at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::{Shared, poll_fn};
use sinew_runtime::spawn;

use crate::conformance::multi;

/// How many. In a build without optimisations fewer do: the same code runs.
const TASKS: usize = if cfg!(debug_assertions) {
    100_000
} else {
    1_000_000
};

#[test]
fn a_million_pending_tasks_are_woken_and_joined() {
    let runtime = multi(2);
    let (release, released) = futures::channel::oneshot::channel::<()>();
    let released: Shared<_> = futures::FutureExt::shared(released);
    let pending = Arc::new(AtomicUsize::new(0));
    let sum = runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let (mut released, pending) = (released.clone(), pending.clone());
                let mut counted = false;
                spawn(poll_fn(move |cx| {
                    if !std::mem::replace(&mut counted, true) {
                        pending.fetch_add(1, Ordering::Relaxed);
                    }
                    futures::FutureExt::poll_unpin(&mut released, cx).map(|_| 1usize)
                }))
            })
            .collect();
        while pending.load(Ordering::Relaxed) < TASKS {
            sinew_task::yield_now().await;
        }
        release.send(()).unwrap();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, TASKS);
    assert_eq!(runtime.handle().tasks().len(), 0);
}
