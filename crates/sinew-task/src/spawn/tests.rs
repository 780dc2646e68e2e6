use std::sync::Arc;

use super::{Builder, spawn_on};
use crate::{Runnable, Schedule};

struct Inline;

impl Schedule for Inline {
    fn schedule(&self, task: Runnable) {
        task.run();
    }
}

#[test]
fn the_location_is_the_callers() {
    let handle = spawn_on(Arc::new(Inline), async { panic!("on purpose") });
    let error = sinew_core::block_on(handle).map(|(): ()| ()).unwrap_err();
    assert_eq!(error.spawned_at().file(), file!());
    assert_eq!(error.name(), None);
}

#[test]
fn the_name_reaches_the_error() {
    let handle = Builder::new()
        .name("worker bee")
        .spawn_on(Arc::new(Inline), async { panic!("on purpose") });
    let error = sinew_core::block_on(handle).map(|(): ()| ()).unwrap_err();
    assert_eq!(error.name(), Some("worker bee"));
}
