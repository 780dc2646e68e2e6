//! A task that holds an `Rc` across an await is for `spawn_local`.

use std::rc::Rc;

fn main() {
    let shared = Rc::new(1);
    let _ = sinew_runtime::spawn(async move {
        sinew_task::yield_now().await;
        *shared
    });
}
