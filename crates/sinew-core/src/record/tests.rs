use std::panic::{AssertUnwindSafe, Location, catch_unwind};

use super::{Record, current_id, outside};
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
        super::between_tasks(|| {
            assert_eq!(current_id(), None);
            inner.turn(|| assert_eq!(current_id(), Some(2)));
            let _ = catch_unwind(AssertUnwindSafe(|| inner.turn(|| panic!("on purpose"))));
            assert_eq!(current_id(), None);
        });
        assert_eq!(current_id(), Some(1));
    });
}
