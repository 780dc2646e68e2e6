use proptest::prelude::*;

use super::*;

/// What the word should be, without packing and without wrapping.
#[derive(Clone, Copy, Default)]
struct Model {
    ready: u8,
    events: u64,
    shut_down: bool,
    /// 3 is muted.
    noise: u8,
}

const DATA: u8 = Ready::READABLE.bits();
const ROOM: u8 = Ready::WRITABLE.bits();

#[derive(Clone, Debug)]
enum Step {
    Arrive(u8),
    Assume(u8),
    Look,
    Clear(u8),
    Mute,
    ShutDown,
}

fn step() -> impl Strategy<Value = Step> {
    let bits = 0..=Ready::ALL.bits();
    prop_oneof![
        bits.clone().prop_map(Step::Arrive),
        bits.clone().prop_map(Step::Assume),
        Just(Step::Look),
        bits.prop_map(Step::Clear),
        Just(Step::Mute),
        // Nothing but data, which is what makes noise.
        Just(Step::Arrive(DATA)),
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
                    model.noise = match model.noise {
                        3 => 3,
                        noise if bits & !ROOM == DATA && model.ready & DATA != 0 => {
                            2.min(noise + 1)
                        }
                        _ => 0,
                    };
                    model.ready |= bits;
                    model.events += 1;
                }
                Step::Assume(bits) => {
                    cell.assume(Ready::from_bits(bits));
                    model.ready |= bits;
                }
                Step::Look => look = (cell.load(), model),
                Step::Clear(bits) => {
                    let unmuted = cell.clear(look.0, Ready::from_bits(bits));
                    let clears = model.events == look.1.events;
                    let hears = clears && bits & DATA != 0;
                    prop_assert_eq!(unmuted, hears && model.noise == 3);
                    if clears {
                        model.ready &= !bits;
                    }
                    if hears {
                        model.noise = 0;
                    }
                }
                Step::Mute => {
                    let mutes = model.noise == 2;
                    prop_assert_eq!(cell.mute(), mutes);
                    if mutes {
                        model.noise = 3;
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
            prop_assert_eq!(now.is_noisy(), model.noise == 2);
        }
    }
}

#[test]
fn the_tick_wraps_without_touching_its_neighbours() {
    let last = Snapshot(TICK | MUTED | SHUT_DOWN | READY);
    assert_eq!(last.ticked(), Snapshot(MUTED | SHUT_DOWN | READY));
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
