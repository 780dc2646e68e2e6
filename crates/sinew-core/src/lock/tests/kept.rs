//! A lock that one thread keeps while others come by.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crate::lock::{KeptGuard, KeptLock, NoteGuard};

type Notes = Vec<u32>;

fn free<'a>(
    locked: Result<KeptGuard<'a, u32, Notes>, NoteGuard<'a, u32, Notes>>,
) -> KeptGuard<'a, u32, Notes> {
    locked.expect("no other thread keeps it")
}

fn elsewhere(f: impl FnOnce() + Send) {
    thread::scope(|s| s.spawn(f).join().expect("no panic"));
}

#[test]
fn is_a_lock_while_nobody_keeps_it() {
    let lock = KeptLock::new(0, Notes::new());
    thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| (0..10_000).for_each(|_| *free(lock.lock()) += 1));
        }
    });
    let mut guard = free(lock.lock());
    assert_eq!(*guard, 80_000);
    assert!(!guard.is_at_hand());
    assert!(guard.notes().is_some());
}

#[test]
fn notes_are_shown_at_the_next_use() {
    let lock = KeptLock::new(0, Notes::new());
    drop(free(lock.lock()).keep());
    assert!(free(lock.lock()).is_at_hand());
    assert!(!lock.is_called());
    elsewhere(|| {
        assert!(!lock.is_called(), "it is another thread's");
        lock.lock().expect_err("kept").leave(|notes| notes.push(1));
        lock.let_go()
            .expect_err("kept by another")
            .leave(|notes| notes.push(2));
    });
    assert!(lock.is_called());
    let mut guard = free(lock.lock());
    assert_eq!(guard.notes().map(std::mem::take), Some(vec![1, 2]));
    drop(guard.keep());
    assert!(!lock.is_called());
    assert!(free(lock.lock()).is_at_hand());
}

#[test]
fn is_free_again_once_it_is_let_go() {
    let lock = KeptLock::new(0, Notes::new());
    drop(free(lock.lock()).keep());
    drop(free(lock.let_go()));
    elsewhere(|| *free(lock.lock()).keep() += 1);
    // The other thread has ended and did not let go: it is kept for ever.
    drop(lock.lock().expect_err("kept"));
}

#[test]
fn a_thread_without_an_id_keeps_nothing() {
    let lock = KeptLock::new(0, Notes::new());
    elsewhere(|| assert!(!free(lock.lock()).is_at_hand()));
    drop(free(lock.lock()).keep());
    elsewhere(|| assert!(lock.lock().is_err() && !lock.is_called()));
}

#[test]
fn a_second_guard_is_refused() {
    let lock = KeptLock::new(0, Notes::new());
    let guard = free(lock.lock()).keep();
    let second = AssertUnwindSafe(|| drop(lock.lock()));
    assert!(catch_unwind(second).is_err());
    let let_go = AssertUnwindSafe(|| drop(lock.let_go()));
    assert!(catch_unwind(let_go).is_err());
    drop(guard);
    *free(lock.lock()) += 1;
    // Neither has left the lock itself taken.
    elsewhere(|| drop(lock.lock().expect_err("kept")));
}

#[test]
fn a_panic_gives_back_what_is_kept() {
    let lock = KeptLock::new(0, Notes::new());
    drop(free(lock.lock()).keep());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = free(lock.lock());
        panic!("with what is kept");
    }));
    assert!(panicked.is_err());
    assert!(free(lock.lock()).is_at_hand());
}
