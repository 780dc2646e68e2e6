//! Choosing a runtime: all cores, one thread, one thread without `Send`; or one per
//! core.
//!
//! ```text
//! multi_thread: 10
//! current_thread: 10
//! local, with an Rc: 10
//! thread per core: [10, 10]
//! ```

use std::rc::Rc;
use std::thread;

use sinew::runtime::{Builder, LocalOptions};

async fn work() -> u32 {
    sinew::spawn(async { (1..=4).sum() })
        .await
        .expect("no panic")
}

fn main() -> std::io::Result<()> {
    // For a server that should use the machine. Tasks move between threads.
    let multi = Builder::new_multi_thread().build()?;
    println!("multi_thread: {}", multi.block_on(work()));

    // For a program that waits most of the time, and for tests.
    let current = Builder::new_current_thread().build()?;
    println!("current_thread: {}", current.block_on(work()));

    // Tasks need no `Send`, and are spawned and woken without atomics.
    let local = Builder::new_current_thread().build_local(LocalOptions::default())?;
    let shared = local.block_on(async {
        let shared = Rc::new(10);
        let task = sinew::task::spawn_local({
            let shared = shared.clone();
            async move { *shared }
        });
        task.await.expect("no panic")
    });
    println!("local, with an Rc: {shared}");

    // No task ever moves; the program spreads its load over the threads.
    let cores = (0..2).map(|_| {
        thread::spawn(|| {
            let runtime = Builder::new_current_thread().build()?;
            std::io::Result::Ok(runtime.block_on(work()))
        })
    });
    let cores: Vec<_> = cores.collect();
    let sums: std::io::Result<Vec<_>> = cores
        .into_iter()
        .map(|core| core.join().expect("no panic"))
        .collect();
    println!("thread per core: {:?}", sums?);
    Ok(())
}
