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
        let _ = timers.clock.pause();
        Arc::new(timers)
    }

    /// Whether the clock is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.clock.is_paused()
    }

    /// Stops the clock.
    ///
    /// # Panics
    ///
    /// When it is stopped already.
    #[track_caller]
    pub fn pause(&self) {
        if let Err(refusal) = self.clock.pause() {
            panic!("{refusal}");
        }
        self.recall_parker();
    }

    /// Lets the clock run again, from the time that it shows.
    ///
    /// # Panics
    ///
    /// When it is not stopped.
    #[track_caller]
    pub fn resume(&self) {
        if let Err(refusal) = self.clock.resume() {
            panic!("{refusal}");
        }
        self.recall_parker();
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
        self.clock.advance(by)?;
        Ok(self.fire())
    }

    /// Whether [`auto_advance`](Timers::auto_advance) may move the clock. It may
    /// at first; a test that mixes real IO with a paused clock turns it off.
    pub fn set_auto_advance(&self, on: bool) {
        self.may_auto_advance.store(on, Ordering::Relaxed);
        self.recall_parker();
    }

    /// Moves a stopped clock to the next deadline, if there is one ahead, and
    /// returns whether it did.
    ///
    /// A runtime calls this when all of its tasks wait and nothing that is under way
    /// outside, such as a blocking closure, could make one of them runnable:
    /// after [`prepare_park`](Timers::prepare_park) and before the wait. If it returns
    /// `true` the runtime does not wait, and goes on with
    /// [`after_park`](Timers::after_park), which fires what is due now.
    pub fn auto_advance(&self) -> bool {
        if !self.clock.is_paused() || !self.may_auto_advance.load(Ordering::Relaxed) {
            return false;
        }
        let mut inner = self.lock();
        match inner.wheel.exact_deadline() {
            Some(deadline) => self.clock.jump(deadline),
            None => false,
        }
    }

    /// Unparks whoever waits, because until when has changed.
    fn recall_parker(&self) {
        let inner = self.lock();
        let unparker = inner.parked_until.and(inner.unparker.clone());
        drop(inner);
        if let Some(unparker) = unparker {
            unparker.unpark();
        }
    }
}
