use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use sinew_runtime::{Handle, JoinQueue, JoinSet, LocalSet, TaskBuilder};
use sinew_task::yield_now;

use crate::conformance::{current, multi, on_each};

struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn ten_thousand_tasks_are_joined() {
    on_each(|| async {
        let mut set: JoinSet<usize> = (0..10_000)
            .map(|n| async move {
                if n % 3 == 0 {
                    yield_now().await;
                }
                n
            })
            .collect();
        assert_eq!(set.len(), 10_000);
        let mut sum = 0;
        while let Some(result) = set.join_next().await {
            sum += result.unwrap();
        }
        assert_eq!(sum, 49_995_000);
        assert!(set.is_empty());
    });
}

#[test]
fn every_way_of_spawning() {
    current().block_on(async {
        let handle = Handle::current();
        let local = LocalSet::new();
        let mut set = JoinSet::new();
        let first = set.spawn(async { 1 });
        set.spawn_on(async { 2 }, &handle);
        set.spawn_blocking(|| 3);
        set.spawn_blocking_on(|| 4, &handle);
        let shared = Rc::new(5);
        set.spawn_local_on(async move { *shared }, &local);
        {
            let _entered = local.enter();
            let shared = Rc::new(6);
            set.spawn_local(async move { *shared });
            let build = set.build_task().name("seven");
            build.spawn_local(async { 7 }).unwrap();
        }
        let build = set.build_task().name("eight");
        build.spawn_blocking(|| 8).unwrap();
        set.extend([ready(9), ready(10)]);
        let id = first.id();
        let mut ids = Vec::new();
        let mut sum = 0;
        local
            .run_until(async {
                while let Some(result) = set.join_next_with_id().await {
                    let (id, output) = result.unwrap();
                    ids.push(id);
                    sum += output;
                }
            })
            .await;
        assert_eq!(sum, 55);
        assert!(ids.contains(&id));
    });
}

#[test]
fn aborted_and_panicking_tasks_are_errors_with_their_ids() {
    on_each(|| async {
        let mut set = JoinSet::new();
        let stuck = set.spawn(pending::<()>());
        let clumsy = set.spawn(async { panic!("on purpose") });
        stuck.abort();
        for _ in 0..2 {
            let error = set.join_next_with_id().await.unwrap().unwrap_err();
            if error.is_panic() {
                assert_eq!(error.id(), clumsy.id());
            } else {
                assert_eq!(error.id(), stuck.id());
            }
        }
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn shutdown_waits_until_the_futures_are_dropped() {
    on_each(|| async {
        let drops = Arc::new(AtomicUsize::new(0));
        let mut set = JoinSet::new();
        for _ in 0..10 {
            let guard = OnDrop(drops.clone());
            set.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        set.shutdown().await;
        assert!(set.is_empty());
        assert_eq!(drops.load(Ordering::SeqCst), 10);
    });
}

#[test]
fn join_all_gives_outputs_or_the_panic() {
    on_each(|| async {
        let set: JoinSet<_> = (0..5).map(ready).collect();
        let mut outputs = set.join_all().await;
        outputs.sort_unstable();
        assert_eq!(outputs, [0, 1, 2, 3, 4]);
    });
    let caught = std::panic::catch_unwind(|| {
        current().block_on(async {
            let mut set = JoinSet::new();
            set.spawn(async { std::panic::panic_any(7_u8) });
            let _: Vec<()> = set.join_all().await;
        });
    });
    assert_eq!(*caught.unwrap_err().downcast::<u8>().unwrap(), 7);
}

#[test]
fn join_next_may_be_cancelled() {
    on_each(|| async {
        let mut set = JoinSet::new();
        set.spawn(async {
            for _ in 0..10 {
                yield_now().await;
            }
            1
        });
        let output = loop {
            let mut next = pin!(set.join_next());
            // One poll each, then dropped.
            let polled = poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await;
            if let Poll::Ready(result) = polled {
                break result.unwrap().unwrap();
            }
            yield_now().await;
        };
        assert_eq!(output, 1);
    });
}

#[test]
fn many_ready_tasks_do_not_starve_others() {
    // The set's consumer spends a budget: the other task gets its turn.
    current().block_on(async {
        let turns = Arc::new(AtomicUsize::new(0));
        let other = sinew_runtime::spawn({
            let turns = turns.clone();
            async move {
                loop {
                    turns.fetch_add(1, Ordering::SeqCst);
                    yield_now().await;
                }
            }
        });
        let consumer = sinew_runtime::spawn(async move {
            let mut set: JoinSet<()> = (0..1000).map(|_| ready(())).collect();
            // All are done before the first is joined.
            for _ in 0..3 {
                yield_now().await;
            }
            let before = turns.load(Ordering::SeqCst);
            while set.join_next().await.is_some() {}
            turns.load(Ordering::SeqCst) - before
        });
        let count = consumer.await.unwrap();
        assert!(count > 0);
        other.abort();
    });
}

#[test]
fn a_set_outlives_its_runtime() {
    let runtime = multi(2);
    let mut set = JoinSet::new();
    for _ in 0..10 {
        set.spawn_on(pending::<()>(), runtime.handle());
    }
    drop(runtime);
    let mut cancelled = 0;
    while let Some(result) = set.try_join_next() {
        assert!(result.unwrap_err().is_cancelled());
        cancelled += 1;
    }
    assert_eq!(cancelled, 10);
}

#[test]
fn a_queue_gives_outputs_in_the_order_of_spawning() {
    on_each(|| async {
        let mut queue: JoinQueue<_> = (0..20)
            .map(|n| async move {
                for _ in n..20 {
                    yield_now().await;
                }
                n
            })
            .collect();
        for n in 0..10 {
            assert_eq!(queue.join_next().await.unwrap().unwrap(), n);
        }
        let id = queue.spawn(pending()).id();
        queue.abort_all();
        for _ in 0..10 {
            let _ = queue.join_next().await.unwrap();
        }
        let error = queue.join_next_with_id().await.unwrap().unwrap_err();
        assert!(error.is_cancelled() && error.id() == id);
        assert!(queue.try_join_next().is_none() && queue.is_empty());
    });
}

#[test]
fn a_builder_names_tasks_and_closures() {
    current().block_on(async {
        let builder = TaskBuilder::new().name("clumsy");
        let task = builder.spawn(async { panic!("oops") }).unwrap();
        let closure = builder.spawn_blocking(|| panic!("oops")).unwrap();
        let on = builder.spawn_on(async { panic!("oops") }, &Handle::current());
        for handle in [task, closure, on.unwrap()] {
            let error = handle.await.map(|(): ()| ()).unwrap_err();
            assert_eq!(error.name(), Some("clumsy"));
            assert!(error.spawned_at().file().ends_with("join_set.rs"));
        }
    });
}
