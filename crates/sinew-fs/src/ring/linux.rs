//! Linux: one ring for the process.
//!
//! # Why a thread
//!
//! The kernel binds a request to the thread that submits it: it does a part of the
//! work there, and cancels what is under way when the thread ends. A ring that each
//! thread submits to would therefore interrupt workers and lose the requests of
//! short-lived threads. So one thread submits for all and reaps for all; it never
//! ends, takes what has come meanwhile in one go, and sleeps in the kernel.
//!
//! # Life cycle
//!
//! An [`Operation`] owns all that the kernel is given pointers to. It goes into the
//! inbox, whose owner is woken if it sleeps; from then on it belongs to the driver,
//! whatever becomes of the future that asked for it. When the kernel has answered,
//! the operation takes the answer and may ask for more.
//!
//! A ring that the kernel does not let us enter any more has failed for good. What was
//! asked of it, and what those ask who still refer to it, is done by the pool.

mod driver;
mod file;
mod inbox;
mod operation;

use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};
use std::thread;

use rustix::fs::{AtFlags, FileType, OFlags, StatxFlags, fcntl_getfl, statx};

use driver::{Driver, EnterKernel};
use inbox::Inbox;
use operation::Operation;

/// The ring, as those see it who ask something of it.
pub(crate) struct Ring {
    inbox: Arc<Inbox>,
}

/// The ring of this process, started by the first who asks.
///
/// # Errors
///
/// The kernel's, if it has no such thing, forbids it, lacks an operation, or has
/// forbidden it meanwhile.
pub(crate) fn get() -> Result<&'static Ring, &'static io::Error> {
    static RING: OnceLock<io::Result<Ring>> = OnceLock::new();
    let start = || start(Box::new(|ring, count| ring.submit_and_wait(count)));
    let ring = RING.get_or_init(start).as_ref()?;
    ring.failure().map_or(Ok(ring), Err)
}

fn start(enter_kernel: EnterKernel) -> io::Result<Ring> {
    let inbox = Arc::new(Inbox::new()?);
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let theirs = inbox.clone();
    // The thread makes the ring, which belongs to it alone.
    thread::Builder::new()
        .name("sinew-fs-ring".to_owned())
        .spawn(move || match Driver::new(theirs, enter_kernel) {
            Ok(driver) => {
                // Our starter is there: it waits for the answer.
                let _ = tell.send(Ok(()));
                driver.run();
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        })?;
    told.recv().map_err(io::Error::other)??;
    Ok(Ring { inbox })
}

impl Ring {
    /// Whether requests on `file` end in a bounded time: a regular file's do, but
    /// those on a pipe may keep their places in the ring for ever. And the kernel
    /// refuses to wait for a file with `O_NONBLOCK`.
    pub(crate) fn takes(&self, file: &File) -> bool {
        let stat = statx(
            file,
            c"",
            AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC,
            StatxFlags::TYPE,
        );
        let is_regular = stat.is_ok_and(|stat| {
            FileType::from_raw_mode(stat.stx_mode.into()) == FileType::RegularFile
        });
        is_regular && fcntl_getfl(file).is_ok_and(|flags| !flags.contains(OFlags::NONBLOCK))
    }

    /// Why the kernel takes nothing any more, if so.
    fn failure(&self) -> Option<&io::Error> {
        self.inbox.failure()
    }

    fn submit(&self, operation: impl Operation + 'static) {
        self.inbox.put(Box::new(operation));
    }
}

#[cfg(test)]
mod tests;
