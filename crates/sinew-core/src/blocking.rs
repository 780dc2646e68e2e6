//! May this thread be put to sleep? The seam under the `blocking_*` ends of locks
//! and channels.
//!
//! A thread that runs the tasks of a single-threaded runtime must not wait for
//! what those tasks do: nobody would run them. A worker of several should hand its
//! work to another thread first. Any other thread may simply sleep. Which of these
//! a thread is, its runtime says by [`enter`]ing a [`Policy`]; this crate need not
//! know any runtime for it.
//!
//! ```
//! use sinew_core::blocking::{self, Policy};
//!
//! assert_eq!(blocking::block_on("Lock::blocking_lock", "lock().await", async { 1 }), 1);
//! {
//!     let _entered = blocking::enter(Policy::Refused);
//!     let refused = std::panic::catch_unwind(|| {
//!         blocking::block_on("Lock::blocking_lock", "lock().await", async { 1 })
//!     });
//!     assert!(refused.is_err());
//! }
//! ```

use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomData;

/// What a thread does before it is put to sleep.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Policy {
    /// Nothing; it may sleep.
    Allowed,
    /// Runs the closure that sleeps inside of this function, which hands the
    /// thread's tasks and drivers to another thread first.
    HandOver(fn(&mut dyn FnMut())),
    /// It must not sleep: the tasks that would end the wait run on it.
    Refused,
}

thread_local! {
    static POLICY: Cell<Policy> = const { Cell::new(Policy::Allowed) };
}

/// Sets the policy of this thread until the guard is dropped.
#[must_use = "the policy is set back when the guard is dropped"]
pub fn enter(policy: Policy) -> EnteredPolicy {
    EnteredPolicy {
        previous: POLICY.replace(policy),
        not_send: PhantomData,
    }
}

/// Keeps a policy; sets the one before back when dropped. Made by [`enter`].
#[derive(Debug)]
pub struct EnteredPolicy {
    previous: Policy,
    not_send: PhantomData<*const ()>,
}

impl Drop for EnteredPolicy {
    fn drop(&mut self) {
        POLICY.set(self.previous);
    }
}

/// The policy of this thread.
#[must_use]
pub fn policy() -> Policy {
    POLICY.get()
}

/// Runs `future` to its end on this thread, which sleeps meanwhile, as its policy
/// demands. `operation` is the name of the caller for the panic, `instead` what a
/// task should use.
///
/// # Panics
///
/// When the policy is [`Policy::Refused`], at the caller's line. Passes on a panic
/// of the future.
#[track_caller]
pub fn block_on<F: Future>(operation: &str, instead: &str, future: F) -> F::Output {
    match policy() {
        Policy::Allowed => crate::block_on(future),
        Policy::HandOver(hand_over) => {
            let mut future = Some(future);
            let mut output = None;
            hand_over(&mut || {
                if let Some(future) = future.take() {
                    let _allowed = enter(Policy::Allowed);
                    output = Some(crate::block_on(future));
                }
            });
            output.expect("a hand-over runs its closure once")
        }
        Policy::Refused => refuse(operation, instead),
    }
}

/// How often [`try_first`] tries before it gives up, and after how many of them it
/// lets other threads run instead of merely pausing: together about what it takes to
/// put a thread to sleep and to wake it.
const TRIES: u32 = 11;
const PAUSES: u32 = 7;

/// Tries for some microseconds to do without sleep what [`block_on`] would sleep for:
/// whoever does his part on another processor is often faster than the way to sleep
/// and back. `None` if `attempt` gave nothing; then call `block_on`.
///
/// # Panics
///
/// As `block_on`, also when `attempt` would give something.
#[track_caller]
pub fn try_first<T>(
    operation: &str,
    instead: &str,
    mut attempt: impl FnMut() -> Option<T>,
) -> Option<T> {
    if let Policy::Refused = policy() {
        refuse(operation, instead);
    }
    for tried in 0..TRIES {
        if let Some(done) = attempt() {
            return Some(done);
        }
        match tried < PAUSES {
            true => (0..1_u32 << tried).for_each(|_| std::hint::spin_loop()),
            false => std::thread::yield_now(),
        }
    }
    None
}

#[cold]
#[track_caller]
fn refuse(operation: &str, instead: &str) -> ! {
    // The beginning is what programs that expect tokio's panic look for.
    panic!(
        "Cannot block the current thread from within a runtime: `{operation}` would put \
         the only thread that runs its tasks to sleep. Use `{instead}`, or call it inside \
         `spawn_blocking`"
    )
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
