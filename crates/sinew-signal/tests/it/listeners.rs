#![cfg(any(target_os = "linux", target_os = "android", target_os = "illumos"))]

use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Context;
use std::thread;

use futures::{FutureExt, StreamExt};
use sinew_core::leaf::{self, Kind};
use sinew_core::waker::waker_fn;
use sinew_signal::unix::{SignalStream, signal};

use crate::child::is_child;
use crate::send::{has_one, own, receive, send, until, within};

#[test]
fn every_listener_sees_every_delivery() {
    let kind = own(1);
    let mut listeners: Vec<_> = (0..10).map(|_| signal(kind).unwrap()).collect();
    for _ in 0..3 {
        send(kind);
        listeners.iter_mut().for_each(receive);
        assert!(!listeners.iter_mut().any(has_one));
    }
}

#[test]
fn deliveries_coalesce_until_received() {
    let kind = own(2);
    let mut listener = signal(kind).unwrap();
    let mut witness = signal(kind).unwrap();
    for _ in 0..5 {
        send(kind);
        // The witness has it, so the dispatcher is done with it.
        receive(&mut witness);
    }
    receive(&mut listener);
    assert!(!has_one(&mut listener));
    send(kind);
    receive(&mut listener);
}

#[test]
fn a_delivery_before_recv_is_seen() {
    let kind = own(3);
    let mut listener = signal(kind).unwrap();
    let mut witness = signal(kind).unwrap();
    send(kind);
    receive(&mut witness);
    assert!(has_one(&mut listener), "it came before the first poll");
}

#[test]
fn a_delivery_while_nobody_listens_waits() {
    let kind = own(4);
    drop(signal(kind).unwrap());
    send(kind);
    let mut listener = signal(kind).unwrap();
    receive(&mut listener);
    drop(listener);
    assert!(
        !has_one(&mut signal(kind).unwrap()),
        "received once is enough"
    );
}

#[test]
fn a_dropped_recv_loses_nothing_and_leaves_no_waker() {
    let kind = own(5);
    let mut listener = signal(kind).unwrap();
    let count = Arc::new(());
    let waker = waker_fn({
        let count = count.clone();
        move || {
            let _ = &count;
        }
    });
    {
        let mut recv = listener.recv();
        let mut cx = Context::from_waker(&waker);
        assert!(Future::poll(std::pin::Pin::new(&mut recv), &mut cx).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&count), 2);
    }
    assert_eq!(Arc::strong_count(&count), 1);
    send(kind);
    receive(&mut listener);
}

#[test]
fn only_the_last_waker_is_woken() {
    let kind = own(6);
    let mut listener = signal(kind).unwrap();
    let woken: [Arc<AtomicUsize>; 2] = Default::default();
    for count in woken.clone() {
        let waker = waker_fn(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        assert!(
            listener
                .poll_recv(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    send(kind);
    until(|| woken[1].load(Ordering::SeqCst) == 1);
    assert_eq!(woken[0].load(Ordering::SeqCst), 0);
    assert!(has_one(&mut listener));
}

#[test]
fn a_waker_that_panics_costs_nobody_the_signal() {
    let kind = own(7);
    let mut first = signal(kind).unwrap();
    let mut second = signal(kind).unwrap();
    let waker = waker_fn(|| panic!("on purpose"));
    assert!(
        first
            .poll_recv(&mut Context::from_waker(&waker))
            .is_pending()
    );
    send(kind);
    receive(&mut second);
    send(kind);
    receive(&mut second);
    assert!(has_one(&mut first));
}

#[test]
fn listeners_on_many_threads() {
    let kind = own(8);
    let (ready, is_ready) = mpsc::channel();
    for _ in 0..10 {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let ready = ready.clone();
                thread::spawn(move || {
                    let mut listener = signal(kind).unwrap();
                    ready.send(()).unwrap();
                    within(listener.recv())
                })
            })
            .collect();
        for _ in 0..4 {
            is_ready.recv().unwrap();
        }
        send(kind);
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Some(()));
        }
    }
}

#[test]
fn a_listener_moves_between_threads() {
    let kind = own(9);
    let mut listener = signal(kind).unwrap();
    assert!(!has_one(&mut listener));
    let (send_it, sent) = mpsc::channel();
    let thread = thread::spawn(move || {
        sent.recv().unwrap();
        receive(&mut listener);
        listener
    });
    send(kind);
    send_it.send(()).unwrap();
    assert!(!has_one(&mut thread.join().unwrap()));
}

#[test]
fn dropping_one_listener_leaves_the_others() {
    let kind = own(10);
    let first = signal(kind).unwrap();
    let mut listener = signal(kind).unwrap();
    let third = signal(kind).unwrap();
    drop(first);
    drop(third);
    send(kind);
    receive(&mut listener);
}

