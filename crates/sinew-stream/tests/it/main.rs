//! Streams as their users see them.

use futures::FutureExt;
use sinew_core::block_on;
use sinew_stream::{Stream, StreamExt, StreamMap, StreamNotifyClose, iter, stream, try_stream};

#[test]
fn the_end_is_told_once() {
    block_on(async {
        let mut told = StreamNotifyClose::new(iter([1, 2]));
        assert_eq!(told.size_hint(), (3, Some(3)));
        let all: Vec<_> = told.by_ref().collect().await;
        assert_eq!(all, [Some(1), Some(2), None]);
        assert_eq!(told.size_hint(), (0, Some(0)));
        assert!(told.into_inner().is_none());
        assert!(StreamNotifyClose::new(iter([1])).into_inner().is_some());
    });
}

#[test]
fn a_map_starves_none_of_its_streams() {
    block_on(async {
        let mut map: StreamMap<_, _> = (0..4)
            .map(|key| (key, iter(std::iter::repeat(key))))
            .collect();
        let mut won = [0; 4];
        for _ in 0..4_000 {
            let (key, item) = map.next().await.unwrap();
            assert_eq!(key, item);
            won[key] += 1;
        }
        assert!(won.iter().all(|won| (800..1_200).contains(won)), "{won:?}");
    });
}

#[test]
fn a_map_goes_on_after_it_was_empty() {
    block_on(async {
        let mut map = StreamMap::with_capacity(2);
        assert!(map.capacity() >= 2);
        assert_eq!(map.next().await, None);
        map.insert("a", iter([1]));
        assert_eq!(map.next_many(&mut Vec::new(), 0).await, 0);
        assert_eq!(map.next().await, Some(("a", 1)));
        assert_eq!(map.next().await, None);
        assert!(map.is_empty());
        map.extend([("b", iter([2])), ("c", iter([3]))]);
        let mut buffer = Vec::new();
        assert_eq!(map.next_many(&mut buffer, 10).await, 2);
        assert_eq!(map.next_many(&mut buffer, 10).await, 0);
        map.insert("d", iter([4]));
        map.clear();
        assert_eq!(map.len(), 0);
    });
}

#[test]
fn a_stream_is_written_as_code() {
    fn numbers() -> impl Stream<Item = u32> {
        stream! {
            let mut sum = 0;
            for await number in iter(1..4) {
                sum += number;
                yield sum;
            }
        }
    }
    fn parsed(text: &str) -> impl Stream<Item = Result<u32, std::num::ParseIntError>> {
        try_stream! {
            for part in text.split(' ') {
                yield part.parse::<u32>()?;
            }
        }
    }
    block_on(async {
        assert_eq!(numbers().collect::<Vec<_>>().await, [1, 3, 6]);
        let parsed: Vec<_> = parsed("1 2 three 4").collect().await;
        assert_eq!(parsed.len(), 3, "it ends at the error");
        assert!(parsed[2].is_err());
    });
}

#[test]
fn an_iterator_gives_way() {
    let mut numbers = iter(0..);
    let mut seen = 0;
    sinew_core::coop::budget(|| {
        while let Some(number) = numbers.next().now_or_never() {
            assert_eq!(number, Some(seen));
            seen += 1;
            assert!(seen < 1_000, "it does not give way");
        }
    });
    assert_eq!(seen, 128);
    // Nothing was lost, and outside of a task there is no budget.
    let more = block_on(numbers.by_ref().take(1_000).collect::<Vec<_>>());
    assert!(more.into_iter().eq(seen..seen + 1_000));
    assert_eq!(numbers.size_hint(), (usize::MAX, None));
    assert_eq!(numbers.get_ref().start, seen + 1_000);
    numbers.get_mut().start = 7;
    assert_eq!(numbers.into_inner().next(), Some(7));
}
