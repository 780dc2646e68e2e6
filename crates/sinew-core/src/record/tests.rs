use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

use super::{Record, current_id, outside};
use crate::coop::{give_way, take_yield};
use crate::leaf::{Kind, Wait, pending};

fn wait(kind: Kind, resource: u64) -> Wait {
    Wait {
        kind,
        resource,
        location: Location::caller(),
    }
}

#[test]
fn notes_the_last_wait_of_the_last_poll() {
    let record = Record::new(1);
    assert_eq!(record.wait(), None);
    let timer = wait(Kind::Timer, 3);
    let socket = wait(Kind::Readable, 4);
    record.scope(|| {
        let _ = pending::<()>(&timer);
        let _ = pending::<()>(&socket);
    });
    assert_eq!(record.wait(), Some(socket));
    record.scope(|| assert_eq!(record.wait(), None));
    assert_eq!(record.wait(), None);
}

#[test]
fn scopes_nest_and_unwind() {
    let outer = Record::new(1);
    let inner = Record::new(2);
    assert_eq!(current_id(), None);
    outer.scope(|| {
        let _ = catch_unwind(AssertUnwindSafe(|| inner.scope(|| panic!("on purpose"))));
        assert_eq!(current_id(), Some(1));
        outside(|| {
            assert_eq!(current_id(), None);
            let _ = pending::<()>(&wait(Kind::Lock, 1));
        });
        assert_eq!(current_id(), Some(1));
    });
    assert_eq!(current_id(), None);
    assert_eq!(outer.wait(), None);
}

#[test]
fn a_large_resource_keeps_its_low_bits() {
    let record = Record::new(1);
    record.scope(|| {
        let _ = pending::<()>(&wait(Kind::Other, u64::MAX));
    });
    assert_eq!(record.wait().unwrap().resource, u64::MAX >> 8);
    assert_eq!(record.wait().unwrap().kind, Kind::Other);
}

#[test]
fn turns_of_a_loop_inside_of_a_task() {
    let outer = Record::new(1);
    let inner = Record::new(2);
    outer.scope(|| {
        super::turns(|turns| {
            assert_eq!(current_id(), None);
            // SAFETY: the record outlives the loop.
            unsafe { turns.begin(&inner) };
            assert_eq!(current_id(), Some(2));
            turns.end();
            assert_eq!(current_id(), None);
        });
        assert_eq!(current_id(), Some(1));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            super::turns(|turns| {
                // SAFETY: the record outlives the loop.
                unsafe { turns.begin(&inner) };
                panic!("on purpose");
            });
        }));
        assert!(panicked.is_err());
        assert_eq!(current_id(), Some(1));
    });
}

/// A waker whose data is the record's address, and which must not be woken.
fn waker_of(record: &Record) -> ManuallyDrop<Waker> {
    static VTABLE: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &VTABLE),
        |_| panic!("a task that gives way wakes itself"),
        |_| panic!("a task that gives way wakes itself"),
        |_| {},
    );
    let raw = RawWaker::new(std::ptr::from_ref(record).cast(), &VTABLE);
    // SAFETY: none of the functions looks at the data.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw) })
}

#[test]
fn gives_way_without_a_wake_in_its_own_turn_only() {
    let (outer, inner) = (Record::new(1), Record::new(2));
    let (outer_waker, inner_waker) = (waker_of(&outer), waker_of(&inner));
    super::turns(|turns| {
        // SAFETY: the record outlives the loop.
        unsafe { turns.begin(&outer) };
        give_way(&mut Context::from_waker(&outer_waker));
        // A loop in this turn does not take it.
        super::turns(|nested| {
            // SAFETY: the record outlives the loop.
            unsafe { nested.begin(&inner) };
            assert!(!nested.gave_way());
            give_way(&mut Context::from_waker(&inner_waker));
            assert!(nested.gave_way());
            // The next turn begins anew.
            // SAFETY: the record outlives the loop.
            unsafe { nested.begin(&inner) };
            assert!(!nested.gave_way());
        });
        assert!(turns.gave_way());
        // SAFETY: the record outlives the loop.
        unsafe { turns.begin(&outer) };
        // Anybody else is woken.
        assert!(!take_yield());
        give_way(&mut Context::from_waker(Waker::noop()));
        assert!(!turns.gave_way());
        assert!(take_yield());
        turns.end();
        give_way(&mut Context::from_waker(Waker::noop()));
        assert!(!turns.gave_way());
        assert!(take_yield());
    });
}
