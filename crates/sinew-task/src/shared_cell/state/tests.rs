use super::{Action, Completed, Rest, State};

#[test]
fn a_wake_while_running_schedules_again() {
    let state = State::new(true);
    assert_eq!(state.wake(), Action::Nothing);
    assert!(!state.start().is_aborted());
    assert_eq!(state.wake(), Action::Nothing);
    assert_eq!(state.rest(), Rest::Woken);
    let _ = state.start();
    assert_eq!(state.rest(), Rest::Idle);
    assert_eq!(state.wake(), Action::Schedule);
}

#[test]
fn a_turn_goes_on_where_the_task_gave_way() {
    let state = State::new(true);
    let _ = state.start();
    let _ = state.start();
    assert_eq!(state.rest(), Rest::Idle, "it is the same turn");
    assert_eq!(state.wake(), Action::Schedule);
    let _ = state.start();
    assert_eq!(state.wake(), Action::Nothing);
    let _ = state.start();
    assert_eq!(
        state.rest(),
        Rest::Idle,
        "the wake is answered by the next turn"
    );
    assert_eq!(state.wake(), Action::Schedule);
    let _ = state.start();
    assert_eq!(state.abort(), Action::Nothing);
    assert!(state.start().is_aborted());
    assert_eq!(state.complete(false, false), Completed::Done);
}

#[test]
fn the_last_to_go_frees() {
    let state = State::new(true);
    state.add_reference();
    let _ = state.start();
    assert_eq!(state.complete(false, false), Completed::Done);
    assert_eq!(state.wake(), Action::Nothing);
    assert_eq!(state.drop_used_handle(), Action::Nothing);
    assert_eq!(state.drop_reference(), Action::Nothing);
    assert_eq!(state.unlist(), Action::Free);
}

#[test]
fn without_a_handle_the_output_is_dropped_first() {
    let state = State::new(false);
    assert_eq!(state.detach(), Some(Action::Nothing));
    let _ = state.start();
    assert_eq!(state.complete(false, true), Completed::Unjoined);
    assert_eq!(state.complete(true, true), Completed::Free);
}

#[test]
fn a_lent_waker_is_the_completers() {
    let state = State::new(false);
    assert!(state.lend_join_waker());
    let _ = state.start();
    assert_eq!(state.complete(false, true), Completed::Wake);
    assert!(!state.take_back_join_waker());
    assert_eq!(state.detach(), None);
    assert_eq!(state.drop_used_handle(), Action::Nothing);
    assert_eq!(state.drop_reference(), Action::Free);
}

#[test]
fn an_idle_task_that_nobody_can_wake_is_scheduled_to_be_dropped() {
    let state = State::new(false);
    state.add_reference();
    let _ = state.start();
    assert_eq!(state.detach(), Some(Action::Nothing));
    assert_eq!(state.rest(), Rest::Idle);
    assert_eq!(state.drop_reference(), Action::Schedule);
    assert!(state.start().is_aborted());
}

#[test]
fn a_poll_that_leaves_nothing_behind_abandons_its_task() {
    let state = State::new(false);
    assert_eq!(state.detach(), Some(Action::Nothing));
    let _ = state.start();
    assert_eq!(state.rest(), Rest::Abandoned);
    assert_eq!(state.complete(true, true), Completed::Free);
}

#[test]
fn an_abort_takes_one_more_turn() {
    let state = State::new(true);
    let _ = state.start();
    assert_eq!(state.rest(), Rest::Idle);
    assert_eq!(state.abort(), Action::Schedule);
    assert_eq!(state.abort(), Action::Nothing);
    assert!(state.start().is_aborted());
}
