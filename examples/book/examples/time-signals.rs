//! Signals as async events. The program sends itself one by the `kill` command.
//!
//! ```text
//! ready
//! got SIGUSR1
//! a server would end at: Interrupt or Terminate
//! ```

use sinew::process::Command;
use sinew::signal::unix::{SignalKind, signal};

#[sinew::main]
async fn main() -> std::io::Result<()> {
    // The handler is there once this returns; a signal before that would end the program.
    let mut signals = signal(SignalKind::user_defined1())?;
    println!("ready");

    let own_id = std::process::id().to_string();
    let status = Command::new("kill")
        .args(["-USR1", &own_id])
        .status()
        .await?;
    assert!(status.success());
    // Handlers in C may do next to nothing. Here the task just goes on.
    signals.recv().await;
    println!("got SIGUSR1");

    // See the web server: `signal::shutdown()` in a `select!` beside `accept`.
    let _shutdown = sinew::signal::shutdown();
    println!("a server would end at: Interrupt or Terminate");
    Ok(())
}
