//! A panic ends its task and nothing else. The handle has it; without a handle, the
//! runtime's hook.
//!
//! ```text
//! the handle says: a plate broke
//! the async lock is not poisoned, its data may be half done: 1
//! seen by the hook: nobody awaited this
//! the panic goes on: a plate broke again
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};

use sinew::runtime::Builder;
use sinew::sync::Mutex;

async fn break_again() {
    panic!("a plate broke again");
}

fn main() -> std::io::Result<()> {
    // The message that each panic prints is not the subject here.
    std::panic::set_hook(Box::new(|_| {}));
    let (reports, reported) = mpsc::channel();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .on_task_panic(move |panic| {
            let _ = reports.send(panic.message().unwrap_or("no message").to_string());
        })
        .build()?;

    runtime.block_on(async {
        let error = sinew::spawn(async { panic!("a plate broke") }).await;
        let payload = error.expect_err("it panics").into_panic();
        let text = payload.downcast_ref::<&str>().expect("a literal");
        println!("the handle says: {text}");

        // Unlike std's mutex, which the next one finds poisoned.
        let data = Arc::new(Mutex::new(0));
        let task = sinew::spawn({
            let data = data.clone();
            async move {
                let mut data = data.lock().await;
                *data += 1;
                panic!("before the other half");
            }
        });
        let _ = task.await;
        println!(
            "the async lock is not poisoned, its data may be half done: {}",
            data.lock().await
        );

        drop(sinew::spawn(async { panic!("nobody awaited this") }));
    });
    println!(
        "seen by the hook: {}",
        reported.recv().expect("the hook is called")
    );

    let again = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let task = sinew::spawn(break_again());
            if let Err(error) = task.await {
                resume_unwind(error.into_panic());
            }
        });
    }));
    let payload = again.expect_err("it was resumed");
    println!(
        "the panic goes on: {}",
        payload.downcast_ref::<&str>().expect("a literal")
    );
    Ok(())
}
