//! Wakers, handles and aborts on other threads, many at once.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use sinew_core::{Park, ThreadPark, block_on};

use super::{Host, Local};
use crate::Builder;

const THREADS: usize = 4;
const TASKS: usize = 300;

/// Counts drops of what a task owns.
struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_storm_of_wakes_and_drops() {
    let local = Local::new();
    let host = local.0.clone();
    let drops = Arc::new(AtomicUsize::new(0));
    let (senders, threads): (Vec<_>, Vec<_>) = (0..THREADS)
        .map(|_| {
            let (sender, wakers) = mpsc::channel::<Waker>();
            let thread = thread::spawn(move || {
                for (n, waker) in wakers.into_iter().enumerate() {
                    let clone = waker.clone();
                    match n % 4 {
                        0 => waker.wake(),
                        1 => waker.wake_by_ref(),
                        2 => drop(waker),
                        _ => clone.wake_by_ref(),
                    }
                    drop(clone);
                }
            });
            (sender, thread)
        })
        .unzip();
    for n in 0..TASKS {
        let guard = OnDrop(drops.clone());
        let sender = senders[n % THREADS].clone();
        let not_send = Rc::new(());
        let mut polls = 0;
        drop(local.spawn(async move {
            let _guard = guard;
            poll_fn(|cx| {
                polls += 1;
                assert_eq!(Rc::strong_count(&not_send), 1);
                // The last one may be dropped without a wake, so the task
                // keeps itself awake now and then.
                sender.send(cx.waker().clone()).unwrap();
                cx.waker().wake_by_ref();
                match polls {
                    20 => Poll::Ready(()),
                    _ => Poll::Pending,
                }
            })
            .await;
        }));
    }
    drop(senders);
    while !local.queue().is_empty() {
        local.run();
    }
    for thread in threads {
        thread.join().unwrap();
    }
    local.run();
    assert_eq!(drops.load(Ordering::SeqCst), TASKS);
    drop(local);
    assert_eq!(Arc::strong_count(&host), 1, "a cell was leaked");
}

#[test]
fn wakers_race_with_the_end_of_the_queue() {
    for round in 0..50 {
        let local = Local::new();
        let host = local.0.clone();
        let (sender, wakers) = mpsc::channel::<Waker>();
        for _ in 0..20 {
            let sender = sender.clone();
            drop(local.spawn(poll_fn(move |cx| {
                sender.send(cx.waker().clone()).unwrap();
                Poll::<()>::Pending
            })));
        }
        let go = Arc::new(AtomicBool::new(false));
        local.run();
        let wakers: Vec<Waker> = wakers.try_iter().collect();
        let threads: Vec<_> = (0..2)
            .map(|n| {
                let (wakers, go) = (wakers.clone(), go.clone());
                thread::spawn(move || {
                    while !go.load(Ordering::Acquire) {
                        std::hint::spin_loop();
                    }
                    for waker in wakers {
                        match n {
                            0 => waker.wake(),
                            _ => drop(waker),
                        }
                    }
                })
            })
            .collect();
        if round % 2 == 0 {
            drop(wakers);
        }
        go.store(true, Ordering::Release);
        drop(local);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(
            Arc::strong_count(&host),
            1 + usize::from(round % 2 == 1) * 20
        );
    }
}

#[test]
fn handles_are_awaited_dropped_and_aborted_elsewhere() {
    let local = Local::new();
    let host = local.0.clone();
    let outputs = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let handles: Vec<_> = (0..TASKS)
                .map(|n| {
                    let guard = OnDrop(outputs.clone());
                    local.spawn(async move {
                        for _ in 0..n % 5 {
                            crate::yield_now().await;
                        }
                        guard
                    })
                })
                .collect();
            thread::spawn(move || {
                for (n, handle) in handles.into_iter().enumerate() {
                    match (n + thread) % 4 {
                        0 => drop(handle),
                        1 => {
                            let abort = handle.abort_handle();
                            abort.abort();
                            let _ = block_on(handle);
                            assert!(abort.is_finished());
                        }
                        2 => {
                            let _ = block_on(handle.cancel());
                        }
                        _ => drop(block_on(handle).unwrap()),
                    }
                }
            })
        })
        .collect();
    while !threads.iter().all(thread::JoinHandle::is_finished) {
        if !local.run_one() {
            thread::yield_now();
        }
    }
    for thread in threads {
        thread.join().unwrap();
    }
    local.run();
    assert!(local.queue().is_empty());
    assert_eq!(outputs.load(Ordering::SeqCst), THREADS * TASKS);
    drop(local);
    assert_eq!(Arc::strong_count(&host), 1, "a cell was leaked");
}

