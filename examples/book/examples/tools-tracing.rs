//! Logging with the `tracing` crate: events belong to spans, and a span says which
//! request it is about. A task leaves its thread at each `.await`, so a guard that is
//! held across one puts the span on whoever runs next. `instrument` enters it for each
//! poll and leaves it after.
//!
//! ```text
//! a guard across the await:
//!  INFO request{id=1}: begins
//!  INFO request{id=1}:request{id=2}: begins
//!  INFO request{id=1}:request{id=2}: ends, it says, for 1
//!  INFO request{id=1}:request{id=2}: ends, it says, for 2
//! instrumented:
//!  INFO request{id=1}: begins
//!  INFO request{id=2}: begins
//!  INFO request{id=1}: ends, it says, for 1
//!  INFO request{id=2}: ends, it says, for 2
//! what becomes of tasks, by the runtime's hooks:
//!  INFO spawned task="mailer"
//!  INFO ended task="mailer"
//! ```

use std::io;

use sinew::runtime::{Builder, TaskMeta};
use sinew::task::yield_now;
use tracing::{Instrument, info, info_span};

async fn work(id: u32) {
    info!("begins");
    yield_now().await;
    info!("ends, it says, for {id}");
}

/// Wrong: while this waits, everything on the thread is inside of its span.
async fn guarded(id: u32) {
    let _entered = info_span!("request", id).entered();
    work(id).await;
}

fn log(what: &'static str) -> impl Fn(&TaskMeta<'_>) {
    move |task| {
        // The hooks know all tasks; a name picks those that matter.
        if let Some(name) = task.name() {
            info!(task = name, "{what}");
        }
    }
}

fn main() -> io::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(io::stdout)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .init();
    let runtime = Builder::new_current_thread()
        .on_task_spawn(log("spawned"))
        .on_task_terminate(log("ended"))
        .build()?;
    runtime.block_on(async {
        println!("a guard across the await:");
        // Such a future is not `Send`, so `spawn` would not take it.
        futures::join!(guarded(1), guarded(2));

        println!("instrumented:");
        let spanned = |id| work(id).instrument(info_span!("request", id));
        futures::join!(spanned(1), spanned(2));

        println!("what becomes of tasks, by the runtime's hooks:");
        let mailer = sinew::task::Builder::new().name("mailer").spawn(async {});
        mailer?.await?;
        Ok(())
    })
}
