use proptest::prelude::*;

use super::*;

/// What the word should be, without packing and without wrapping.
#[derive(Clone, Copy, Default)]
struct Model {
    ready: u8,
    events: u64,
    shut_down: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Arrive(u8),
    Assume(u8),
    Look,
    Clear(u8),
    ShutDown,
}

fn step() -> impl Strategy<Value = Step> {
    let bits = 0..=Ready::ALL.bits();
    prop_oneof![
        bits.clone().prop_map(Step::Arrive),
        bits.clone().prop_map(Step::Assume),
        Just(Step::Look),
        bits.prop_map(Step::Clear),
        Just(Step::ShutDown),
    ]
}

proptest! {
    #[test]
    fn the_word_follows_the_model(steps in prop::collection::vec(step(), 0..50)) {
        let cell = StateCell::new();
        let mut model = Model::default();
        let mut look = (cell.load(), model);
        for step in steps {
            match step {
                Step::Arrive(bits) => {
                    cell.arrive(Ready::from_bits(bits));
                    model.ready |= bits;
                    model.events += 1;
                }
                Step::Assume(bits) => {
                    cell.assume(Ready::from_bits(bits));
                    model.ready |= bits;
                }
                Step::Look => look = (cell.load(), model),
                Step::Clear(bits) => {
                    cell.clear(look.0, Ready::from_bits(bits));
                    if model.events == look.1.events {
                        model.ready &= !bits;
                    }
                }
                Step::ShutDown => {
                    cell.shut_down();
                    model.shut_down = true;
                }
            }
            let now = cell.load();
            prop_assert_eq!(now.ready().bits(), model.ready);
            prop_assert_eq!(now.is_shut_down(), model.shut_down);
        }
    }
}

#[test]
fn the_tick_wraps_without_touching_its_neighbours() {
    let last = Snapshot(TICK | SHUT_DOWN | READY);
    assert_eq!(last.ticked(), Snapshot(SHUT_DOWN | READY));
    let first = Snapshot(0).ticked();
    assert_eq!(first, Snapshot(1 << TICK_SHIFT));
}

#[test]
fn shutdown_ends_waits_for_anything() {
    let cell = StateCell::new();
    assert!(!cell.load().ends_wait(Ready::ALL));
    cell.shut_down();
    assert!(cell.load().ends_wait(Ready::EMPTY));
    assert!(cell.load().ready().is_empty());
}
