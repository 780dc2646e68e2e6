use std::panic::Location;

use super::{Kind, Wait, pending, trace};
use crate::record::Record;

fn wait(resource: u64) -> Wait {
    Wait {
        kind: Kind::Timer,
        resource,
        location: Location::caller(),
    }
}

#[test]
fn a_trace_collects_every_wait() {
    let (_, waits) = trace(|| {
        let _ = pending::<()>(&wait(1));
        let _ = pending::<()>(&wait(2));
    });
    assert_eq!(waits.iter().map(|w| w.resource).collect::<Vec<_>>(), [1, 2]);
    let _ = pending::<()>(&wait(3));
}

#[test]
fn a_trace_sees_into_the_task_and_the_record_too() {
    let record = Record::new(1);
    let ((), waits) = trace(|| {
        record.scope(|| {
            let _ = pending::<()>(&wait(9));
        });
    });
    assert_eq!(waits.len(), 1);
    assert_eq!(record.wait(), Some(waits[0]));
}

#[test]
fn kinds_survive_their_bits() {
    for bits in 0..=15 {
        let kind = Kind::from_bits(bits);
        assert_eq!(kind as u8, bits);
        assert!(!kind.as_str().is_empty());
    }
    assert_eq!(Kind::from_bits(255), Kind::Other);
}

#[test]
fn display_names_kind_resource_and_place() {
    let text = wait(5).to_string();
    assert!(text.starts_with("timer 5 at "), "{text}");
    assert!(text.contains("tests.rs:"), "{text}");
}
