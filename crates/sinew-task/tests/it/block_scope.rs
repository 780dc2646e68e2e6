use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use sinew_task::{BlockError, BlockOn, Runnable, Schedule, block_scope_on, yield_now};

/// Runs each runnable on a thread of its own.
struct Threads;

impl Schedule for Threads {
    fn schedule(&self, task: Runnable) {
        thread::spawn(move || task.run());
    }
}

/// Drops what it is given, as a runtime that has ended.
struct Ended;

impl Schedule for Ended {
    fn schedule(&self, task: Runnable) {
        drop(task);
    }
}

const BLOCK_ON: BlockOn = |future| sinew_core::block_on(future);

#[test]
fn tasks_borrow_and_run_in_parallel() {
    let (count, together) = (AtomicUsize::new(0), Barrier::new(3));
    let sum = block_scope_on(Arc::new(Threads), BLOCK_ON, |s| {
        let handles = [1, 2].map(|n| {
            let (count, together) = (&count, &together);
            s.spawn(async move {
                together.wait();
                yield_now().await;
                count.fetch_add(n, Ordering::Relaxed);
                n
            })
        });
        together.wait();
        handles
            .map(|handle| handle.join().unwrap())
            .iter()
            .sum::<usize>()
    });
    assert_eq!((sum, count.into_inner()), (3, 3));
}

#[test]
fn it_waits_for_tasks_whose_handles_are_gone_and_for_theirs() {
    let count = AtomicUsize::new(0);
    block_scope_on(Arc::new(Threads), BLOCK_ON, |s| {
        for _ in 0..10 {
            s.spawn(async {
                yield_now().await;
                s.spawn(async { count.fetch_add(1, Ordering::Relaxed) });
            });
        }
    });
    assert_eq!(count.into_inner(), 10);
}

#[test]
fn a_panic_that_nobody_joined_goes_on() {
    let ended = AtomicUsize::new(0);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        block_scope_on(Arc::new(Threads), BLOCK_ON, |s| {
            s.spawn(async { panic!("alone") });
            let kept = s.spawn(async { ended.fetch_add(1, Ordering::Relaxed) });
            drop(kept);
        });
    }));
    let payload = panic.unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"alone"));
    assert_eq!(ended.into_inner(), 1);
}

#[test]
fn a_panic_that_was_joined_is_its_joiners() {
    block_scope_on(Arc::new(Threads), BLOCK_ON, |s| {
        let error = s.spawn(async { panic!("joined") }).join();
        assert!(matches!(error, Err::<(), _>(BlockError::Panic(_))));
    });
}

#[test]
fn a_panic_of_the_closure_ends_the_tasks_first() {
    struct Counts<'a>(&'a AtomicUsize);
    impl Drop for Counts<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = AtomicUsize::new(0);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        block_scope_on(Arc::new(Threads), BLOCK_ON, |s| {
            let counts = Counts(&drops);
            s.spawn(async move {
                let _counts = counts;
                pending::<()>().await;
            });
            panic!("in the closure");
        });
    }));
    assert!(panic.is_err());
    assert_eq!(drops.into_inner(), 1);
}

#[test]
fn a_wait_that_fails_leaves_nobody_running() {
    let ended = AtomicUsize::new(0);
    let failing: BlockOn = |_| panic!("no wait");
    let panic = catch_unwind(AssertUnwindSafe(|| {
        block_scope_on(Arc::new(Threads), failing, |s| {
            s.spawn(async {
                let _on_drop = Ends(&ended);
                pending::<()>().await;
            });
        });
    }));
    struct Ends<'a>(&'a AtomicUsize);
    impl Drop for Ends<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    assert!(panic.is_err());
    // Aborted before its first poll, it has not even begun.
    assert!(ended.into_inner() <= 1);
}

#[test]
fn an_executor_that_has_ended_cancels() {
    block_scope_on(Arc::new(Ended), BLOCK_ON, |s| {
        let cancelled = s.spawn(async { 1 }).join();
        assert!(matches!(cancelled, Err(BlockError::Cancelled)));
    });
}

#[test]
fn abort_all_ends_what_waits() {
    block_scope_on(Arc::new(Threads), BLOCK_ON, |s| {
        let waits = s.spawn(pending::<()>());
        s.abort_all();
        assert!(matches!(waits.join(), Err(BlockError::Cancelled)));
    });
}
