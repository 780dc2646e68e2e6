//! Timers that a thread keeps for itself.

use std::fmt;
use std::sync::Arc;

use sinew_core::{Entered, Unpark};

use super::ambient;
use super::{Shard, Timers};

impl Timers {
    /// Another wheel on the same clock, for one thread to [keep](Timers::keep).
    ///
    /// As a [`sibling`](Timers::sibling), but who waits for the base does not fire what
    /// the thread leaves, nor wakes up for that.
    #[must_use]
    pub fn local_sibling(&self) -> Arc<Timers> {
        self.member(true)
    }

    /// Makes these the timers of the current thread, which keeps them for itself until the
    /// guard is dropped: to add, to reset and to cancel a sleep takes no lock there.
    ///
    /// `unparker` is whom to wake when the thread that waits for these timers must come
    /// back before its deadline, until the guard is dropped.
    ///
    /// A sleep may still go to another thread. Dropped or reset there, it stays in the
    /// wheel until its own thread sets a sleep, [processes](Timers::process) or parks next;
    /// the task that waits for it is then woken once more. Other threads find the wheel
    /// free while its own is between [`prepare_park`](Timers::prepare_park) and
    /// [`after_park`](Timers::after_park). One thread at a time keeps it. For another
    /// that tries, or enters these timers, the base stands in.
    ///
    /// # Panics
    ///
    /// On timers that were not made by [`local_sibling`](Timers::local_sibling): others must be
    /// able to add to those.
    #[track_caller]
    pub fn keep(self: Arc<Self>, unparker: Arc<dyn Unpark>) -> Keeping {
        assert!(
            self.shard.is_keepable(),
            "a thread keeps timers made by Timers::local_sibling()"
        );
        let shard = self.shard;
        Keeping {
            shard,
            kept_before: ambient::set_kept(Some(shard)),
            unparker_before: shard.set_unparker(Some(unparker)),
            _entered: self.enter(),
        }
    }
}

/// Lets the current thread keep its timers until this is dropped. Returned by
/// [`Timers::keep`].
#[must_use = "the timers are let go again when the guard is dropped"]
pub struct Keeping {
    shard: &'static Shard,
    kept_before: Option<&'static Shard>,
    unparker_before: Option<Arc<dyn Unpark>>,
    /// Holds the timers, so the shard is theirs until this is dropped.
    _entered: Entered<Timers>,
}

impl Drop for Keeping {
    fn drop(&mut self) {
        ambient::set_kept(self.kept_before);
        let unparker = self.shard.set_unparker(self.unparker_before.take());
        self.shard.leave();
        drop(unparker);
    }
}

impl fmt::Debug for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeping").finish_non_exhaustive()
    }
}
