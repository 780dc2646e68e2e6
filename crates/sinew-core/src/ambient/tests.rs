use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Ambient, Slot};

struct Driver(u32);

/// An ambient of its own for each test, because they are process-wide.
macro_rules! ambient {
    ($start:expr) => {{
        thread_local!(static SLOT: Slot<Driver> = const { Slot::new() });
        static AMBIENT: Ambient<Driver> = Ambient::new(&SLOT, $start);
        &AMBIENT
    }};
}

#[test]
fn the_default_is_started_once() {
    static STARTS: AtomicUsize = AtomicUsize::new(0);
    let ambient = ambient!(|| {
        STARTS.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Driver(1)))
    });
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(ambient.current().unwrap().0, 1));
        }
    });
    assert_eq!(STARTS.load(Ordering::Relaxed), 1);
}

#[test]
fn entered_goes_first_and_nests() {
    let ambient = ambient!(|| Ok(Arc::new(Driver(0))));
    assert!(!ambient.is_entered());
    let outer = ambient.enter(Arc::new(Driver(1)));
    {
        let _inner = ambient.enter(Arc::new(Driver(2)));
        assert_eq!(ambient.current().unwrap().0, 2);
    }
    assert_eq!(ambient.entered().unwrap().0, 1);
    drop(outer);
    assert!(ambient.entered().is_none());
    assert!(ambient.started_default().is_none());
}

#[test]
fn a_peek_sees_what_is_entered_and_leaves_it() {
    let ambient = ambient!(|| Ok(Arc::new(Driver(0))));
    assert_eq!(ambient.peek(|driver| driver.0), None);
    let driver = Arc::new(Driver(1));
    let _entered = ambient.enter(driver.clone());
    let nested = ambient.peek(|driver| (driver.0, ambient.is_entered()));
    assert_eq!(nested, Some((1, false)));
    let unwound = std::panic::catch_unwind(|| ambient.peek(|_| panic!("on purpose")));
    assert!(unwound.is_err());
    assert_eq!(ambient.peek(|driver| driver.0), Some(1));
    assert_eq!(Arc::strong_count(&driver), 2);
}

#[test]
fn guards_dropped_out_of_order_keep_memory_safe() {
    let ambient = ambient!(|| Ok(Arc::new(Driver(0))));
    let first = Arc::new(Driver(1));
    let second = Arc::new(Driver(2));
    let a = ambient.enter(first.clone());
    let b = ambient.enter(second.clone());
    drop(a);
    drop(b);
    // The last guard restored what was there when it was made.
    assert_eq!(ambient.entered().unwrap().0, 1);
    drop(ambient.slot.with(|slot| slot.replace(None)));
    assert_eq!(Arc::strong_count(&first), 1);
    assert_eq!(Arc::strong_count(&second), 1);
}

#[test]
fn a_failed_start_is_tried_again() {
    static STARTS: AtomicUsize = AtomicUsize::new(0);
    let ambient = ambient!(|| match STARTS.fetch_add(1, Ordering::Relaxed) {
        0 => Err(io::Error::from(io::ErrorKind::OutOfMemory)),
        _ => Ok(Arc::new(Driver(3))),
    });
    let error = ambient.current().err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::OutOfMemory);
    assert_eq!(ambient.current().unwrap().0, 3);
}

#[test]
fn without_default_says_so() {
    thread_local!(static SLOT: Slot<Driver> = const { Slot::new() });
    static AMBIENT: Ambient<Driver> = Ambient::without_default(&SLOT);
    let error = AMBIENT.current().err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("Driver"));
    assert!(AMBIENT.set_default(Arc::new(Driver(9))).is_ok());
    assert!(AMBIENT.set_default(Arc::new(Driver(8))).is_err());
    assert_eq!(AMBIENT.current().unwrap().0, 9);
}
