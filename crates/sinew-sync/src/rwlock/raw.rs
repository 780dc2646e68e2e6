//! A reader-writer lock without data.

use std::panic::Location;
use std::pin::Pin;

use sinew_core::wait_list::{Guarded, Left, WaitList, Waiter};
use sinew_core::waker::WakeList;

use crate::acquire::{Acquiring, InTurn};
use crate::primitives::const_fn;
use crate::rwlock::state::{Mode, Released, StateCell};

pub(crate) struct RawRwLock {
    state: StateCell,
    max_readers: u32,
    waiters: WaitList<(), Mode>,
}

impl RawRwLock {
    const_fn! {
        pub(crate) const fn new(max_readers: u32) -> RawRwLock {
            RawRwLock {
                state: StateCell::new(),
                max_readers,
                waiters: WaitList::new(()),
            }
        }
    }

    #[inline]
    fn max_readers(&self) -> usize {
        self.max_readers as usize
    }

    /// Takes the lock in `mode`, in turn. For [`Mode::Upgrade`] the caller gives its
    /// upgradable lock to the future.
    #[inline]
    #[track_caller]
    pub(super) fn take(&self, mode: Mode) -> Acquiring<'_, RawRwLock> {
        self.take_at(Location::caller(), mode)
    }

    #[inline]
    pub(super) fn take_at(
        &self,
        location: &'static Location<'static>,
        mode: Mode,
    ) -> Acquiring<'_, RawRwLock> {
        Acquiring::at(location, self, mode)
    }

    /// Only for who holds the lock to write; then it is held to read.
    pub(super) fn downgrade(&self) {
        self.follow_up(self.state.downgrade());
    }

    /// Only for who holds the lock upgradable; then it is held to read.
    pub(super) fn forgo_upgrade(&self) {
        self.follow_up(self.state.forgo_upgrade());
    }

    #[inline]
    fn follow_up(&self, released: Released) {
        if released == Released::ServeQueue {
            self.serve_queue();
        }
    }

    #[cold]
    #[inline(never)]
    fn serve_queue(&self) {
        loop {
            // Made before the list is locked, so that it is dropped after it.
            let mut batch = WakeList::new();
            let mut locked = self.waiters.lock();
            let served = self.serve(&mut locked, &mut batch);
            drop(locked);
            batch.wake_all();
            if served == Served::All {
                return;
            }
        }
    }

    /// Gives the lock to those at the front of the queue who can have it.
    fn serve(&self, guarded: &mut Guarded<(), Mode>, batch: &mut WakeList) -> Served {
        let queue = &mut guarded.queue;
        while let Some(mode) = queue.front().copied() {
            if !batch.can_push() {
                return Served::FullBatch;
            }
            if !self.state.take_for_waiter(mode, self.max_readers()) {
                return Served::All;
            }
            if let Some(waker) = queue.pop_front(|_| {}) {
                batch.push(waker);
            }
        }
        self.state.stop_waiting();
        Served::All
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    All,
    /// There may be more to serve; wake these first.
    FullBatch,
}

impl InTurn for RawRwLock {
    type Mode = Mode;

    #[inline]
    fn waiters(&self) -> &WaitList<(), Mode> {
        &self.waiters
    }

    #[inline]
    fn try_take(&self, mode: Mode) -> bool {
        self.state.try_take(mode, self.max_readers())
    }

    fn take_or_wait(&self, mode: Mode) -> bool {
        self.state.take_or_wait(mode, self.max_readers())
    }

    #[inline]
    fn release(&self, mode: Mode) {
        let released = self.state.release(mode, self.max_readers());
        self.follow_up(released);
    }

    /// All others wait for the reader that asks for an upgrade.
    #[inline]
    fn goes_first(mode: Mode) -> bool {
        mode == Mode::Upgrade
    }

    fn give_up(&self, mode: Mode, place: Option<Pin<&Waiter<Mode>>>) {
        let mut served = Served::All;
        let mut batch = WakeList::new();
        let left = place.map(|place| {
            self.waiters.leave(place, |guarded| {
                // Who stood behind it may be able to go on.
                served = self.serve(guarded, &mut batch);
            })
        });
        batch.wake_all();
        if served == Served::FullBatch {
            self.serve_queue();
        }
        if left == Some(Left::Granted) {
            self.release(mode);
        } else if mode == Mode::Upgrade {
            // It has been a reader from the start.
            self.release(Mode::Upgradable);
        }
    }
}
