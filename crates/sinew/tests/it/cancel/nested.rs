//! The kit where `block_on` nests: beneath the kit, inside of a runtime and of its tasks,
//! and in the operation itself.

use std::collections::VecDeque;

use sinew::runtime::{Builder, Runtime};
use sinew::sync::oneshot;
use sinew::task::{JoinSet, yield_now};
use sinew::testing::cancel::every_pending;

use super::{TASKS, number};

/// On each flavour, runs `test` in a `block_on` of the root and in one of a task.
fn nested(test: fn()) {
    let multi = Builder::new_multi_thread().worker_threads(2).build();
    let current = Builder::new_current_thread().build();
    for runtime in [multi, current].map(Result::<Runtime, _>::unwrap) {
        runtime.block_on(async { test() });
        runtime.block_on(async { sinew::spawn(async move { test() }).await.unwrap() });
    }
}

/// What tasks of the runtime around it have ended with is not lost.
#[test]
fn under_a_nested_block_on() {
    nested(|| {
        let runs = sinew::block_on(every_pending(
            async || {
                let mut set = JoinSet::new();
                let mut told = VecDeque::new();
                for n in 0..TASKS {
                    let (tell, wait) = oneshot::channel();
                    told.push_back((n, tell));
                    set.spawn(async move { wait.await.unwrap() });
                }
                ((set, Vec::new()), told)
            },
            async |(set, got)| {
                while let Some(result) = set.join_next().await {
                    got.push(result.unwrap());
                }
            },
            |told, _| {
                if let Some((n, tell)) = told.pop_front() {
                    tell.send(n).unwrap();
                }
            },
            async |(mut set, mut got), told, _| {
                for (n, tell) in told {
                    tell.send(n).unwrap();
                }
                while let Some(result) = set.join_next().await {
                    got.push(result.unwrap());
                }
                got.sort_unstable();
                assert_eq!(got, (0..TASKS).collect::<Vec<_>>());
            },
        ));
        assert!(runs > TASKS as usize, "{runs}");
    });
}

/// What blocks in a poll is over when the poll is: a drop finds nothing half done.
#[test]
fn with_a_block_on_in_each_poll() {
    nested(|| {
        let runs = sinew::block_on(every_pending(
            async || (Vec::new(), ()),
            async |got| {
                for n in 0..TASKS {
                    yield_now().await;
                    got.push(sinew::block_on(sinew::spawn(number(n))).unwrap());
                }
            },
            |(), _| {},
            async |got, (), ended| {
                let whole = ended.is_some();
                assert!(got.iter().copied().eq(0..got.len() as u32));
                assert_eq!(whole, got.len() == TASKS as usize);
            },
        ));
        assert_eq!(runs, TASKS as usize + 2);
    });
}
