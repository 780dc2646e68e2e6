use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use sinew_runtime::nursery::{Backoff, FailurePolicy, RestartPolicy, Strategy, Supervisor};
use sinew_runtime::{Builder, Drain, Nursery, Runtime, nursery};
use sinew_sync::oneshot;
use sinew_task::yield_now;

use crate::conformance::{current, multi};

#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn up(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn on_drop(&self) -> OnDrop {
        OnDrop(self.clone())
    }
}

struct OnDrop(Count);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.up();
    }
}

const LONG: Duration = Duration::from_secs(60);

/// A runtime on whose clock no time passes while anybody has something to do: a grace is
/// over when all but the deaf have ended, however busy the machine is.
fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.start_paused(true).build().unwrap()
}

#[test]
fn join_waits_for_all_and_what_they_spawn() {
    for runtime in [multi(2), current()] {
        let ends = Count::default();
        runtime.block_on(async {
            let outer = Nursery::new("outer");
            for _ in 0..10 {
                let ends = ends.clone();
                outer.spawn(async move {
                    yield_now().await;
                    let late = ends.clone();
                    nursery().spawn(async move { late.up() });
                    ends.up();
                });
            }
            outer.join().await.unwrap();
            assert_eq!(ends.get(), 20);
            assert!(outer.is_idle() && outer.is_closed());
        });
    }
}

