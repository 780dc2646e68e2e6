//! The thread that turns marks into deliveries.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;

use super::{bell, entry};

mod mask;

/// The one dispatcher of the process.
struct Dispatcher {
    /// The process it runs in: a forked child finds its parent's id here, and
    /// no thread behind it.
    process: Option<u32>,
    /// How many deliveries there were.
    deliveries: u64,
}

static DISPATCHER: Mutex<Dispatcher> = Mutex::new(Dispatcher {
    process: None,
    deliveries: 0,
});

fn dispatcher() -> MutexGuard<'static, Dispatcher> {
    DISPATCHER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the dispatcher if this process has none.
pub(super) fn ensure_running() -> io::Result<()> {
    let mut dispatcher = dispatcher();
    let process = Some(process::id());
    if dispatcher.process == process {
        return Ok(());
    }
    let (receiver, sender) = UnixStream::pair()?;
    let builder = thread::Builder::new().name("sinew-signal".to_owned());
    // Should the next step fail, the thread ends at once: its socket is closed.
    mask::with_signals_blocked(|| builder.spawn(move || run(receiver)))??;
    bell::connect(sender)?;
    dispatcher.process = process;
    Ok(())
}

/// Waits for the bell and delivers, until the socket fails.
fn run(mut receiver: UnixStream) {
    let mut bytes = [0; 64];
    let mut marks = Vec::new();
    let mut woken = Vec::new();
    loop {
        match receiver.read(&mut bytes) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        }
        bell::take_marks(&mut marks);
        for &(_, number) in &marks {
            let delivery = {
                let mut dispatcher = dispatcher();
                dispatcher.deliveries += 1;
                dispatcher.deliveries
            };
            entry(number).deliver(delivery, &mut woken);
            woken.drain(..).for_each(wake);
        }
    }
    // Someone has closed descriptors that are not theirs (programs that turn
    // into daemons do that). The next listener starts afresh.
    dispatcher().process = None;
}

/// A waker that panics must not cost the others their signal. The panic hook
/// has reported it.
fn wake(waker: Waker) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| waker.wake())) {
        // Its destructor is foreign code, too.
        std::mem::forget(payload);
    }
}
