//! futures' own macros and collections over our channels, tasks and timers.

use std::pin::pin;

use sinew::future::{Fuse, FutureExt};
use sinew::futures;
use sinew::stream::{FuturesUnordered, StreamExt};
use sinew::sync::{mpsc, oneshot};
use sinew::time::{Duration, Instant, sleep};

#[sinew::test]
async fn select_with_default_asks_once() {
    let (sender, receiver) = oneshot::channel();
    let mut receiver = receiver.fuse();
    let mut ask = || {
        futures::select! {
            value = receiver => Some(value.unwrap()),
            default => None,
            complete => Some(0),
        }
    };
    assert_eq!(ask(), None);
    sender.send(7).unwrap();
    assert_eq!(ask(), Some(7));
    assert_eq!(ask(), Some(0));
}

#[sinew::test]
async fn select_with_complete_ends_when_all_have() {
    let (sender, receiver) = mpsc::channel(4);
    let task = sinew::spawn(async move {
        for n in 1..=3 {
            sender.send(n).await.unwrap();
        }
    });
    let mut numbers = receiver.fuse();
    let mut task = task.fuse();
    let mut sum = 0;
    loop {
        futures::select! {
            n = numbers.select_next_some() => sum += n,
            ended = task => ended.unwrap(),
            complete => break,
        }
    }
    assert_eq!(sum, 6);
}

/// A future that is started anew in the loop, and is none in between.
#[sinew::test(start_paused = true)]
async fn select_over_a_terminated_fuse() {
    let start = Instant::now();
    let mut alarm = pin!(Fuse::terminated());
    let mut snoozes = futures::stream::iter(1..=3).fuse();
    let mut rang = 0;
    loop {
        futures::select! {
            () = alarm => rang += 1,
            n = snoozes.select_next_some() => {
                alarm.set(sleep(Duration::from_secs(n)).fuse());
            }
            complete => break,
        }
    }
    // Each number replaces the alarm before it; the last one rings.
    assert_eq!((rang, start.elapsed()), (1, Duration::from_secs(3)));
}

#[sinew::test(start_paused = true)]
async fn a_select_loop_over_futures_unordered() {
    let (sender, receiver) = mpsc::unbounded_channel();
    for n in [3, 1, 2] {
        sender.send(n).unwrap();
    }
    drop(sender);
    let mut jobs = receiver.fuse();
    let mut running = FuturesUnordered::new();
    let mut done = Vec::new();
    loop {
        futures::select! {
            n = jobs.select_next_some() => running.push(async move {
                sleep(Duration::from_secs(n)).await;
                n
            }),
            n = running.select_next_some() => done.push(n),
            complete => break,
        }
    }
    assert_eq!(done, [1, 2, 3]);
}

#[sinew::test]
async fn join_and_ours_are_of_one_kind() {
    let tasks = (sinew::spawn(async { 1 }), sinew::spawn(async { 2 }));
    let (one, two) = futures::join!(tasks.0, tasks.1);
    assert_eq!(one.unwrap() + two.unwrap(), 3);
    let both = futures::try_join!(sinew::spawn(async { 3 }), sinew::spawn(async { 4 }));
    assert_eq!(both.unwrap(), (3, 4));
    // One of futures' in ours, which takes it by reference or by value.
    let mut numbers = futures::stream::iter([5]);
    let n = sinew::select! {
        Some(n) = numbers.next() => n,
        else => 0,
    };
    assert_eq!(n, 5);
}
