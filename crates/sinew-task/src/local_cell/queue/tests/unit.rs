use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use sinew_core::block_on;

use super::Local;
use crate::{Id, LocalQueue, Schedule, spawn_on, try_id, yield_now};

/// A future that leaves its waker in the returned place and never ends.
fn waker_of(local: &Local) -> Waker {
    let place = Rc::new(RefCell::new(None));
    drop(local.spawn({
        let place = place.clone();
        poll_fn(move |cx| {
            *place.borrow_mut() = Some(cx.waker().clone());
            Poll::<()>::Pending
        })
    }));
    local.run();
    place.take().unwrap()
}

#[test]
fn tasks_run_in_order_and_share_what_is_not_send() {
    let local = Local::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    let handles: Vec<_> = (0..4)
        .map(|n| {
            let log = log.clone();
            local.spawn(async move {
                log.borrow_mut().push(n);
                yield_now().await;
                log.borrow_mut().push(n + 10);
                n
            })
        })
        .collect();
    assert_eq!(local.queue().len(), 4);
    local.run();
    assert_eq!(*log.borrow(), [0, 1, 2, 3, 10, 11, 12, 13]);
    assert!(local.queue().is_empty());
    for (n, handle) in handles.into_iter().enumerate() {
        assert!(handle.is_finished());
        assert_eq!(block_on(handle).unwrap(), n);
    }
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn a_task_that_joins_is_woken_at_the_end() {
    let local = Local::new();
    let inner = local.spawn(async {
        yield_now().await;
        5
    });
    let outer = local.spawn(async move { inner.await.unwrap() + 1 });
    local.run();
    assert_eq!(block_on(outer).unwrap(), 6);
}

#[test]
fn wakes_while_queued_or_running_are_one() {
    let local = Local::new();
    let polls = Rc::new(Cell::new(0));
    drop(local.spawn({
        let polls = polls.clone();
        poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            if polls.get() == 1 {
                cx.waker().wake_by_ref();
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        })
    }));
    local.run();
    assert_eq!(polls.get(), 2);
}

#[test]
fn wakers_outlive_task_queue_and_thread() {
    let (here, there) = std::thread::spawn(|| {
        let local = Local::new();
        let waker = waker_of(&local);
        (waker.clone(), waker)
    })
    .join()
    .unwrap();
    // Queue and thread are gone.
    here.wake_by_ref();
    drop(here.clone());
    there.wake();
    drop(here);
}

#[test]
fn a_wake_after_the_end_on_the_own_thread() {
    let local = Local::new();
    let waker = waker_of(&local);
    drop(local);
    waker.wake_by_ref();
    let clone = waker.clone();
    clone.wake();
    drop(waker);
}

#[test]
fn ids_names_and_places_are_seen() {
    let local = Local::new();
    let handle = local.spawn(async {
        let id = try_id();
        yield_now().await;
        id
    });
    let id = handle.id();
    local.run_one();
    let infos = local.queue().snapshot();
    assert_eq!(infos.len(), 1);
    assert_eq!(infos[0].id, id);
    assert_eq!(infos[0].spawned_at.file(), file!());
    assert_eq!(
        infos[0].waits_for.unwrap().kind,
        sinew_core::leaf::Kind::Yield
    );
    local.run();
    assert_eq!(block_on(handle).unwrap(), Some(id));
    assert!(local.queue().snapshot().is_empty());
}

#[test]
fn shared_cells_take_turns_with_ours() {
    let local = Local::new();
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    for n in 0..3 {
        let log = log.clone();
        drop(local.spawn(async move { log.lock().unwrap().push(n) }));
    }
    for n in 10..13 {
        let log = log.clone();
        let scheduler: Arc<dyn Schedule> = local.0.clone();
        drop(spawn_on(scheduler, async move {
            log.lock().unwrap().push(n);
        }));
    }
    local.run();
    assert_eq!(*log.lock().unwrap(), [0, 10, 1, 11, 2, 12]);
}

