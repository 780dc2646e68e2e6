use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use sinew_core::block_on;
use sinew_runtime::{Builder, LocalSet, Runtime, spawn, spawn_blocking};
use sinew_task::{AbortHandle, JoinHandle, yield_now};

use crate::conformance::{current, local, multi, on_each};

#[test]
fn a_task_may_abort_itself() {
    on_each(|| async {
        // While it is polled, and then it waits.
        let own: Arc<Mutex<Option<AbortHandle>>> = Arc::default();
        let mine = own.clone();
        let task = spawn(async move {
            loop {
                if let Some(own) = mine.lock().unwrap().take() {
                    own.abort();
                    break;
                }
                yield_now().await;
            }
            pending::<()>().await;
        });
        *own.lock().unwrap() = Some(task.abort_handle());
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_task_that_completes_in_the_poll_that_aborts_it_has_completed() {
    on_each(|| async {
        let (sender, receiver) = futures::channel::oneshot::channel::<AbortHandle>();
        let task = spawn(async move {
            receiver.await.unwrap().abort();
            5
        });
        sender.send(task.abort_handle()).unwrap();
        assert_eq!(task.await.unwrap(), 5);
    });
}

#[test]
fn aborts_and_wakes_from_many_threads_at_once() {
    on_each(|| async {
        for round in 0..20 {
            let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
            let slot = waker.clone();
            let task = spawn(poll_fn(move |cx| {
                *slot.lock().unwrap() = Some(cx.waker().clone());
                Poll::<()>::Pending
            }));
            let abort = task.abort_handle();
            let threads: Vec<_> = (0..3)
                .map(|index| {
                    let (abort, waker) = (abort.clone(), waker.clone());
                    thread::spawn(move || {
                        for turn in 0..20 {
                            let waker = waker.lock().unwrap().clone();
                            if let Some(waker) = waker {
                                waker.wake();
                            }
                            if index == 0 && turn == round {
                                abort.abort();
                            }
                        }
                        drop(abort);
                    })
                })
                .collect();
            assert!(task.await.unwrap_err().is_cancelled());
            for thread in threads {
                thread.join().unwrap();
            }
        }
    });
}

/// Runs when the thread's locals are destroyed.
struct AtExit(Option<Box<dyn FnOnce()>>);

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            f();
        }
    }
}

thread_local! {
    static AT_EXIT: RefCell<AtExit> = const { RefCell::new(AtExit(None)) };
}

/// Runs `set_up` on a new thread and what it returns while that thread's locals
/// are being destroyed, also those of the runtime.
fn while_locals_are_destroyed<F: FnOnce() + 'static>(set_up: impl FnOnce() -> F + Send + 'static) {
    let thread = thread::spawn(move || {
        // First in, last out: everything the runtime keeps comes later.
        AT_EXIT.with(|_| ());
        let at_exit = set_up();
        AT_EXIT.with(|cell| cell.borrow_mut().0 = Some(Box::new(at_exit)));
    });
    thread.join().unwrap();
}

#[test]
fn spawning_while_locals_are_destroyed() {
    let runtime = multi(1);
    let handle = runtime.handle().clone();
    let (sender, receiver) = mpsc::channel();
    while_locals_are_destroyed(move || {
        handle.block_on(async {});
        move || {
            let tell = sender.clone();
            drop(handle.spawn(async move { tell.send(1).unwrap() }));
            let tell = sender.clone();
            drop(handle.spawn_blocking(move || tell.send(2).unwrap()));
            let task = spawn(async {});
            task.abort();
            drop(task);
            drop(spawn_blocking(move || sender.send(3).unwrap()));
        }
    });
    let mut told: Vec<_> = receiver.iter().collect();
    told.sort_unstable();
    assert_eq!(told, [1, 2, 3]);
}

