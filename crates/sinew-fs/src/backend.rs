//! Who does what the calling thread cannot do at once.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::OnceLock;

use crate::ring::{self, Ring};

/// Names the backend of the process.
const VARIABLE: &str = "SINEW_FS_BACKEND";

/// Who does what the calling thread cannot do at once.
///
/// What the kernel has at hand is taken on the calling thread with either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// The current blocking pool: each operation under way keeps a thread.
    ThreadPool,
    /// An io_uring of the process, which one thread drives, for reads, writes and
    /// syncs of regular files; the current blocking pool for the rest.
    ///
    /// The rest is what has a path: opening, making, renaming, removing. The
    /// kernel hands these to threads of its own, so that the way through the ring
    /// has twice as many switches of threads as the way to the pool: 8–9 against
    /// 3–4 for a small file that is made, written and closed. What the kernel has in
    /// its name cache, most lookups, needs neither.
    ///
    /// Even in the shape that suits a ring best, which is one thread that does nothing
    /// else, wakes no task, and makes, writes and closes each file of 1 KiB by one chain
    /// of entries, it gains only where very many are under way (on tmpfs, so that no
    /// disk is in the figures):
    ///
    /// | files at once | pool | ring |
    /// |---|---|---|
    /// | 1 | 19–30 µs, 2.4 switches | 20–22 µs, 5.8 switches |
    /// | 16 | 15–16 µs, 1.6 switches | 11–16 µs, 1.0–1.9 switches |
    /// | 64 | 16–17 µs, 1.7 switches | 10–11 µs, 0.6–0.7 switches |
    ///
    /// Where the disk is waited for it is the other way round. CPU time and switches
    /// of threads for 4 KiB read at a random place that is not in the cache:
    ///
    /// | reads at once | pool | ring |
    /// |---|---|---|
    /// | 1 | 37–50 µs, 4 switches | 36–37 µs, 3 switches |
    /// | 16 | 27–36 µs, 2 switches | 17–22 µs, 1–2 switches |
    /// | 128 | 29–37 µs, 3 switches | 12–14 µs, 1 switch |
    ///
    /// And for `sync_data` after 4 KiB were written:
    ///
    /// | syncs at once | pool | ring |
    /// |---|---|---|
    /// | 1 | 128–171 µs, 5 switches | 111–148 µs, 8–9 switches |
    /// | 32 | 48–59 µs, 4–6 switches | 37–41 µs, 3 switches |
    ///
    /// (Linux 6.18, ext4, two CPUs.)
    IoUring,
}

/// The backend of files that are opened on this thread now.
///
/// [`IoUring`](Backend::IoUring) where the kernel has it and allows it, else
/// [`ThreadPool`](Backend::ThreadPool). The environment variable
/// `SINEW_FS_BACKEND=thread-pool` keeps the process to the pool, and
/// [`Backend::enter`] sets it for a thread. A file stays with the backend that
/// it was opened under.
///
/// Asking starts the ring, which is otherwise started by the first operation that
/// needs it. If the kernel refuses it later, as in a sandbox that a program closes
/// around itself, the pool takes over, also for files that are open and for what is
/// under way; no operation is lost, and it is
/// [`ThreadPool`](Backend::ThreadPool) from then on.
///
/// ```
/// use sinew_fs::{Backend, backend};
///
/// let _entered = Backend::ThreadPool.enter()?;
/// assert_eq!(backend(), Backend::ThreadPool);
/// # std::io::Result::Ok(())
/// ```
#[must_use]
pub fn backend() -> Backend {
    match chosen().ring() {
        Some(_) => Backend::IoUring,
        None => Backend::ThreadPool,
    }
}

thread_local!(static ENTERED: Cell<Option<Backend>> = const { Cell::new(None) });

impl Backend {
    /// Makes this the backend of files that are opened on this thread, until the
    /// guard is dropped.
    ///
    /// # Errors
    ///
    /// The kernel's, if it does not allow it;
    /// [`Unsupported`](io::ErrorKind::Unsupported) on systems that have no such
    /// thing, and where the environment keeps the process to the pool.
    pub fn enter(self) -> io::Result<EnteredBackend> {
        if self == Backend::IoUring {
            if of_process() == Backend::ThreadPool {
                let message = format!("{VARIABLE} keeps the process to its threads");
                return Err(io::Error::new(io::ErrorKind::Unsupported, message));
            }
            ring::get().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
        }
        Ok(EnteredBackend {
            previous: ENTERED.replace(Some(self)),
            not_send: PhantomData,
        })
    }
}

/// Keeps a backend entered on this thread; leaves it when dropped.
#[must_use = "the backend is left again when this guard is dropped"]
pub struct EnteredBackend {
    previous: Option<Backend>,
    not_send: PhantomData<*const ()>,
}

impl Drop for EnteredBackend {
    fn drop(&mut self) {
        ENTERED.set(self.previous);
    }
}

impl fmt::Debug for EnteredBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnteredBackend").finish_non_exhaustive()
    }
}

/// The backend of what is opened here; whether there is a ring is not known yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen(Backend);

pub(crate) fn chosen() -> Chosen {
    Chosen(ENTERED.get().unwrap_or_else(of_process))
}

impl Chosen {
    /// The ring, if it is to be used and can be.
    pub(crate) fn ring(self) -> Option<&'static Ring> {
        match self.0 {
            Backend::IoUring => ring::get().ok(),
            Backend::ThreadPool => None,
        }
    }
}

fn of_process() -> Backend {
    static BACKEND: OnceLock<Backend> = OnceLock::new();
    *BACKEND.get_or_init(|| match std::env::var_os(VARIABLE) {
        Some(name) if name == "thread-pool" => Backend::ThreadPool,
        _ => Backend::IoUring,
    })
}
