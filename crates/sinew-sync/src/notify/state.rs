//! The word of a `Notify`.

use crate::notify::{End, Told};
use crate::primitives::{AtomicUsize, Ordering, const_fn};

/// What a `Notify` has for the next who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing, and nobody waits.
    Empty,
    /// Somebody is in the queue. Set and left with the list's lock held only.
    Waiting,
    /// One notification, and nobody waits.
    Notified,
}

const MODE_BITS: u32 = 2;
const MODE_MASK: usize = (1 << MODE_BITS) - 1;

/// What the word said at one moment: the mode in the low two bits, above them the
/// count of `notify_waiters` calls, which wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    #[inline]
    pub(super) fn mode(self) -> Mode {
        match self.0 & MODE_MASK {
            0 => Mode::Empty,
            1 => Mode::Waiting,
            _ => Mode::Notified,
        }
    }

    /// How often all were notified so far.
    #[inline]
    pub(super) fn calls(self) -> usize {
        self.0 >> MODE_BITS
    }

    #[inline]
    fn with(self, mode: Mode) -> Snapshot {
        Snapshot((self.0 & !MODE_MASK) | mode as usize)
    }
}

/// The word.
///
/// `Empty` and `Notified` change into one another without the lock; `Waiting` is
/// entered and left with it held, so that the holder can rely on it.
pub(super) struct StateCell(AtomicUsize);

impl StateCell {
    const_fn! {
        pub(super) const fn new() -> StateCell {
            StateCell(AtomicUsize::new(0))
        }
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        // ORDERING: Acquire pairs with the Release of whoever changed the word: a
        // task that sees a notification sees what was done before it.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    #[inline]
    fn exchange(&self, from: Snapshot, to: Snapshot) -> Result<(), Snapshot> {
        // ORDERING: AcqRel on success: Release hands on what the notifier did,
        // Acquire receives it. As in `load` on failure.
        self.0
            .compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
            .map_err(Snapshot)
    }

    /// Leaves a notification for the next who waits; `false` if somebody waits
    /// already, so that the lock must be taken.
    #[inline]
    pub(super) fn store_notification(&self) -> bool {
        let mut now = self.load();
        loop {
            if now.mode() == Mode::Waiting {
                return false;
            }
            // Also from `Notified` to itself: a later task that takes it must see
            // what this notifier did.
            match self.exchange(now, now.with(Mode::Notified)) {
                Ok(()) => return true,
                Err(other) => now = other,
            }
        }
    }

    /// Takes the notification, if one is there and no call to notify all came
    /// since `calls`.
    #[inline]
    pub(super) fn take_notification(&self, calls: usize) -> bool {
        let now = self.load();
        now.calls() == calls
            && now.mode() == Mode::Notified
            && self.exchange(now, now.with(Mode::Empty)).is_ok()
    }

    /// With the lock held: enters `Waiting`, and tells nothing. Unless there is a
    /// reason not to wait: a notification, which is taken, or a call to notify all
    /// since `calls`.
    #[inline]
    pub(super) fn start_waiting(&self, calls: usize) -> Told {
        let mut now = self.load();
        loop {
            if now.calls() != calls {
                return Told::All;
            }
            let (to, told) = match now.mode() {
                Mode::Waiting => return Told::Nothing,
                Mode::Empty => (Mode::Waiting, Told::Nothing),
                Mode::Notified => (Mode::Empty, Told::One(End::First)),
            };
            match self.exchange(now, now.with(to)) {
                Ok(()) => return told,
                Err(other) => now = other,
            }
        }
    }

    /// With the lock held, in `Waiting`: the queue has become empty.
    #[inline]
    pub(super) fn stop_waiting(&self) {
        // ORDERING: Release as in `exchange`. A plain store is enough, because in
        // `Waiting` the word changes with the lock held only.
        let now = Snapshot(self.0.load(Ordering::Relaxed));
        self.0.store(now.with(Mode::Empty).0, Ordering::Release);
    }

    /// With the lock held: as [`stop_waiting`](Self::stop_waiting), if in `Waiting`.
    #[inline]
    pub(super) fn stop_waiting_if_so(&self) {
        if self.load().mode() == Mode::Waiting {
            self.stop_waiting();
        }
    }

    /// With the lock held: counts a call to notify all, and is `true` if somebody
    /// waits; then the mode is `Empty` from now on.
    #[inline]
    pub(super) fn count_call(&self) -> bool {
        const CALL: usize = 1 << MODE_BITS;
        // ORDERING: as in `stop_waiting` and `exchange`: Release hands on what the
        // notifier did.
        let now = Snapshot(self.0.load(Ordering::Relaxed));
        if now.mode() == Mode::Waiting {
            let counted = now.with(Mode::Empty).0.wrapping_add(CALL);
            self.0.store(counted, Ordering::Release);
            return true;
        }
        // Not a store: without waiters the mode changes without the lock.
        // ORDERING: as above.
        self.0.fetch_add(CALL, Ordering::AcqRel);
        false
    }
}
