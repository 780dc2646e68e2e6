use std::sync::Arc;
use std::task::Waker;

use sinew_core::block_on;
use sinew_task::{Schedule, current, enter, on_thread, spawn_on};

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
