use std::time::Duration;

use futures::StreamExt;
use sinew_testing::block_on;
use sinew_testing::stream_mock::StreamMockBuilder;
use sinew_time::Instant;

#[test]
fn items_come_in_order_and_waits_between_them() {
    let wait = Duration::from_millis(3);
    let mut stream = StreamMockBuilder::new()
        .next(1)
        .wait(wait)
        .next(2)
        .wait(wait)
        .build();
    block_on(async {
        assert_eq!(stream.next().await, Some(1));
        let start = Instant::now();
        assert_eq!(stream.next().await, Some(2));
        assert!(start.elapsed() >= wait);
        assert_eq!(stream.next().await, None);
        assert!(start.elapsed() >= 2 * wait);
    });
}

#[test]
fn waits_may_be_left() {
    drop(
        StreamMockBuilder::<u8>::new()
            .wait(Duration::from_secs(1))
            .build(),
    );
}

#[test]
#[should_panic(expected = "2 actions were not consumed")]
fn items_may_not_be_left() {
    drop(StreamMockBuilder::new().next(1).next(2).build());
}
