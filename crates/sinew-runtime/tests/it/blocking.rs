use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use sinew_core::coop;
use sinew_runtime::{Builder, block_in_place, spawn, spawn_blocking};

use crate::conformance::on_each;

#[test]
fn closures_run_beside_tasks() {
    on_each(|| async {
        let handles: Vec<_> = (0..50u64).map(|n| spawn_blocking(move || n * n)).collect();
        let tasks: Vec<_> = (0..50u64).map(|n| spawn(async move { n })).collect();
        let mut sum = 0;
        for handle in handles.into_iter().chain(tasks) {
            sum += handle.await.unwrap();
        }
        assert_eq!(sum, 40_425 + 1_225);
    });
}

#[test]
fn a_panic_in_a_closure_is_a_join_error() {
    on_each(|| async {
        let error = spawn_blocking(|| panic!("on purpose"))
            .await
            .map(|(): ()| ())
            .unwrap_err();
        assert!(error.is_panic());
    });
}

#[test]
fn a_closure_that_blocks_in_place_has_no_budget() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let task = runtime.spawn(async {
        while coop::has_budget_remaining() {
            coop::consume_budget().await;
        }
        let done = block_in_place(|| {
            let mut cx = Context::from_waker(Waker::noop());
            (0..1000).all(|_| pin!(coop::consume_budget()).poll(&mut cx).is_ready())
        });
        assert!(done);
        assert!(!coop::has_budget_remaining());
    });
    runtime.block_on(task).unwrap();
}
