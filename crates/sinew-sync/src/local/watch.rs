//! A channel that shows the latest value, on one thread.
//!
//! As [`crate::watch`], without atomics and locks. Because there is no lock that
//! another thread would let go of, changing the value while a [`Ref`] is alive is a
//! mistake, and panics.
//!
//! ```
//! use sinew_sync::local::watch;
//!
//! # sinew_core::block_on(async {
//! let (tx, mut rx) = watch::channel(1);
//! tx.send(2).unwrap();
//! rx.changed().await.unwrap();
//! assert_eq!(*rx.borrow(), 2);
//! # });
//! ```

use std::cell::{self, Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::{fmt, ptr};

use sinew_core::leaf::Kind;

use crate::local::Notify;

mod receiver;
mod sender;

pub use crate::watch::error;
pub use receiver::Receiver;
pub use sender::Sender;

/// Makes a channel that shows `init` first, which counts as seen.
#[must_use]
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}

struct Shared<T> {
    value: RefCell<T>,
    /// How often the value was changed; wraps.
    version: Cell<u64>,
    senders: Cell<usize>,
    receivers: Cell<usize>,
    /// Told when the value changes and when the last sender goes.
    changed: Notify,
    /// Told when the last receiver goes.
    abandoned: Notify,
}

const WAITS: Kind = Kind::Channel;

impl<T> Shared<T> {
    fn borrow(&self, seen: u64) -> Ref<'_, T> {
        Ref {
            value: self.value.borrow(),
            has_changed: self.version.get() != seen,
        }
    }

    fn is_closed(&self) -> bool {
        self.senders.get() == 0
    }
}

/// The value, borrowed. It cannot be changed meanwhile, so keep this for a short
/// time and not across an `.await`.
pub struct Ref<'a, T> {
    value: cell::Ref<'a, T>,
    has_changed: bool,
}

impl<T> Ref<'_, T> {
    /// Whether the receiver had not seen this value. Always false for a sender.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref")
            .field("value", &**self)
            .field("has_changed", &self.has_changed)
            .finish()
    }
}

/// Counts one more.
fn count(counter: &Cell<usize>) {
    counter.set(counter.get() + 1);
}

/// Counts one less; `true` if that was the last.
fn uncount(counter: &Cell<usize>) -> bool {
    counter.set(counter.get() - 1);
    counter.get() == 0
}

fn same<T>(one: &Rc<Shared<T>>, other: &Rc<Shared<T>>) -> bool {
    ptr::eq(&**one, &**other)
}

/// The bytes of a channel's allocation, with the two counts of its `Rc`.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<Shared<u64>>() + 2 * size_of::<usize>()
}
