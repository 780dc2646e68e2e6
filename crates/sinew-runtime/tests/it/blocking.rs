use sinew_runtime::{spawn, spawn_blocking};

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
