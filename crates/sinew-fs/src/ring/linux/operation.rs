//! What the driver does for others.

use std::io;

use io_uring::squeue::Entry;

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

    /// Takes the kernel's answer to the last step. Gives itself back if there is
    /// another one.
    fn complete(self: Box<Self>, result: io::Result<u32>) -> Option<Box<dyn Operation>>;
}