#[test]
fn the_first_error_cancels_and_is_given_with_its_place() {
    let drops = Count::default();
    multi(2).block_on(async {
        let nursery = Nursery::new("n");
        let child = nursery.child("below");
        for nursery in [&nursery, &child] {
            let guard = drops.on_drop();
            nursery.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        nursery.spawn_named("bad", async { Err::<(), _>("no") });
        let error = nursery.join().await.unwrap_err();
        assert_eq!(drops.get(), 2);
        assert!(nursery.token().is_cancelled() && child.token().is_cancelled());
        assert_eq!(error.first().name(), Some("bad"));
        assert_eq!(error.first().error().unwrap().to_string(), "no");
        assert!(error.to_string().contains("nursery.rs"));
        nursery.join().await.unwrap();
    });
}

#[test]
fn panics_are_given_and_collect_goes_on() {
    current().block_on(async {
        let nursery = Nursery::new("n").with_policy(FailurePolicy::Collect);
        for n in 0..3 {
            nursery.spawn(async move { assert!(n == 1, "number {n}") });
        }
        let failures = nursery.join().await.unwrap_err().into_failures();
        assert_eq!(failures.len(), 2);
        for failure in failures {
            let payload = failure.try_into_panic().unwrap();
            assert!(
                payload
                    .downcast_ref::<String>()
                    .unwrap()
                    .starts_with("number")
            );
        }
    });
}

#[test]
fn a_closed_nursery_polls_nothing_more() {
    current().block_on(async {
        let (nursery, drops) = (Nursery::new("n"), Count::default());
        nursery.close();
        let guard = drops.on_drop();
        let task = nursery.spawn(async move {
            let _guard = guard;
            panic!("polled");
        });
        while !task.is_finished() {
            yield_now().await;
        }
        assert_eq!(drops.get(), 1);
        nursery.join().await.unwrap();
    });
}

#[test]
fn cancel_lets_end_aborts_the_rest_and_tells_of_it() {
    paused().block_on(async {
        let (nursery, ended) = (Nursery::new("n"), Count::default());
        let (token, by_itself) = (nursery.token().clone(), ended.clone());
        nursery.spawn(async move {
            token.cancelled().await;
            by_itself.up();
        });
        let below = nursery.child("below");
        let spawned_at = line!() + 1;
        below.spawn_named("deaf", pending::<()>());
        let report = nursery.cancel(LONG).await;
        assert_eq!((ended.get(), report.stragglers.len()), (1, 1));
        let straggler = &report.stragglers[0];
        assert_eq!(straggler.name.as_deref(), Some("deaf"));
        assert_eq!(straggler.nursery.as_deref(), Some("below"));
        assert_eq!(straggler.spawned_at.line(), spawned_at);
        assert!(straggler.stopped && report.failures.is_empty());
    });
}

#[test]
fn clean_ups_run_on_every_exit_the_last_one_first() {
    for exit in [
        "join",
        "cancel",
        "drop",
        "error",
        "parent",
        "nothing spawned",
    ] {
        current().block_on(async {
            let parent = Nursery::new("parent").with_policy(FailurePolicy::Collect);
            let child = parent.child("child");
            let (sender, order) = mpsc::channel();
            for n in 0..2 {
                let sender = sender.clone();
                child.defer(async move {
                    yield_now().await;
                    sender.send(n).unwrap();
                });
            }
            if exit != "nothing spawned" {
                child.spawn(async move {
                    yield_now().await;
                    assert_ne!(exit, "error");
                    if exit != "join" {
                        pending::<()>().await;
                    }
                });
            }
            match exit {
                "join" => child.join().await.unwrap(),
                "cancel" => assert_eq!(child.cancel(Duration::ZERO).await.stragglers.len(), 1),
                "error" => assert!(child.join().await.unwrap_err().first().is_panic()),
                "parent" => drop(parent.cancel(Duration::ZERO).await),
                _ => drop(child),
            }
            parent.join().await.unwrap();
            assert_eq!(order.try_iter().collect::<Vec<_>>(), [1, 0], "{exit}");
        });
    }
}

#[test]
fn a_clean_up_that_panics_or_takes_too_long_is_a_failure() {
    paused().block_on(async {
        let nursery = Nursery::new("n").with_grace(LONG);
        nursery.defer(pending());
        nursery.defer(async { panic!("clean-up") });
        let failures = nursery.join().await.unwrap_err().into_failures();
        assert!(failures[0].is_panic());
        assert!(failures[1].to_string().contains("grace"));
    });
}

#[test]
fn what_nobody_asked_a_child_for_fails_its_parent() {
    multi(2).block_on(async {
        let parent = Nursery::new("parent");
        let handle = parent.handle();
        parent.spawn(async move {
            let child = handle.child("child");
            child.spawn(async { panic!("below") });
            while !child.is_idle() {
                yield_now().await;
            }
        });
        let error = parent.join().await.unwrap_err();
        assert!(error.first().is_panic());
        assert_eq!(error.first().nursery(), "child");
    });
}

/// A tree three deep is dropped, or cancelled, when its root task has come to each of
/// its awaits in turn.
#[test]
fn ended_at_any_await_nothing_runs_and_no_clean_up_is_missing() {
    const AWAITS: usize = 8;
    for at in 0..AWAITS {
        for cancels in [true, false] {
            let runtime = current();
            let (begun, dropped, cleaned) = <(Count, Count, Count)>::default();
            let deferred = Count::default();
            runtime.block_on(async {
                let outer = Nursery::new("outer").with_policy(FailurePolicy::Collect);
                let root = outer.child("root");
                let (begun, dropped) = (begun.clone(), dropped.clone());
                let (cleaned, deferred) = (cleaned.clone(), deferred.clone());
                let (reached, has_reached) = oneshot::channel();
                root.spawn(grow(
                    3,
                    at,
                    Some(reached),
                    [begun, dropped, cleaned, deferred],
                ));
                let _ = has_reached.await;
                if cancels {
                    drop(root.cancel(Duration::ZERO).await);
                }
                drop(root);
                outer.join().await.unwrap();
            });
            assert!(begun.get() > 0);
            assert_eq!(begun.get(), dropped.get(), "at {at}");
            assert_eq!(deferred.get(), cleaned.get(), "at {at}");
            assert!(runtime.handle().tasks().is_empty());
        }
    }
}

/// A task with a nursery of its own, in which there are such tasks; it tells `reached`
/// before its await number `at`.
fn grow(
    depth: usize,
    at: usize,
    mut reached: Option<oneshot::Sender<()>>,
    counts: [Count; 4],
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let [begun, dropped, cleaned, deferred] = counts.clone();
        begun.up();
        let _guard = dropped.on_drop();
        let nursery = nursery().child(format!("{depth}"));
        deferred.up();
        nursery.defer(async move {
            yield_now().await;
            cleaned.up();
        });
        for n in 0..at + 1 {
            if depth > 1 && n < 2 {
                nursery.spawn(grow(depth - 1, at, None, counts.clone()));
            }
            if n == at {
                if let Some(reached) = reached.take() {
                    let _ = reached.send(());
                }
            }
            yield_now().await;
        }
        let _ = nursery.join().await;
    })
}

