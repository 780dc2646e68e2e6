use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use sinew_runtime::{block_scope, spawn};
use sinew_task::{scope, yield_now};

use crate::conformance::{current, local, multi};

/// Sums in parallel, with tasks that wait for each other.
fn sum(numbers: &[usize]) -> usize {
    let seen = AtomicUsize::new(0);
    let total = block_scope(|s| {
        let parts: Vec<_> = numbers
            .chunks(10)
            .map(|part| {
                let seen = &seen;
                s.spawn(async move {
                    yield_now().await;
                    seen.fetch_add(part.len(), Ordering::Relaxed);
                    part.iter().sum::<usize>()
                })
            })
            .collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    assert_eq!(seen.into_inner(), numbers.len());
    total
}

#[test]
fn block_scope_works_inside_of_every_runtime_and_outside() {
    let numbers: Vec<_> = (0..100).collect();
    assert_eq!(sum(&numbers), 4950);
    for runtime in [multi(1), multi(2), current()] {
        assert_eq!(runtime.block_on(async { sum(&numbers) }), 4950);
        let numbers = numbers.clone();
        let task = runtime.spawn(async move { sum(&numbers) });
        assert_eq!(runtime.block_on(task).unwrap(), 4950);
    }
    assert_eq!(local().block_on(async { sum(&numbers) }), 4950);
}

#[test]
fn the_only_worker_is_handed_over_while_the_closure_runs() {
    let runtime = multi(1);
    let task = runtime.spawn(async {
        let (sender, receiver) = std::sync::mpsc::channel();
        block_scope(|s| {
            s.spawn(async move { sender.send(1).unwrap() });
            // Not a wait that the runtime knows of.
            receiver.recv().unwrap()
        })
    });
    assert_eq!(runtime.block_on(task).unwrap(), 1);
}

#[test]
fn a_panic_of_the_closure_leaves_no_task_on_a_current_thread_runtime() {
    let runtime = current();
    let polls = AtomicUsize::new(0);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            block_scope(|s| {
                s.spawn(async {
                    loop {
                        polls.fetch_add(1, Ordering::Relaxed);
                        yield_now().await;
                    }
                });
                panic!("in the closure");
            })
        })
    }));
    assert!(panic.is_err());
    assert!(runtime.handle().tasks().is_empty());
}

#[test]
fn a_scope_is_a_part_of_a_task() {
    let runtime = multi(2);
    let task = runtime.spawn(async {
        let words = ["a".to_owned(), "b".to_owned()];
        scope(async |s| {
            let both = words.iter().map(|word| {
                s.spawn(async move {
                    // A child may wait for tasks, and they for timers.
                    spawn(sinew_time::sleep(std::time::Duration::from_millis(1)))
                        .await
                        .unwrap();
                    word.len()
                })
            });
            let mut sum = 0;
            for handle in both.collect::<Vec<_>>() {
                sum += handle.await;
            }
            sum
        })
        .await
    });
    assert_eq!(runtime.block_on(task).unwrap(), 2);
}