#[test]
fn a_storm_from_many_threads_reaches_every_listener() {
    let kind = own(11);
    let mut listeners: Vec<_> = (0..4).map(|_| signal(kind).unwrap()).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|_| send(kind)));
        }
    });
    listeners.iter_mut().for_each(receive);
    // The storm may have stragglers; what counts is that the next one comes.
    send(kind);
    listeners.iter_mut().for_each(receive);
}

#[test]
fn real_time_signals_at_once() {
    let kinds: Vec<_> = (12..25).map(own).collect();
    let mut listeners: Vec<_> = kinds.iter().map(|&kind| signal(kind).unwrap()).collect();
    kinds.iter().for_each(|&kind| send(kind));
    listeners.iter_mut().for_each(receive);
}

#[test]
fn a_pending_recv_says_what_it_waits_for() {
    let kind = own(25);
    let mut listener = signal(kind).unwrap();
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let here = Location::caller();
    let mut recv = listener.recv();
    let (polled, waits) = leaf::trace(|| Future::poll(std::pin::Pin::new(&mut recv), &mut cx));
    assert!(polled.is_pending());
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].kind, Kind::Signal);
    assert_eq!(waits[0].resource, kind.as_raw_value() as u64);
    assert_eq!(waits[0].location.file(), here.file());
    assert_eq!(waits[0].location.line(), here.line() + 1);
}

/// Every thread of the program has the signal blocked, except for the
/// dispatcher if it did not block it itself: then it would be taken there.
#[cfg(target_os = "linux")]
#[test]
fn the_dispatcher_takes_no_signals() {
    let kind = own(26);
    let _listener = signal(kind).unwrap();
    // It may not have given itself its name yet; and threads of other tests end.
    let mut status = String::new();
    until(|| {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let mut paths = tasks.filter_map(|task| Some(task.ok()?.path()));
        let named = |task: &std::path::PathBuf| {
            let name = std::fs::read_to_string(task.join("comm"));
            name.is_ok_and(|name| name.trim() == "sinew-signal")
        };
        let dispatcher = paths.find(named);
        dispatcher.is_some_and(|task| {
            status = std::fs::read_to_string(task.join("status")).unwrap();
            true
        })
    });
    let blocked = status
        .lines()
        .find_map(|line| line.strip_prefix("SigBlk:"))
        .unwrap();
    let blocked = u64::from_str_radix(blocked.trim(), 16).unwrap();
    let bit = |signal: i32| 1u64 << (signal - 1);
    for signal in [libc::SIGTERM, libc::SIGUSR1, kind.as_raw_value()] {
        assert_ne!(blocked & bit(signal), 0, "signal {signal} is blocked");
    }
    for signal in [libc::SIGSEGV, libc::SIGABRT] {
        assert_eq!(blocked & bit(signal), 0, "signal {signal} is not");
    }
    // And this thread got its own mask back.
    let own = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    assert!(own.contains("SigBlk:\t0000000000000000"), "{own}");
}

#[test]
fn a_forked_child_listens_by_itself() {
    if !is_child("listeners::a_forked_child_listens_by_itself") {
        return;
    }
    let (parents, childs) = (own(0), own(1));
    let mut before = signal(parents).unwrap();
    // SAFETY: the child uses only what this test calls; glibc keeps its
    // allocator usable across a fork, and no other thread holds a lock that the
    // child takes.
    let process = unsafe { libc::fork() };
    assert!(process >= 0);
    if process == 0 {
        let passed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            // No dispatcher here yet: the handler runs, and nothing is delivered.
            send(parents);
            let mut listener = signal(childs).unwrap();
            send(childs);
            receive(&mut listener);
            // The mark of the first signal is delivered as well.
            receive(&mut before);
        }));
        // SAFETY: ends the child without running the harness's exit.
        unsafe { libc::_exit(i32::from(passed.is_err())) };
    }
    let mut status = 0;
    // SAFETY: our own child, and room for its status.
    let waited = unsafe { libc::waitpid(process, &mut status, 0) };
    assert_eq!((waited, status), (process, 0));
    assert!(!has_one(&mut before), "the child's signals are its own");
    send(parents);
    receive(&mut before);
}

#[test]
fn a_stream_yields_what_its_listener_would() {
    let kind = own(29);
    let mut stream = SignalStream::new(signal(kind).unwrap());
    let mut witness = signal(kind).unwrap();
    assert_eq!(stream.next().now_or_never(), None);
    send(kind);
    receive(&mut witness);
    assert_eq!(stream.next().now_or_never(), Some(Some(())));
    send(kind);
    receive(&mut witness);
    receive(&mut stream.into_inner());
}