#[test]
fn runtimes_and_sets_dropped_while_locals_are_destroyed() {
    let dropped = Arc::new(AtomicUsize::new(0));
    struct Count(Arc<AtomicUsize>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let counter = dropped.clone();
    while_locals_are_destroyed(move || {
        let count = || Count(counter.clone());
        let runtimes: Vec<Runtime> = vec![multi(1), current()];
        for runtime in &runtimes {
            let count = count();
            drop(runtime.spawn(async move {
                let _count = count;
                pending::<()>().await;
            }));
            runtime.block_on(yield_now());
        }
        let local = local();
        let mine = count();
        drop(local.spawn_local(async move {
            let _mine = mine;
            pending::<()>().await;
        }));
        local.block_on(yield_now());
        let set = LocalSet::new();
        let mine = count();
        drop(set.spawn_local(async move {
            let _mine = mine;
            pending::<()>().await;
        }));
        set.block_on(&runtimes[1], yield_now());
        move || {
            drop(set);
            drop(local);
            drop(runtimes);
        }
    });
    assert_eq!(dropped.load(Ordering::SeqCst), 4);
}

#[test]
fn wakers_outlive_everything() {
    let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
    let keep = wakers.clone();
    thread::spawn(move || {
        let leak = || {
            let keep = keep.clone();
            poll_fn(move |cx| {
                keep.lock().unwrap().push(cx.waker().clone());
                Poll::<()>::Pending
            })
        };
        let (multi, current, local) = (multi(1), current(), local());
        drop(multi.spawn(leak()));
        drop(current.spawn(leak()));
        drop(local.spawn_local(leak()));
        multi.block_on(yield_now());
        current.block_on(yield_now());
        local.block_on(yield_now());
        while keep.lock().unwrap().len() < 3 {
            thread::yield_now();
        }
    })
    .join()
    .unwrap();
    let wakers = std::mem::take(&mut *wakers.lock().unwrap());
    for waker in &wakers {
        waker.wake_by_ref();
        drop(waker.clone());
    }
    for waker in wakers {
        waker.wake();
    }
}

#[test]
fn a_thread_hook_that_panics_hangs_nobody() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(|| panic!("on purpose"))
        .build()
        .unwrap();
    let closure: JoinHandle<()> = runtime.spawn_blocking(|| ());
    assert!(block_on(closure).unwrap_err().is_cancelled());
    drop(runtime);

    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_stop(|| panic!("on purpose"))
        .build()
        .unwrap();
    let closure = runtime.spawn_blocking(|| 1);
    assert_eq!(block_on(closure).unwrap(), 1);
    drop(runtime);
}

#[test]
fn a_panic_in_block_on_leaves_the_runtime_usable() {
    for runtime in [multi(1), multi(2), current()] {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime.block_on(async {
                spawn(async {}).await.unwrap();
                panic!("on purpose");
            });
        }));
        assert!(caught.is_err());
        assert_eq!(
            runtime.block_on(async { spawn(async { 2 }).await.unwrap() }),
            2
        );
    }
    let runtime = local();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async { panic!("on purpose") });
    }));
    assert!(caught.is_err());
    assert_eq!(
        runtime.block_on(async { spawn(async { 2 }).await.unwrap() }),
        2
    );
}

#[test]
fn a_closure_that_blocks_for_ever_does_not_hold_up_a_shutdown() {
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    for runtime in [multi(1), current()] {
        let (started, has_started) = mpsc::channel();
        let released = released.clone();
        let stuck: Pin<Box<dyn Future<Output = _>>> = Box::pin(runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            let _ = released.lock().unwrap().recv();
        }));
        has_started.recv().unwrap();
        let waiting = runtime.spawn(async {
            let _ = spawn_blocking(|| ()).await;
            pending::<()>().await;
        });
        runtime.shutdown_timeout(Duration::from_millis(20));
        assert!(block_on(waiting).unwrap_err().is_cancelled());
        drop(stuck);
    }
    drop(release);
}

/// A waker that says that it was woken, and panics.
fn bad_waker() -> (Waker, mpsc::Receiver<()>) {
    let (sender, woken) = mpsc::channel();
    let waker = sinew_core::waker::waker_fn(move || {
        let _ = sender.send(());
        panic!("a waker that panics");
    });
    (waker, woken)
}

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut std::task::Context::from_waker(waker))
}

#[test]
fn a_waker_that_panics_at_a_join_harms_nobody() {
    for runtime in [multi(1), multi(2), current()] {
        let (waker, woken) = bad_waker();
        let (let_end, end) = futures::channel::oneshot::channel::<()>();
        let mut task = runtime.spawn(async move {
            let _ = end.await;
            5
        });
        assert!(poll_with(&mut task, &waker).is_pending());
        let_end.send(()).unwrap();
        runtime.block_on(async {
            while woken.try_recv().is_err() {
                yield_now().await;
            }
            assert_eq!(spawn(async { 1 }).await.unwrap(), 1);
            assert_eq!(task.await.unwrap(), 5);
        });
    }
}

#[test]
fn wakers_that_panic_in_the_driver_leave_the_runtime_running() {
    for runtime in [multi(1), multi(2), current()] {
        runtime.block_on(async {
            let (waker, woken) = bad_waker();
            // On a machine too busy, one may end before its first poll.
            let _sleep = loop {
                let mut sleep = Box::pin(sinew_time::sleep(Duration::from_millis(1)));
                if poll_with(&mut sleep, &waker).is_pending() {
                    break sleep;
                }
            };
            let (mut near, far) = std::os::unix::net::UnixStream::pair().unwrap();
            let far = sinew_reactor::Async::new(far).unwrap();
            let mut readable = Box::pin(far.readable());
            assert!(poll_with(&mut readable, &waker).is_pending());
            std::io::Write::write_all(&mut near, b"x").unwrap();
            for _ in 0..2 {
                while woken.try_recv().is_err() {
                    sinew_time::sleep(Duration::from_micros(200)).await;
                }
            }
            readable.await.unwrap();
            for _ in 0..3 {
                let slept = spawn(sinew_time::sleep(Duration::from_millis(1)));
                slept.await.unwrap();
            }
        });
    }
}
