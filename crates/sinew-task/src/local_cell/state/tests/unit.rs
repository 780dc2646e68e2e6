use super::super::{Action, Detached, RemoteState, Settled};

#[test]
fn a_wake_is_pushed_once_until_it_is_taken() {
    let state = RemoteState::new();
    assert_eq!(state.wake(), Action::Push);
    assert_eq!(state.wake(), Action::Nothing);
    assert_eq!(state.abort(), Action::Nothing);
    let asked = state.take();
    assert!(asked.is_wake() && asked.is_abort() && !asked.is_detach());
    assert_eq!(asked.delta(), 0);
    assert_eq!(state.abort(), Action::Push);
}

#[test]
fn only_a_delta_below_zero_is_pushed() {
    let state = RemoteState::new();
    state.add_reference();
    assert_eq!(state.drop_reference(), Action::Nothing);
    assert_eq!(state.settle(0), Settled::Free);
    assert_eq!(state.drop_reference(), Action::Push);
    assert_eq!(state.drop_reference(), Action::Nothing);
    // The inbox has it: nothing is settled before it comes.
    assert_eq!(state.settle(0), Settled::Keep(0));
    assert_eq!(state.take().delta(), -2);
    state.add_reference();
    assert_eq!(state.settle(0), Settled::Keep(1));
    assert_eq!(state.settle(0), Settled::Free);
    state.add_reference();
    assert_eq!(state.settle(-1), Settled::Free);
}

#[test]
fn a_wake_that_drops_gives_its_reference_to_the_inbox() {
    let state = RemoteState::new();
    assert_eq!(state.wake_and_drop(), Action::Push);
    let asked = state.take();
    assert!(asked.is_wake());
    assert_eq!(asked.delta(), -1);
}

#[test]
fn merged_the_last_reference_frees() {
    let state = RemoteState::new();
    state.add_reference();
    let (_, action) = state.merge(1);
    assert_eq!(action, Action::Nothing);
    assert_eq!(state.wake(), Action::Nothing);
    assert_eq!(state.wake_and_drop(), Action::Nothing);
    assert_eq!(state.detach_and_drop(), Detached::OutputIsYours);
    assert_eq!(state.drop_reference(), Action::Free);
    assert_eq!(RemoteState::new().merge(0).1, Action::Free);
    assert_eq!(RemoteState::new_merged(1).drop_reference(), Action::Free);
}

#[test]
fn merged_in_the_inbox_the_inbox_frees() {
    let state = RemoteState::new();
    assert_eq!(state.detach_and_drop(), Detached::Told(Action::Push));
    let (old, action) = state.merge(1);
    assert!(old.is_detach());
    assert_eq!(action, Action::Nothing);
    assert_eq!(state.leave_inbox(), Action::Free);
}
