//! Virtual time in place of the real: the seam for simulators and tests.
//!
//! There are two ways to take time into one's own hands, on two levels.
//!
//! - A **paused clock** ([`pause`](crate::pause), [`Timers::new_paused`](crate::Timers::new_paused))
//!   keeps the timers of this crate and only changes what time they think it
//!   is. This is what tests of time-dependent code want, and a runtime knows how to advance it.
//! - A **virtual provider** ([`enter`]) replaces timers *and* clock. The leaves
//!   that are made on the thread while it is entered hand everything to it.
//!   This is what a simulator wants that has its own queue of events. It takes
//!   precedence over any clock, paused or not.
//!
//! A simulator that does not need its own queue enters
//! `Timers::new_paused()` and calls [`Timers::auto_advance`](crate::Timers::auto_advance)
//! when nothing else can run: that is virtual time too, without the indirection.
//!
//! Each leaf looks once, when it is made. A [`Sleep`](crate::Sleep) made under
//! a provider belongs to it wherever it is polled later; one made before the
//! provider was entered stays with the timers.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use std::task::{Context, Poll};
//! use sinew_time::provider::{self, VirtualSleep, VirtualTime};
//! use sinew_time::{Duration, Instant, sleep};
//!
//! /// Time that jumps to whatever is waited for.
//! struct Hasty(Mutex<Instant>);
//! struct Jump(Arc<Hasty>, Instant);
//!
//! impl VirtualTime for Hasty {
//!     fn now(&self) -> Instant {
//!         *self.0.lock().unwrap()
//!     }
//!     fn sleep(self: Arc<Self>, deadline: Instant) -> Box<dyn VirtualSleep> {
//!         Box::new(Jump(self, deadline))
//!     }
//! }
//!
//! impl VirtualSleep for Jump {
//!     fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
//!         let mut now = self.0.0.lock().unwrap();
//!         *now = self.1.max(*now);
//!         Poll::Ready(())
//!     }
//!     fn reset(&mut self, deadline: Instant) {
//!         self.1 = deadline;
//!     }
//!     fn is_elapsed(&self) -> bool {
//!         self.0.now() >= self.1
//!     }
//! }
//!
//! let hasty = Arc::new(Hasty(Mutex::new(Instant::now())));
//! let _entered = provider::enter(hasty);
//! let start = Instant::now();
//! sinew_core::block_on(sleep(Duration::from_secs(86_400)));
//! assert_eq!(start.elapsed(), Duration::from_secs(86_400));
//! ```

use std::sync::Arc;
use std::task::{Context, Poll};

use sinew_core::{Ambient, Entered, Slot};

use crate::clock;
use crate::instant::Instant;

thread_local!(static SLOT: Slot<dyn VirtualTime> = const { Slot::new() });
static PROVIDER: Ambient<dyn VirtualTime> = Ambient::without_default(&SLOT);

/// A source of time and of sleeps.
pub trait VirtualTime: Send + Sync + 'static {
    /// The current virtual time. Must not decrease.
    fn now(&self) -> Instant;

    /// A sleep until `deadline`, which may have passed. It is not polled yet
    /// and may never be.
    fn sleep(self: Arc<Self>, deadline: Instant) -> Box<dyn VirtualSleep>;
}

/// One sleep of a [`VirtualTime`]. Dropping it cancels it.
pub trait VirtualSleep: Send + Sync {
    /// Whether the deadline has passed; if not, the task of `cx`, and no other,
    /// is woken when it does. Ready again when polled after that.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Sets another deadline. A task that waits is woken at the new one.
    fn reset(&mut self, deadline: Instant);

    /// Whether the sleep has come to its end.
    fn is_elapsed(&self) -> bool;

    /// What tells this sleep from others in a dump of waiting tasks
    /// ([`sinew_core::leaf::Wait::resource`]). 0 by default.
    fn resource(&self) -> u64 {
        0
    }
}

/// Makes `provider` the time of this thread until the guard is dropped.
#[must_use = "the provider is left again when the guard is dropped"]
pub fn enter(provider: Arc<dyn VirtualTime>) -> Entered<dyn VirtualTime> {
    clock::note_unreal();
    PROVIDER.enter(provider)
}

/// Whether a provider is entered on this thread.
#[inline]
pub(crate) fn is_entered() -> bool {
    clock::any_unreal() && PROVIDER.is_entered()
}

pub(crate) fn entered() -> Option<Arc<dyn VirtualTime>> {
    PROVIDER.entered()
}
