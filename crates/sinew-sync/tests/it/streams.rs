use futures::{FutureExt, SinkExt, Stream, StreamExt};
use sinew_core::block_on;
use sinew_sync::stream::errors::BroadcastStreamRecvError::Lagged;
use sinew_sync::stream::{BroadcastStream, ReceiverStream, UnboundedReceiverStream, WatchStream};
use sinew_sync::{broadcast, mpmc, mpsc, watch};

#[test]
fn mpsc_streams_yield_what_was_sent_before_the_close() {
    block_on(async {
        let (sender, receiver) = mpsc::channel(4);
        let mut stream = ReceiverStream::from(receiver);
        sender.try_send(1).unwrap();
        assert_eq!(stream.size_hint(), (1, None));
        stream.close();
        assert_eq!(stream.next().await, Some(1));
        assert_eq!(stream.next().await, None);

        let (sender, receiver) = mpsc::unbounded_channel();
        let mut stream = UnboundedReceiverStream::new(receiver);
        sender.send(1).unwrap();
        drop(sender);
        assert_eq!(stream.size_hint(), (1, Some(1)));
        assert_eq!(stream.next().await, Some(1));
        assert_eq!(stream.into_inner().recv().await, None);
    });
}

#[test]
fn a_closed_stream_counts_permits_as_what_may_come() {
    let (sender, receiver) = mpsc::channel(4);
    let mut stream = ReceiverStream::new(receiver);
    let first = sender.try_reserve().unwrap();
    let second = sender.try_reserve().unwrap();
    sender.try_send(1).unwrap();
    stream.close();
    assert_eq!(stream.size_hint(), (1, Some(3)));
    first.send(2);
    assert_eq!(stream.size_hint(), (2, Some(3)));
    drop(second);
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert_eq!(block_on(stream.collect::<Vec<_>>()), [1, 2]);
}

#[test]
fn a_broadcast_stream_tells_of_lag_and_goes_on() {
    let (sender, receiver) = broadcast::channel(2);
    let mut stream = BroadcastStream::new(receiver);
    assert_eq!(stream.next().now_or_never(), None);
    for n in 0..5 {
        sender.send(n).unwrap();
    }
    drop(sender);
    let all: Vec<_> = block_on(stream.collect());
    assert_eq!(all, [Err(Lagged(3)), Ok(3), Ok(4)]);
}

#[test]
fn a_watch_stream_begins_with_the_value_that_is_there_unless_told() {
    let (sender, receiver) = watch::channel(0);
    let mut all = WatchStream::new(receiver.clone());
    let mut changes = WatchStream::from_changes(receiver);
    assert_eq!(all.next().now_or_never(), Some(Some(0)));
    assert_eq!(changes.next().now_or_never(), None);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert_eq!(all.next().now_or_never(), Some(Some(2)));
    assert_eq!(changes.next().now_or_never(), Some(Some(2)));
    drop(sender);
    assert_eq!(all.next().now_or_never(), Some(None));
}

#[test]
fn a_sink_holds_one_value_that_has_no_room() {
    block_on(async {
        let (tx, rx) = mpmc::channel(1);
        let mut sink = tx.clone().into_sink();
        sink.feed(1).await.unwrap();
        sink.feed(2).await.unwrap();
        // Not ready while it holds the second.
        assert!(sink.feed(3).now_or_never().is_none());
        assert!(sink.flush().now_or_never().is_none());
        assert_eq!(rx.try_recv(), Ok(1));
        sink.flush().await.unwrap();
        sink.feed(3).await.unwrap();
        tx.close();
        let error = sink.flush().await.unwrap_err();
        assert_eq!(error.into_inner(), Some(3));
        assert!(sink.feed(4).await.unwrap_err().into_inner().is_none());
        assert_eq!((rx.recv().await, rx.recv().await.is_err()), (Ok(2), true));
    });
}

#[test]
fn a_closed_sink_is_no_sender() {
    block_on(async {
        let (tx, rx) = mpmc::unbounded_channel::<i32>();
        let mut sink = tx.into_sink();
        sink.send(1).await.unwrap();
        sink.close().await.unwrap();
        assert!(sink.get_ref().is_none() && rx.is_closed());
        assert!(sink.send(2).await.is_err());
    });
}

#[test]
fn an_unbounded_sender_makes_a_sink() {
    block_on(async {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let mut sink = tx.clone().into_sink();
        let values = &mut futures::stream::iter([Ok(1), Ok(2)]);
        sink.send_all(values).await.unwrap();
        assert_eq!((rx.recv().await, rx.recv().await), (Some(1), Some(2)));
        rx.close();
        assert!(sink.send(3).await.unwrap_err().into_inner().is_none());
        sink.close().await.unwrap();
        assert_eq!(tx.strong_count(), 1);
    });
}
