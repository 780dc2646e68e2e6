use std::sync::Arc;
use std::task::{Poll, Waker};

use sinew_core::{block_on, coop};
use sinew_task::{JoinHandle, Runnable, Schedule, current, enter, on_thread, spawn_on, yield_now};

use crate::queue::Queue;

#[test]
fn entering_is_per_thread_and_nests() {
    assert!(current().is_none());
    let outer = Queue::new();
    let inner = Queue::new();
    let guard = enter(outer.clone());
    {
        let _guard = enter(inner.clone());
        drop(spawn_on(current().unwrap(), async {}));
    }
    assert_eq!((outer.list().len(), inner.list().len()), (0, 1));
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(current().is_none()));
    });
    drop(guard);
    assert!(current().is_none());
    inner.run();
}

#[test]
fn the_scheduler_lives_as_long_as_its_tasks() {
    let queue = Queue::new();
    let weak = Arc::downgrade(&queue);
    let handle = spawn_on(queue.clone(), async {});
    let task = queue.pop().unwrap();
    drop(queue);
    assert!(weak.upgrade().is_some());
    task.run();
    block_on(handle).unwrap();
    assert!(weak.upgrade().is_none());
}

#[test]
fn wakes_reach_the_queue_inside_and_outside_of_its_thread() {
    let queue = Queue::new();
    let scheduler: Arc<dyn Schedule> = queue.clone();
    let kept = Arc::new(std::sync::Mutex::new(None::<Waker>));
    let mut polls = 0;
    let handle = spawn_on(scheduler.clone(), {
        let kept = kept.clone();
        std::future::poll_fn(move |cx| {
            polls += 1;
            *kept.lock().unwrap() = Some(cx.waker().clone());
            if polls == 3 {
                std::task::Poll::Ready(polls)
            } else {
                std::task::Poll::Pending
            }
        })
    });
    let wake = || kept.lock().unwrap().take().unwrap().wake();
    on_thread(&scheduler, || {
        queue.run();
        wake();
        queue.run();
    });
    std::thread::scope(|scope| {
        scope.spawn(wake);
    });
    queue.run();
    assert_eq!(block_on(handle).unwrap(), 3);
}

#[test]
fn a_task_that_gives_way_is_given_back_to_its_own_scheduler_only() {
    let queue = Queue::new();
    let scheduler: Arc<dyn Schedule> = queue.clone();
    let other: Arc<dyn Schedule> = Queue::new();
    let handle = spawn_on(queue.clone(), async {
        for _ in 0..2 {
            yield_now().await;
        }
    });
    let task = queue.pop().unwrap();
    let task = task.run_for(&scheduler).expect("it gave way");
    assert!(queue.pop().is_none());
    assert!(task.run_for(&other).is_none());
    let task = queue.pop().expect("its own has it");
    assert!(task.run_for(&scheduler).is_none());
    assert!(queue.pop().is_none());
    block_on(handle).unwrap();
}

/// What becomes of a task that gave way and is queued, at the end that `end` brings.
fn cancelled_where_it_gave_way(end: impl FnOnce(&JoinHandle<()>, Runnable)) {
    let queue = Queue::new();
    let dropped = Arc::new(());
    let held = dropped.clone();
    let handle = spawn_on(queue.clone(), async move {
        yield_now().await;
        drop(held);
        unreachable!("it is not polled again");
    });
    queue.pop().unwrap().run();
    end(&handle, queue.pop().expect("it gave way"));
    assert_eq!(Arc::strong_count(&dropped), 1);
    assert!(block_on(handle).unwrap_err().is_cancelled());
    assert!(queue.list().is_empty());
}

#[test]
fn a_task_that_gave_way_is_aborted_in_the_queue() {
    cancelled_where_it_gave_way(|handle, task| {
        handle.abort();
        assert!(!task.run());
    });
    cancelled_where_it_gave_way(|_, task| drop(task));
}

#[test]
fn a_poll_inside_of_a_poll_does_not_give_way_for_it() {
    let queue = Queue::new();
    let inner = Queue::new();
    let polled_inside = inner.clone();
    let handle = spawn_on(queue.clone(), async move {
        let mut first = true;
        std::future::poll_fn(move |cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            coop::give_way(cx);
            drop(spawn_on(
                polled_inside.clone(),
                std::future::pending::<()>(),
            ));
            // It waits, and it is the outer one that gives way.
            assert!(!polled_inside.pop().unwrap().run());
            Poll::Pending
        })
        .await;
    });
    assert!(queue.pop().unwrap().run());
    assert!(!queue.pop().unwrap().run());
    block_on(handle).unwrap();
    inner.list().close_and_cancel();
    inner.run();
}
