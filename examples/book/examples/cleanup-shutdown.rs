//! Clean-up at the end of a runtime: what tasks hold is dropped, and nobody is there any
//! more who would run async code. While a panic unwinds, neither.
//!
//! ```text
//! main has ended
//! dropped: a task that waited, on a thread of the runtime or in its shutdown
//! spawned from drop: cancelled
//! a drop that panics would abort here: panicking is true
//! the task ended by a panic: true
//! ```

use std::future::pending;
use std::sync::mpsc;
use std::thread;

use sinew::runtime::Runtime;
use sinew::task::JoinHandle;

/// Would like to say goodbye, which takes an `.await`.
struct Goodbye(mpsc::Sender<JoinHandle<()>>);

impl Drop for Goodbye {
    fn drop(&mut self) {
        println!("dropped: a task that waited, on a thread of the runtime or in its shutdown");
        // Too late: the runtime takes no more tasks, and says so by the handle.
        let _ = self.0.send(sinew::spawn(async {}));
    }
}

/// Drops run while a panic unwinds too. Another panic now would abort the process, so
/// nothing is done here that might: no `block_on`, no `unwrap`.
struct Careful;

impl Drop for Careful {
    fn drop(&mut self) {
        println!(
            "a drop that panics would abort here: panicking is {}",
            thread::panicking()
        );
    }
}

fn main() -> std::io::Result<()> {
    let runtime = Runtime::new()?;
    let (handles, spawned) = mpsc::channel();
    runtime.block_on(async {
        let (started, has_started) = sinew::sync::oneshot::channel();
        sinew::spawn(async move {
            let _goodbye = Goodbye(handles);
            let _ = started.send(());
            pending::<()>().await;
        });
        has_started.await.expect("it starts");
    });
    println!("main has ended");
    drop(runtime);
    let late = spawned.recv().expect("the drop has run");
    let ended = sinew::block_on(late);
    println!(
        "spawned from drop: {}",
        match ended {
            Err(error) if error.is_cancelled() => "cancelled",
            _ => "ran",
        }
    );

    // The message that the panic prints is not the subject here.
    std::panic::set_hook(Box::new(|_| {}));
    let broken = sinew::spawn(async {
        let _careful = Careful;
        panic!("something broke");
    });
    let ended: Result<(), _> = sinew::block_on(broken);
    println!(
        "the task ended by a panic: {}",
        ended.is_err_and(|error| error.is_panic())
    );
    Ok(())
}