const POLICY: RestartPolicy = RestartPolicy {
    max: 3,
    window: LONG,
    backoff: Backoff::NONE,
};

#[test]
fn supervise_starts_again_until_it_was_too_often() {
    current().block_on(async {
        let (nursery, starts) = (Nursery::new("n"), Count::default());
        let count = starts.clone();
        nursery.supervise(POLICY, move || {
            count.up();
            async { panic!("again") }
        });
        let error = nursery.join().await.unwrap_err();
        assert_eq!(starts.get(), 4);
        assert!(error.to_string().contains("again"), "{error}");
    });
}

#[test]
fn one_for_all_ends_and_starts_the_others_too() {
    for (strategy, starts_of_other) in [(Strategy::OneForOne, 1), (Strategy::OneForAll, 3)] {
        current().block_on(async {
            let nursery = Nursery::new("n");
            let (bad, other) = (Count::default(), Count::default());
            let (bad_starts, other_starts) = (bad.clone(), other.clone());
            let (done, is_done) = oneshot::channel();
            let mut done = Some(done);
            let supervisor = Supervisor::new(strategy, POLICY)
                .worker("other", move || {
                    other_starts.up();
                    pending::<()>()
                })
                .worker("bad", move || {
                    bad_starts.up();
                    let done = (bad_starts.get() == 3).then(|| done.take()).flatten();
                    async move {
                        for _ in 0..5 {
                            yield_now().await;
                        }
                        match done {
                            Some(done) => done.send(()).map_err(|()| "nobody"),
                            None => Err("bad"),
                        }
                    }
                });
            nursery.spawn(supervisor.run());
            is_done.await.unwrap();
            assert_eq!((bad.get(), other.get()), (3, starts_of_other));
            nursery.cancel(Duration::ZERO).await;
        });
    }
}

#[test]
fn workers_are_in_the_nursery_of_their_supervisor() {
    current().block_on(async {
        let outer = Nursery::new("outer");
        outer.supervise(POLICY, || async {
            match nursery().name() {
                "outer" => Ok(()),
                other => Err(other.to_owned()),
            }
        });
        outer.join().await.unwrap();
    });
}

#[test]
fn shutdown_lets_end_and_tells_who_did_not() {
    // On several threads it is real time, of which one of them may be kept waiting.
    for (runtime, grace) in [(multi(2), Duration::from_secs(2)), (paused(), LONG)] {
        let (drops, ended) = (Count::default(), Count::default());
        let guard = drops.on_drop();
        let spawned_at = line!() + 1;
        drop(runtime.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        }));
        let ends = ended.clone();
        let kept = runtime.block_on(async {
            let nursery = Nursery::new("listens");
            let token = nursery.token().clone();
            nursery.spawn(async move {
                token.cancelled().await;
                yield_now().await;
                ends.up();
            });
            nursery.spawn_named("deaf", pending::<()>());
            nursery
        });
        let report = runtime.shutdown(Drain { grace });
        assert_eq!((ended.get(), drops.get()), (1, 1));
        assert_eq!(report.stragglers.len(), 2, "{report}");
        assert!(report.stragglers.iter().all(|task| task.stopped));
        assert_eq!(report.stragglers[0].name.as_deref(), Some("deaf"));
        assert_eq!(report.stragglers[1].spawned_at.line(), spawned_at);
        drop(kept);
    }
}

#[test]
fn a_runtime_whose_tasks_end_shuts_down_clean_and_before_the_grace_is_over() {
    let runtime = multi(2);
    drop(runtime.spawn(sinew_time::sleep(Duration::from_millis(5))));
    let before = std::time::Instant::now();
    let report = runtime.shutdown(Drain { grace: LONG });
    assert!(report.is_clean(), "{report}");
    assert!(before.elapsed() < LONG);
}

#[test]
fn a_task_that_blocks_is_told_of_as_running() {
    let runtime = multi(2);
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let nursery = runtime.block_on(async {
        let nursery = Nursery::new("n");
        nursery.spawn(async move {
            started.send(()).unwrap();
            let _ = released.recv();
        });
        nursery
    });
    has_started.recv().unwrap();
    let report = runtime.block_on(nursery.cancel(Duration::ZERO));
    assert!(!report.stragglers[0].stopped);
    drop(release);
}
