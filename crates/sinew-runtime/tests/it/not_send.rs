use std::rc::Rc;

use sinew_runtime::{LocalSet, spawn_local};
use sinew_task::yield_now;

use crate::conformance::{current, local, multi};

/// A task that holds an `Rc` across an await, and spawns another.
async fn shares() -> u32 {
    let shared = Rc::new(20);
    let inner = spawn_local({
        let shared = shared.clone();
        async move {
            yield_now().await;
            *shared + 1
        }
    });
    let sum = *shared + inner.await.unwrap();
    assert_eq!(Rc::strong_count(&shared), 1);
    sum
}

#[test]
fn a_task_that_is_not_send_runs_on_every_local_flavour() {
    assert_eq!(
        local().block_on(async { spawn_local(shares()).await.unwrap() }),
        41
    );
    for runtime in [current(), multi(2)] {
        let set = LocalSet::new();
        let sum = set.block_on(&runtime, async { spawn_local(shares()).await.unwrap() });
        assert_eq!(sum, 41);
    }
}

/// The error names the value and the await. Its words are the compiler's, and
/// change between its releases: run with `TRYBUILD=overwrite` after a new one.
#[test]
fn spawn_refuses_it_readably() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
