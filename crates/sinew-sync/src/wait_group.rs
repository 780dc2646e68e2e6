//! `WaitGroup`: wait until all clones are gone.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;

use crate::latch::{Latch, Place};
use crate::primitives::{AtomicUsize, Ordering};

/// Waits until all who take part have finished.
///
/// Each clone is a member; it has finished when it is dropped. Any member may
/// [`wait`](Self::wait) for the others, which is the end of its own membership.
///
/// ```
/// use sinew_sync::WaitGroup;
///
/// let group = WaitGroup::new();
/// for _ in 0..3 {
///     let member = group.clone();
///     std::thread::spawn(move || {
///         // Work, and then:
///         drop(member);
///     });
/// }
/// sinew_core::block_on(group.wait());
/// ```
pub struct WaitGroup {
    group: Arc<Group>,
}

struct Group {
    members: AtomicUsize,
    finished: Latch,
}

impl WaitGroup {
    /// A group with one member, which is returned.
    #[must_use]
    pub fn new() -> WaitGroup {
        WaitGroup {
            group: Arc::new(Group {
                members: AtomicUsize::new(1),
                finished: Latch::new(false),
            }),
        }
    }

    /// Finishes this member, and waits for all others. Ready at once if it was the
    /// last.
    ///
    /// # Cancel safety
    ///
    /// The member has finished even if the future is dropped; nothing else is lost.
    #[track_caller]
    pub fn wait(self) -> impl Future<Output = ()> {
        Wait {
            group: self.group.clone(),
            member: Some(self),
            place: Place::new(),
        }
    }
}

impl Clone for WaitGroup {
    fn clone(&self) -> WaitGroup {
        // ORDERING: Relaxed: the member we clone keeps the count above zero.
        let members = self.group.members.fetch_add(1, Ordering::Relaxed);
        // As `Arc` does: nobody has so many members, unless they are leaked.
        assert!(members <= isize::MAX as usize, "too many members");
        WaitGroup {
            group: self.group.clone(),
        }
    }
}

impl Drop for WaitGroup {
    fn drop(&mut self) {
        // ORDERING: AcqRel: the last to finish has seen what all others did, and
        // hands it on by way of the latch.
        if self.group.members.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.group.finished.open_with(|| {});
        }
    }
}

pin_project! {
    struct Wait {
        group: Arc<Group>,
        // Dropped by the first poll.
        member: Option<WaitGroup>,
        #[pin]
        place: Place,
    }

    impl PinnedDrop for Wait {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(&this.group.finished);
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.project();
        drop(this.member.take());
        let latch = &this.group.finished;
        // SAFETY: we hold a count of the group, and leave when dropped.
        ready!(unsafe { this.place.poll(latch, Kind::Barrier, cx) });
        proceed.made_progress();
        Poll::Ready(())
    }
}

impl Default for WaitGroup {
    fn default() -> WaitGroup {
        WaitGroup::new()
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ORDERING: Relaxed: a look, on which nothing depends.
        let members = self.group.members.load(Ordering::Relaxed);
        f.debug_struct("WaitGroup")
            .field("members", &members)
            .finish()
    }
}

#[cfg(test)]
mod tests;