/// References that were cloned on one side and dropped on the other, until
/// nothing is left on the owner's.
#[test]
fn counts_that_cross_over_add_up() {
    let local = Local::new();
    let (sender, wakers) = mpsc::channel::<Waker>();
    let handle = local.spawn(poll_fn(move |cx| {
        for _ in 0..5 {
            sender.send(cx.waker().clone()).unwrap();
        }
        Poll::Ready(())
    }));
    local.run();
    let (back, returned) = mpsc::channel();
    let ours: Vec<Waker> = wakers.try_iter().collect();
    thread::spawn(move || {
        for waker in ours {
            for _ in 0..3 {
                back.send(waker.clone()).unwrap();
            }
            drop(waker);
        }
    })
    .join()
    .unwrap();
    // Fifteen references that were made elsewhere are dropped here.
    drop(handle);
    for waker in returned {
        waker.wake();
        local.run();
    }
    assert!(local.queue().as_owner().unwrap().list_is_empty());
}

#[test]
fn the_list_is_read_from_elsewhere_while_tasks_come_and_go() {
    let local = Local::new();
    let host = local.0.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let stop = stop.clone();
        move || {
            let mut looks = 0;
            while !stop.load(Ordering::Acquire) || looks == 0 {
                for info in host.queue.snapshot() {
                    assert!(info.spawned_at.file().ends_with("threads.rs"));
                }
                looks += 1;
            }
            looks
        }
    });
    for _ in 0..20 {
        local.queue().session(|| {
            for _ in 0..50 {
                let handle = local.spawn(crate::yield_now());
                drop(local.spawn(async move { handle.await.unwrap() }));
            }
            local.run();
        });
    }
    stop.store(true, Ordering::Release);
    assert!(reader.join().unwrap() > 0);
}

/// An owner that is parked lets those in who read its list.
#[test]
fn a_parked_owner_is_woken_for_a_reader() {
    let local = Local::new();
    let host = local.0.clone();
    let park = ThreadPark::new();
    let handle = local.spawn(poll_fn(|_| Poll::<()>::Pending));
    local.queue().session(|| {
        let mut park = park;
        let parking = local.queue().parking(park.unparker());
        local.run();
        let reader = thread::spawn(move || host.queue.snapshot().len());
        while !reader.is_finished() {
            parking.park(|| park.park(Some(Instant::now() + Duration::from_millis(100))));
            local.run();
        }
        assert_eq!(reader.join().unwrap(), 1);
    });
    handle.abort();
}

/// What the owner waits for out of its sessions may read its list, and what it does there
/// itself is as in a session.
#[test]
fn an_owner_out_of_its_session_can_wait_for_a_reader() {
    let local = Local::new();
    let host = local.0.clone();
    let read = || {
        let host = host.clone();
        let reader = thread::spawn(move || host.queue.snapshot().len());
        reader.join().unwrap()
    };
    assert_eq!(local.queue().out_of_session(read), 0);
    local.queue().session(|| {
        let first = local.spawn(async { 1 });
        let second = local.queue().session(|| {
            local.queue().out_of_session(|| {
                assert!(local.queue().as_current().is_none());
                assert_eq!(read(), 1);
                let second = local.spawn(async { 2 });
                assert_eq!(read(), 2);
                local.queue().session(|| local.run());
                second
            })
        });
        assert!(local.queue().as_current().is_some());
        assert_eq!(block_on(first).unwrap() + block_on(second).unwrap(), 3);
        let panics = || local.queue().out_of_session(|| panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert!(local.queue().as_current().is_some());
    });
    assert!(local.queue().as_current().is_none());
    assert_eq!(read(), 0);
}

/// A movable queue is run by one thread after the other. Its tasks, their
/// wakers and handles go along.
#[test]
fn a_movable_queue_goes_from_thread_to_thread() {
    let host = Host::movable();
    let drops = Arc::new(AtomicUsize::new(0));
    let mut handles = Vec::new();
    for round in 0..20 {
        let (host, drops) = (host.clone(), drops.clone());
        let spawned = thread::spawn(move || {
            host.queue
                .own(|| {
                    let handle = host.queue.spawn(Builder::new(), {
                        let guard = OnDrop(drops);
                        async move {
                            let _guard = guard;
                            for _ in 0..round {
                                crate::yield_now().await;
                            }
                            round
                        }
                    });
                    host.queue.run(10);
                    handle
                })
                .unwrap()
        });
        handles.push(spawned.join().unwrap());
    }
    assert!(!host.queue.is_mine());
    let elsewhere = thread::spawn({
        let host = host.clone();
        move || host.queue.own(|| while host.queue.run(10) > 0 {})
    });
    elsewhere.join().unwrap().unwrap();
    for (round, handle) in handles.into_iter().enumerate() {
        assert_eq!(block_on(handle).unwrap(), round);
    }
    assert_eq!(drops.load(Ordering::SeqCst), 20);
    host.queue.own(|| host.queue.close()).unwrap();
    assert_eq!(Arc::strong_count(&host), 1, "a cell was leaked");
}

#[test]
fn a_queue_has_one_owner_at_a_time() {
    let host = Host::movable();
    host.queue
        .own(|| {
            let there = thread::scope(|scope| scope.spawn(|| host.queue.own(|| ())).join());
            assert!(there.unwrap().is_none());
            assert!(host.queue.own(|| ()).is_some(), "nested");
            assert!(host.queue.is_mine());
        })
        .unwrap();
    assert!(!host.queue.is_mine());
}
