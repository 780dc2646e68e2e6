use std::panic::catch_unwind;
use std::pin::pin;

use futures::stream::FusedStream;
use futures::{FutureExt, Stream, StreamExt, stream};
use sinew_time::stream::{IntervalStream, RuntimeStreamExt};
use sinew_time::{Duration, Instant, interval, interval_at, sleep};

use crate::paused_runtime::{ms, run};

/// Items at these milliseconds after the first poll.
fn at(times: &'static [u64]) -> impl Stream<Item = u64> {
    stream::once(async { Instant::now() }).flat_map(move |start| {
        stream::iter(times).then(move |time| async move {
            sinew_time::sleep_until(start + ms(*time)).await;
            *time
        })
    })
}

fn since(start: Instant) -> u64 {
    (Instant::now() - start).as_millis() as u64
}

#[test]
fn throttle_leaves_a_pause_after_each_item() {
    run(async {
        let start = Instant::now();
        let mut paced = pin!(at(&[0, 0, 25, 26]).throttle(ms(10)));
        let mut times = Vec::new();
        while paced.next().await.is_some() {
            times.push(since(start));
        }
        assert_eq!(times, [0, 10, 25, 35]);
        let free = stream::iter(0..3).throttle(Duration::ZERO);
        assert_eq!(free.collect::<Vec<_>>().now_or_never(), Some(vec![0, 1, 2]));
        let mut once = stream::iter(0..3).throttle(Duration::MAX);
        assert_eq!(once.next().now_or_never(), Some(Some(0)));
        assert_eq!(once.next().now_or_never(), None);
        assert_eq!(once.get_mut().next().await, Some(1));
        assert_eq!(once.into_inner().collect::<Vec<_>>().await, [2]);
    });
}

#[test]
fn timeout_yields_one_error_for_each_silence() {
    run(async {
        let start = Instant::now();
        let limited = at(&[5, 40, 41]).timeout(ms(10));
        let mut limited = pin!(limited);
        let mut seen = Vec::new();
        while let Some(item) = limited.next().await {
            seen.push((item.ok(), since(start)));
        }
        let expected = [(Some(5), 5), (None, 15), (Some(40), 40), (Some(41), 41)];
        assert_eq!(seen, expected);
        assert!(limited.next().await.is_none(), "the end is the end");
        let hint = RuntimeStreamExt::timeout(stream::iter(0..3), ms(1)).size_hint();
        assert_eq!(hint, (3, Some(7)));
    });
}

#[test]
fn timeout_repeating_yields_an_error_at_each_tick() {
    run(async {
        let start = Instant::now();
        let ticks = interval_at(start + ms(10), ms(10));
        let mut limited = pin!(at(&[5, 40]).timeout_repeating(ticks));
        let mut seen = Vec::new();
        while let Some(item) = limited.next().await {
            seen.push((item.ok(), since(start)));
        }
        let expected = [
            (Some(5), 5),
            (None, 15),
            (None, 25),
            (None, 35),
            (Some(40), 40),
        ];
        assert_eq!(seen, expected);
    });
}

#[test]
fn chunks_end_by_size_time_or_end() {
    run(async {
        let start = Instant::now();
        let mut chunks = pin!(at(&[0, 1, 2, 3, 30, 45]).chunks_timeout(3, ms(10)));
        let mut seen = Vec::new();
        while let Some(chunk) = chunks.next().await {
            seen.push((chunk, since(start)));
        }
        let expected = [
            (vec![0, 1, 2], 2),
            (vec![3], 13),
            (vec![30], 40),
            (vec![45], 45),
        ];
        assert_eq!(seen, expected);
    });
}

#[test]
fn a_begun_chunk_can_be_taken() {
    run(async {
        let items = stream::iter(0..5).chain(stream::pending());
        let mut chunks = pin!(items.chunks_timeout(3, ms(10)));
        assert_eq!(chunks.next().await, Some(vec![0, 1, 2]));
        assert_eq!(chunks.next().now_or_never(), None);
        assert_eq!(chunks.as_mut().into_remainder(), [3, 4]);
        sleep(ms(20)).await;
        assert_eq!(chunks.next().now_or_never(), None, "nothing is left");
    });
    let zero = || stream::iter(0..1).chunks_timeout(0, ms(1));
    assert!(catch_unwind(|| drop(zero())).is_err());
}

#[test]
fn an_interval_is_a_stream_of_its_ticks() {
    run(async {
        let start = Instant::now();
        let ticks = IntervalStream::new(interval(ms(10)));
        assert_eq!(ticks.as_ref().period(), ms(10));
        let times: Vec<_> = ticks.take(3).map(|tick| tick - start).collect().await;
        assert_eq!(times, [ms(0), ms(10), ms(20)]);
    });
}

#[test]
fn a_merge_takes_turns_and_ends_with_the_last() {
    sinew_core::block_on(async {
        let merged: Vec<i32> = stream::iter([1, 3, 5])
            .merge(stream::iter([2]))
            .collect()
            .await;
        assert_eq!(merged, [1, 2, 3, 5]);
        let merged = stream::iter([1, 3]).merge(stream::iter([2]));
        assert_eq!(merged.size_hint(), (3, Some(3)));
        let endless = stream::iter([1]).merge(stream::pending());
        assert_eq!(endless.size_hint().0, 1);
        let (sender, receiver) = futures::channel::mpsc::unbounded();
        let mut merged = stream::iter([1]).merge(receiver);
        assert_eq!(merged.next().await, Some(1));
        sender.unbounded_send(2).unwrap();
        drop(sender);
        assert_eq!(merged.next().await, Some(2));
        assert!(!merged.is_terminated());
        assert_eq!(merged.next().await, None);
        assert!(merged.is_terminated());
        assert_eq!(merged.next().await, None);
    });
}

#[test]
fn a_map_while_ends_where_it_is_told() {
    sinew_core::block_on(async {
        let mut below = stream::iter(0..9).map_while(|n| (n != 2).then_some(n * 10));
        assert_eq!(below.size_hint(), (0, Some(9)));
        assert_eq!(below.next().await, Some(0));
        assert_eq!(below.next().await, Some(10));
        assert!(!below.is_terminated());
        assert_eq!(below.next().await, None);
        assert!(below.is_terminated());
        assert_eq!(below.size_hint(), (0, Some(0)));
        // What comes behind the end is not asked for.
        assert_eq!(below.next().await, None);
    });
}
