use std::time::Duration;

use sinew_runtime::{Handle, block_on, spawn};
use sinew_task::yield_now;
use sinew_time::sleep;

use crate::conformance::{current, multi, on_each};

#[test]
fn block_on_inside_of_a_task_drives_the_same_runtime() {
    on_each(|| async {
        let value = spawn(async {
            // Blocks the worker, which is the only one in two of the flavours:
            // the inner task must run inside of this call.
            block_on(async {
                let task = spawn(async {
                    yield_now().await;
                    sleep(Duration::from_millis(1)).await;
                    7
                });
                task.await.unwrap()
            })
        })
        .await
        .unwrap();
        assert_eq!(value, 7);
    });
}

#[test]
fn block_on_inside_of_block_on() {
    on_each(|| async {
        let handle = Handle::current();
        let value = handle.block_on(async { handle.block_on(async { spawn(async { 1 }).await }) });
        assert_eq!(value.unwrap(), 1);
    });
}

#[test]
fn one_runtime_inside_of_another() {
    let outer = current();
    let inner = multi(1);
    let value = outer.block_on(async {
        let inside = inner.block_on(async { spawn(async { 2 }).await.unwrap() });
        inside + spawn(async { 3 }).await.unwrap()
    });
    assert_eq!(value, 5);
}

#[test]
fn two_threads_share_a_current_thread_runtime() {
    let runtime = current();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..50u32 {
                    let value = runtime.block_on(async {
                        let task = spawn(async move {
                            yield_now().await;
                            n
                        });
                        sleep(Duration::from_micros(50)).await;
                        task.await.unwrap()
                    });
                    assert_eq!(value, n);
                }
            });
        }
    });
}
