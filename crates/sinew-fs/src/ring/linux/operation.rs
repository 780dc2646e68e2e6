//! What the driver does for others.

use std::io;

use io_uring::squeue::Entry;
use sinew_blocking::spawn_blocking;

/// Something that takes the kernel one step or several.
///
/// # Safety
///
/// What the entry points to must be valid, and touched by nobody else, until
/// [`complete`](Self::complete) is called with the kernel's answer, wherever the
/// box itself goes meanwhile; and a descriptor in it must stay open for so long.
pub(super) unsafe trait Operation: Send {
    /// The next step.
    fn entry(&mut self) -> Entry;

    /// Does the next step on this thread, which may block. The kernel has no entry of
    /// it.
    fn perform(&mut self) -> io::Result<usize>;

    /// Takes the answer to the last step. Gives itself back if there is another one.
    fn complete(self: Box<Self>, result: io::Result<usize>) -> Option<Box<dyn Operation>>;
}

/// Does all the steps that are left on the current pool.
pub(super) fn perform_on_pool(operation: Box<dyn Operation>) {
    // Nobody awaits the task: the operation tells of its end, also when it is dropped.
    drop(spawn_blocking(move || {
        let mut next = Some(operation);
        while let Some(mut operation) = next {
            let result = operation.perform();
            next = operation.complete(result);
        }
    }));
}
