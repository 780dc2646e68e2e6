//! What a channel weighs, and that blocks come and go.

use std::sync::Arc;

use crate::mpsc;
use crate::mpsc::block::Block;
use crate::mpsc::capacity::{Bounded, Unbounded};
use crate::mpsc::chan::ChanRef;

#[test]
fn small_blocks_for_short_queues_and_long_ones_for_long() {
    assert_eq!(Block::<u64>::slots_for(0), 8);
    assert_eq!(Block::<u64>::slots_for(9), 16);
    assert_eq!(Block::<u64>::slots_for(1 << 40), 32);
    assert_eq!(Block::<[u8; 1024]>::slots_for(0), 2);
    assert_eq!(Block::<[u8; 1 << 20]>::slots_for(1000), 2);
}

/// The table in the docs, line by line.
#[test]
#[cfg(target_pointer_width = "64")]
fn channels_weigh_what_the_docs_say() {
    let sizes = [
        ("`oneshot`", crate::oneshot::footprint()),
        ("`mpsc`", ChanRef::<u64, Bounded>::footprint()),
        ("`mpsc`, unbounded", ChanRef::<u64, Unbounded>::footprint()),
        ("`mpmc`", crate::mpmc::footprint()),
        ("`broadcast`", crate::broadcast::footprint()),
        ("`watch`", crate::watch::footprint()),
        ("`local::oneshot`", crate::local::oneshot::footprint()),
        ("`local::mpsc`", crate::local::mpsc::footprint()),
        ("`local::watch`", crate::local::watch::footprint()),
    ];
    let table = include_str!("../../channel_sizes.md");
    for (name, bytes) in sizes {
        let line = format!("| {name} | {bytes} |");
        assert!(table.contains(&line), "the docs lack the line {line}");
    }
    // A channel of large values is not large by them.
    assert!(ChanRef::<[u8; 256], Bounded>::footprint() <= 1024);
}

#[test]
fn values_are_dropped_once_whatever_happens() {
    let value = Arc::new(());
    for sent in [0, 1, 2, 7, 8, 9, 33, 1000] {
        for received in [0, 1, sent / 2, sent] {
            let (tx, mut rx) = mpsc::unbounded_channel();
            for _ in 0..sent {
                tx.send(value.clone()).unwrap();
            }
            for _ in 0..received.min(sent) {
                rx.try_recv().unwrap();
            }
            assert_eq!(Arc::strong_count(&value), 1 + sent - received.min(sent));
            drop(rx);
            assert_eq!(Arc::strong_count(&value), 1);
        }
    }
}

#[test]
fn values_sent_by_a_permit_after_the_receiver_are_dropped() {
    let value = Arc::new(());
    let (tx, rx) = mpsc::channel(1);
    let permit = tx.try_reserve().unwrap();
    drop(rx);
    permit.send(value.clone());
    drop(tx);
    assert_eq!(Arc::strong_count(&value), 1);
}
