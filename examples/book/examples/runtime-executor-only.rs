//! Only an executor: no threads, no timers, and tasks that borrow from the stack.
//!
//! ```text
//! 3 tasks borrowed from main: 6
//! ```

use std::cell::Cell;

use sinew::executor::LocalExecutor;

fn main() {
    let total = Cell::new(0);
    let executor = LocalExecutor::new();
    let tasks: Vec<_> = (1..=3)
        .map(|number| {
            let total = &total;
            executor.spawn(async move { total.set(total.get() + number) })
        })
        .collect();
    sinew::core::block_on(executor.run(async {
        for task in tasks {
            task.await.expect("no panic");
        }
    }));
    println!("3 tasks borrowed from main: {}", total.get());
}
