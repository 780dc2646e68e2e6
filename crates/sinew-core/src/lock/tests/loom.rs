//! Two threads that want the lock.

use loom::sync::Arc;
use loom::thread;

use crate::lock::{KeptLock, Lock};

fn check(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(f);
}

#[test]
fn one_at_a_time_sees_what_was_done_before() {
    check(|| {
        let lock = Arc::new(Lock::new(0));
        let other = {
            let lock = lock.clone();
            thread::spawn(move || *lock.lock() += 1)
        };
        *lock.lock() += 1;
        other.join().unwrap();
        assert_eq!(*lock.lock(), 2);
    });
}

/// What is guarded, and what others want added to it.
type Sum = KeptLock<u32, u32>;

/// Adds one: itself, or by a note. Reads notes that it is shown.
fn add(lock: &Sum, keep: bool) {
    match lock.lock() {
        Ok(mut guard) => {
            let noted = guard.notes().map_or(0, std::mem::take);
            *guard += noted + 1;
            if keep {
                drop(guard.keep());
            }
        }
        Err(notes) => notes.leave(|notes| *notes += 1),
    }
}

fn let_go(lock: &Sum) {
    if let Ok(mut guard) = lock.let_go() {
        let noted = guard.notes().map_or(0, std::mem::take);
        *guard += noted;
    }
}

/// Whoever keeps it and whenever: nothing is done twice, or not at all, or at the same
/// time as something else.
fn sum(keeper: fn(&Sum), other: fn(&Sum), expected: u32) {
    check(move || {
        let lock = Arc::new(Sum::new(0, 0));
        let thread = {
            let lock = lock.clone();
            thread::spawn(move || other(&lock))
        };
        keeper(&lock);
        thread.join().unwrap();
        let_go(&lock);
        let guard = lock.lock().expect("nobody keeps it");
        assert_eq!(*guard, expected);
    });
}

#[test]
fn a_keeper_finds_what_others_left() {
    let keeper = |lock: &Sum| (0..3).for_each(|_| add(lock, true));
    sum(keeper, |lock| (0..2).for_each(|_| add(lock, false)), 5);
}

#[test]
fn a_keeper_lets_go_and_comes_back() {
    let keeper = |lock: &Sum| {
        add(lock, true);
        let_go(lock);
        add(lock, true);
        add(lock, true);
    };
    sum(keeper, |lock| (0..2).for_each(|_| add(lock, false)), 5);
}

#[test]
fn two_keep_it_in_turn() {
    let turn = |lock: &Sum| {
        add(lock, true);
        add(lock, true);
        let_go(lock);
    };
    sum(turn, turn, 4);
}
