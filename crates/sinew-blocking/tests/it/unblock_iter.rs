use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use futures::StreamExt;
use sinew_blocking::{UnblockIter, unblock_iter};
use sinew_core::block_on;

#[test]
fn all_items_come_in_order() {
    for capacity in [1, 2, 7, 1000] {
        let stream = UnblockIter::with_capacity(capacity, 0..500);
        let items: Vec<i32> = block_on(stream.collect());
        assert_eq!(items, (0..500).collect::<Vec<_>>());
    }
    assert!(block_on(unblock_iter(Vec::<u8>::new()).next()).is_none());
}

#[test]
fn an_item_comes_while_the_iterator_waits_for_the_next() {
    let (sender, receiver) = mpsc::channel();
    let mut stream = unblock_iter(receiver);
    for n in 0..10 {
        sender.send(n).unwrap();
        assert_eq!(block_on(stream.next()), Some(n));
    }
    drop(sender);
    assert_eq!(block_on(stream.next()), None);
    assert_eq!(block_on(stream.next()), None);
}

#[test]
fn the_iterator_goes_ahead_by_its_capacity_only() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = {
        let calls = calls.clone();
        (0..100).inspect(move |_| {
            calls.fetch_add(1, Ordering::SeqCst);
        })
    };
    let mut stream = UnblockIter::with_capacity(4, counted);
    for taken in 1..=100 {
        block_on(stream.next()).unwrap();
        assert!(calls.load(Ordering::SeqCst) <= taken + 4);
    }
}

#[test]
fn dropping_the_stream_drops_the_iterator() {
    struct Tell(mpsc::Sender<()>, mpsc::Receiver<()>);
    impl Iterator for Tell {
        type Item = ();

        fn next(&mut self) -> Option<()> {
            self.1.recv().ok()
        }
    }
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let (told, dropped) = mpsc::channel();
    let (sender, receiver) = mpsc::channel();
    let mut stream = unblock_iter(Tell(told, receiver));
    sender.send(()).unwrap();
    block_on(stream.next()).unwrap();
    // It is in the middle of a call now, or will be.
    drop(stream);
    let _ = sender.send(());
    drop(sender);
    dropped.recv().unwrap();
}

#[test]
#[should_panic(expected = "on purpose")]
fn a_panic_of_the_iterator_comes_through() {
    let stream = unblock_iter((0..3).inspect(|&n| {
        assert!(n < 2, "on purpose");
    }));
    let _: Vec<i32> = block_on(stream.collect());
}

#[test]
#[should_panic(expected = "at least one item")]
fn a_capacity_of_zero_panics() {
    let _ = UnblockIter::with_capacity(0, 0..1);
}
