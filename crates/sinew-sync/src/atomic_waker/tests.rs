#[cfg(sinew_loom)]
mod loom;

#[cfg(not(sinew_loom))]
mod one_thread {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use sinew_core::waker::waker_fn;

    use crate::AtomicWaker;

    fn counter() -> (Arc<AtomicUsize>, std::task::Waker) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let waker = waker_fn(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        (count, waker)
    }

    #[test]
    fn the_last_one_is_woken_once() {
        let ((first, one), (second, two)) = (counter(), counter());
        let waker = AtomicWaker::new();
        waker.wake();
        waker.register(&one);
        waker.register(&two);
        waker.wake();
        waker.wake();
        assert_eq!(first.load(Ordering::Relaxed), 0);
        assert_eq!(second.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_waker_that_is_taken_is_not_woken() {
        let (count, one) = counter();
        let waker = AtomicWaker::new();
        waker.register(&one);
        assert!(waker.take().is_some_and(|taken| taken.will_wake(&one)));
        waker.wake();
        assert!(waker.take().is_none());
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_is_left_is_dropped() {
        let (count, one) = counter();
        let waker = AtomicWaker::new();
        waker.register(&one);
        drop(one);
        assert_eq!(Arc::strong_count(&count), 2);
        drop(waker);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
