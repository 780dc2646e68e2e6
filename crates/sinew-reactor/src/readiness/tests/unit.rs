use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use crate::readiness::{Direction, Readiness, Waiting};
use crate::{Interest, Ready};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn new() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        (count, waker)
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn arrive(readiness: &Readiness, ready: Ready) {
    let mut wakers = Vec::new();
    readiness.arrive(ready, &mut wakers);
    wakers.into_iter().for_each(Waker::wake);
}

#[test]
fn the_slot_wakes_its_last_holder_only() {
    let readiness = Readiness::new();
    let (first, first_waker) = Count::new();
    let (second, second_waker) = Count::new();
    for waker in [&first_waker, &second_waker] {
        let polled = readiness.wait(Direction::Read, Waiting::Alone, waker);
        assert!(polled.is_none());
    }
    arrive(&readiness, Ready::READABLE);
    assert_eq!((first.get(), second.get()), (0, 1));
}

#[test]
fn directions_do_not_wake_each_other() {
    let readiness = Readiness::new();
    let (reader, reader_waker) = Count::new();
    let (writer, writer_waker) = Count::new();
    for waiting in [Waiting::Alone, Waiting::Shared] {
        let _ = readiness.wait(Direction::Read, waiting, &reader_waker);
        let _ = readiness.wait(Direction::Write, waiting, &writer_waker);
    }
    arrive(&readiness, Ready::WRITABLE);
    assert_eq!((reader.get(), writer.get()), (0, 2));
    arrive(&readiness, Ready::READ_CLOSED);
    assert_eq!((reader.get(), writer.get()), (2, 2));
}

#[test]
fn a_placed_waiter_that_left_is_not_woken() {
    let readiness = Readiness::new();
    let (stays, stays_waker) = Count::new();
    let (leaves, leaves_waker) = Count::new();
    let mut places = [None, None];
    for (place, waker) in places.iter_mut().zip([&stays_waker, &leaves_waker]) {
        let polled = readiness.poll_placed(place, Interest::PRIORITY, waker);
        assert!(polled.is_none());
    }
    readiness.leave(places[1].unwrap());
    arrive(&readiness, Ready::PRIORITY);
    assert_eq!((stays.get(), leaves.get()), (1, 0));
    readiness.leave(places[0].unwrap());
}

#[test]
fn a_stale_look_clears_nothing() {
    let readiness = Readiness::new();
    arrive(&readiness, Ready::READABLE);
    let seen = readiness.snapshot();
    arrive(&readiness, Ready::READABLE);
    assert!(!readiness.clear(seen, Ready::READABLE));
    assert!(readiness.snapshot().ready().is_readable());
    assert!(!readiness.clear(readiness.snapshot(), Ready::READABLE));
    assert!(!readiness.snapshot().ready().is_readable());
}

#[test]
fn wakers_are_dropped_with_no_lock_held() {
    // A waker whose drop looks at the source, as a task's destructor may.
    struct Looks(Arc<Readiness>);
    impl Wake for Looks {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for Looks {
        fn drop(&mut self) {
            let other = Waker::noop();
            let _ = self.0.wait(Direction::Read, Waiting::Alone, other);
            let _ = self.0.poll_shared(Interest::WRITABLE, other);
        }
    }
    let readiness = Arc::new(Readiness::new());
    let looks = || Waker::from(Arc::new(Looks(readiness.clone())));
    let _ = readiness.wait(Direction::Read, Waiting::Alone, &looks());
    let _ = readiness.wait(Direction::Read, Waiting::Alone, Waker::noop());
    let mut place = None;
    let _ = readiness.poll_placed(&mut place, Interest::READABLE, &looks());
    readiness.leave(place.unwrap());
    for _ in 0..100 {
        let _ = readiness.poll_shared(Interest::READABLE, &looks());
    }
    arrive(&readiness, Ready::ALL);
}
