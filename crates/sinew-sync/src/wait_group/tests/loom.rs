//! The last to finish wakes who waits.

use loom::thread;

use crate::WaitGroup;
use crate::model::{block_on, check};

#[test]
fn two_members_finish() {
    check(|| {
        let group = WaitGroup::new();
        let members: Vec<_> = (0..2)
            .map(|_| {
                let member = group.clone();
                thread::spawn(move || drop(member))
            })
            .collect();
        block_on(group.wait());
        for member in members {
            member.join().unwrap();
        }
    });
}

#[test]
fn two_wait_for_each_other() {
    check(|| {
        let group = WaitGroup::new();
        let other = group.clone();
        let other = thread::spawn(move || block_on(other.wait()));
        block_on(group.wait());
        other.join().unwrap();
    });
}