#[test]
fn a_closed_queue_refuses() {
    struct OnDrop(Rc<Cell<u32>>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let drops = Rc::new(Cell::new(0));
    let local = Local::new();
    local.queue().cancel_all();
    local.queue().close();
    let guard = OnDrop(drops.clone());
    let handle = local.spawn(async move {
        let _guard = guard;
    });
    assert_eq!(drops.get(), 1);
    assert!(handle.is_finished());
    let abort = handle.abort_handle();
    abort.abort();
    assert!(block_on(handle).unwrap_err().is_cancelled());
    assert!(abort.is_finished());
}

#[test]
fn destructors_may_spawn_and_wake_while_the_queue_closes() {
    struct SpawnOnDrop(Rc<Local>, Option<Waker>, Rc<Cell<u32>>);
    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            if let Some(waker) = self.1.take() {
                waker.wake();
            }
            let handle = self.0.spawn(ready(()));
            assert!(block_on(handle).unwrap_err().is_cancelled());
            self.2.set(self.2.get() + 1);
        }
    }
    let drops = Rc::new(Cell::new(0));
    let local = Rc::new(Local::new());
    let waker = waker_of(&local);
    for waker in [Some(waker), None] {
        let guard = SpawnOnDrop(local.clone(), waker, drops.clone());
        drop(local.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        }));
    }
    local.run();
    local.queue().cancel_all();
    local.run();
    assert_eq!(drops.get(), 2);
    assert_eq!(Rc::strong_count(&local), 1);
}

#[test]
fn a_joiner_may_drop_the_last_handles_when_it_is_woken() {
    /// Owns a handle of the task that wakes it.
    struct Owns(std::sync::Mutex<Option<crate::JoinHandle<u8>>>);
    impl std::task::Wake for Owns {
        fn wake(self: Arc<Self>) {
            drop(self.0.lock().unwrap().take());
        }
    }
    let local = Local::new();
    let handle = local.spawn(async { 7u8 });
    let owns = Arc::new(Owns(std::sync::Mutex::new(None)));
    let waker = Waker::from(owns.clone());
    let mut cx = std::task::Context::from_waker(&waker);
    let mut handle = handle;
    assert!(std::pin::Pin::new(&mut handle).poll(&mut cx).is_pending());
    *owns.0.lock().unwrap() = Some(handle);
    local.run();
    assert!(owns.0.lock().unwrap().is_none());
}

#[test]
fn a_panic_in_the_waker_of_who_joins_stays_there() {
    struct Bad;
    impl std::task::Wake for Bad {
        fn wake(self: Arc<Self>) {
            panic!("waker");
        }
    }
    let local = Local::new();
    let mut handle = local.spawn(async { 1 });
    let other = local.spawn(async { 2 });
    let waker = Waker::from(Arc::new(Bad));
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(std::pin::Pin::new(&mut handle).poll(&mut cx).is_pending());
    local.run();
    assert_eq!(block_on(handle).unwrap(), 1);
    assert_eq!(block_on(other).unwrap(), 2);
}

#[test]
fn sleeping_and_waking() {
    struct Count(AtomicUsize);
    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let local = Local::new();
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(count.clone());
    let task = waker_of(&local);
    assert!(local.queue().fall_asleep(&waker));
    // From the own thread, and once only.
    task.wake_by_ref();
    task.wake_by_ref();
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(!local.queue().fall_asleep(&waker), "there is a task");
    local.run();
    assert!(local.queue().fall_asleep(&waker));
    let there = task.clone();
    std::thread::spawn(move || {
        there.wake_by_ref();
        there.wake();
    })
    .join()
    .unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
    assert!(local.run_one());
    assert!(!local.run_one());
}

#[test]
#[should_panic(expected = "only on the thread that owns it")]
fn another_thread_cannot_run_it() {
    let queue = LocalQueue::new();
    let ran = std::thread::scope(|scope| scope.spawn(|| queue.run(1)).join());
    std::panic::resume_unwind(ran.unwrap_err());
}

#[test]
fn a_future_whose_poll_panics_is_dropped_while_that_unwinds() {
    struct Witness(Rc<Cell<bool>>);
    impl Drop for Witness {
        fn drop(&mut self) {
            self.0.set(std::thread::panicking() && try_id().is_some());
        }
    }
    impl Future for Witness {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("on purpose");
        }
    }
    let local = Local::new();
    let seen = Rc::new(Cell::new(false));
    let handle = local.spawn(Witness(seen.clone()));
    local.run();
    assert!(seen.get());
    assert!(block_on(handle).unwrap_err().is_panic());
}

#[test]
fn an_output_is_dropped_as_a_part_of_its_task() {
    struct Output(Rc<Cell<Option<Id>>>);
    impl Drop for Output {
        fn drop(&mut self) {
            self.0.set(try_id());
        }
    }
    let local = Local::new();
    for detached in [false, true] {
        let seen = Rc::new(Cell::new(None));
        let output = Output(seen.clone());
        let handle = local.spawn(async move { output });
        let id = handle.id();
        let handle = (!detached).then_some(handle);
        local.run();
        drop(handle);
        assert_eq!(seen.get(), Some(id));
    }
}
