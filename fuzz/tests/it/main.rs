//! A short run of each target, so that they stay in order.

use fuzz::{Mutator, TARGETS};

#[test]
fn every_target_passes_a_few_inputs() {
    for target in TARGETS {
        let mut mutator = Mutator::new(7);
        for _ in 0..500 {
            (target.run)(&mutator.input());
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs() {
    let (mut a, mut b) = (Mutator::new(3), Mutator::new(3));
    assert!((0..100).all(|_| a.input() == b.input()));
}
