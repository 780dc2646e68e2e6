//! Groups of tasks that are waited for as a whole, or with the ids of the tasks.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sinew::sync::oneshot;
use sinew::task::coop::consume_budget;
use sinew::task::{JoinQueue, JoinSet, LocalSet, spawn_local, yield_now};
use sinew::testing::cancel::{Lent, every_await, every_pending};

use super::{Run, TASKS, loses_nothing, number};

#[test]
fn sets_with_ids() {
    loses_nothing!(
        (0..TASKS).map(number).collect::<JoinSet<u32>>(),
        |set, got| {
            while let Some(result) = set.join_next_with_id().await {
                got.borrow_mut().push(result.unwrap().1);
            }
        }
    );
}

#[test]
fn queues_with_ids() {
    let make = || {
        let mut queue = JoinQueue::new();
        for n in 0..TASKS {
            queue.spawn(number(n));
        }
        queue
    };
    loses_nothing!(make(), |queue, got| {
        while let Some(result) = queue.join_next_with_id().await {
            got.borrow_mut().push(result.unwrap().1);
        }
    });
}

/// Counts down when it is dropped.
struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A task that ends when it is told to, and counts for as long as it is there.
fn told(count: &Arc<AtomicUsize>) -> (impl Future<Output = ()> + Send + use<>, Tell) {
    count.fetch_add(1, Ordering::SeqCst);
    let held = Held(count.clone());
    let (tell, wait) = oneshot::channel();
    let task = async move {
        let _held = held;
        wait.await.unwrap();
    };
    (task, tell)
}

type Tell = oneshot::Sender<()>;

/// One that is joined as a whole, and dropped meanwhile, aborts its tasks.
macro_rules! joined_whole {
    ($group:ident) => {
        sinew::block_on(async {
            let runs = every_pending(
                async || {
                    let count = Arc::new(AtomicUsize::new(0));
                    let (mut group, mut tells) = ($group::new(), VecDeque::new());
                    for _ in 0..TASKS {
                        let (task, tell) = told(&count);
                        group.spawn(task);
                        tells.push_back(tell);
                    }
                    (Some(group), (tells, count))
                },
                async |group| group.take().unwrap().join_all().await.len(),
                |(tells, _), _| {
                    // In order: a queue waits for the first.
                    if let Some(tell) = tells.pop_front() {
                        tell.send(()).unwrap();
                    }
                },
                async |group, (tells, count), joined| {
                    assert!(joined.is_none_or(|joined| joined == TASKS as usize));
                    // One that was not polled has the group still.
                    drop(group);
                    while count.load(Ordering::SeqCst) > 0 {
                        yield_now().await;
                    }
                    drop(tells);
                },
            )
            .await;
            assert!(runs > 2, "{runs}");
        });
    };
}

#[test]
fn groups_joined_as_a_whole() {
    joined_whole!(JoinSet);
    joined_whole!(JoinQueue);
}

/// The tasks of a local set go on when somebody else runs it.
#[test]
fn local_sets() {
    sinew::block_on(async {
        let runs = every_pending(
            async || {
                let set = LocalSet::new();
                let count = Arc::new(AtomicUsize::new(0));
                let (task, tell) = told(&count);
                drop(set.spawn_local(task));
                (set, (count, tell))
            },
            async |set| {
                set.run_until(async {
                    drop(spawn_local(pending::<()>()));
                    yield_now().await;
                    yield_now().await;
                })
                .await;
            },
            |_, _| {},
            async |set, (count, tell), _| {
                tell.send(()).unwrap();
                set.run_until(async {
                    while count.load(Ordering::SeqCst) > 0 {
                        yield_now().await;
                    }
                })
                .await;
            },
        )
        .await;
        assert!(runs > 2, "{runs}");
    });
}

/// What is given up with it is a turn.
#[test]
fn budgets() {
    sinew::block_on(async {
        sinew::spawn(async {
            let runs = every_pending(
                async || (0_u32, ()),
                async |steps| {
                    while *steps < 1_000 {
                        consume_budget().await;
                        *steps += 1;
                    }
                },
                |(), _| {},
                async |steps, (), ended| assert_eq!(ended.is_some(), steps == 1_000),
            )
            .await;
            assert!(runs > 2, "{runs}");
        })
        .await
        .unwrap();
    });
}
