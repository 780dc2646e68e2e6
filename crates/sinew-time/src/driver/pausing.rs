//! The clock of [`Timers`] in the hands of a test or a simulator.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Timers;

impl Timers {
    /// Timers whose clock is paused from the beginning.
    #[must_use]
    pub fn new_paused() -> Arc<Timers> {
        let timers = Timers::with(false);
        // Cannot refuse: nobody else has paused it.
        let _ = timers.group.clock.pause();
        Arc::new(timers)
    }

    /// Whether the clock is paused.
    #[inline]
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.group.clock.is_paused()
    }

    /// Stops the clock, for these timers and their siblings.
    ///
    /// # Panics
    ///
    /// When it is stopped already.
    #[track_caller]
    pub fn pause(&self) {
        if let Err(refusal) = self.group.clock.pause() {
            panic!("{refusal}");
        }
        self.group.recall();
    }

    /// Lets the clock run again, from the time that it shows.
    ///
    /// # Panics
    ///
    /// When it is not stopped.
    #[track_caller]
    pub fn resume(&self) {
        if let Err(refusal) = self.group.clock.resume() {
            panic!("{refusal}");
        }
        self.group.recall();
    }

    /// Moves a stopped clock on and fires what is due then. Returns how many
    /// fired. A time that the clock cannot say is cut to one far away.
    ///
    /// # Panics
    ///
    /// When the clock is not stopped.
    #[track_caller]
    pub fn advance(&self, by: Duration) -> usize {
        match self.try_advance(by) {
            Ok(fired) => fired,
            Err(refusal) => panic!("{refusal}"),
        }
    }

    pub(crate) fn try_advance(&self, by: Duration) -> Result<usize, &'static str> {
        self.group.clock.advance(by)?;
        Ok(self.group.fire_all())
    }

    /// Whether [`auto_advance`](Timers::auto_advance) may move the clock. It may
    /// at first; a test that mixes real IO with a paused clock turns it off.
    pub fn set_auto_advance(&self, on: bool) {
        self.group.may_auto_advance.store(on, Ordering::Relaxed);
        self.group.recall();
    }

    /// Moves a stopped clock to the next deadline, if there is one ahead, and
    /// returns whether it did.
    ///
    /// A runtime calls this when all of its tasks wait and nothing that is under way
    /// outside, such as a blocking closure, could make one of them runnable:
    /// after [`prepare_park`](Timers::prepare_park) and before the wait. If it returns
    /// `true` the runtime does not wait, and goes on with
    /// [`after_park`](Timers::after_park) of the base, which fires what is due now.
    pub fn auto_advance(&self) -> bool {
        if !self.group.clock.is_paused() || !self.group.may_auto_advance.load(Ordering::Relaxed) {
            return false;
        }
        let shards = self.group.snapshot();
        // `None` is from a wheel whose thread is awake.
        let deadlines: Option<Vec<_>> = shards.iter().map(|shard| shard.exact_deadline()).collect();
        match deadlines.into_iter().flatten().flatten().min() {
            Some(deadline) => self.group.clock.jump(deadline),
            None => false,
        }
    }
}
