//! What is guarded of a nursery: its tasks, what counts as active, what failed.

use std::panic::Location;
use std::sync::Weak;
use std::time::Duration;

use sinew_task::AbortHandle;
use slab::Slab;

use super::FailurePolicy;
use super::clean_up::CleanUp;
use super::core::Core;
use super::failure::Failure;

/// What the lock of a core guards.
pub(super) struct State {
    pub(super) policy: FailurePolicy,
    pub(super) grace: Duration,
    pub(super) closed: bool,
    /// The owner has gone.
    pub(super) abandoned: bool,
    /// Tasks are aborted as soon as they are known.
    pub(super) aborting: bool,
    /// Guards here, and children that are active.
    pub(super) active: usize,
    pub(super) members: Slab<Entry>,
    /// Tasks spawned so far.
    pub(super) spawned: u64,
    pub(super) children: Vec<Weak<Core>>,
    pub(super) failures: Vec<Failure>,
    pub(super) lost: usize,
    pub(super) clean_ups: Vec<CleanUp>,
}

/// What is left when one that was active has ended.
pub(super) enum Left {
    /// Others are active.
    Busy,
    /// None is.
    Idle,
    /// It was the last, and the owner has gone: it still counts, until it has concluded.
    Last,
}

impl State {
    /// One less is active; which of two that end at once is the last is decided here.
    pub(super) fn count_down(&mut self) -> Left {
        if self.abandoned && self.active == 1 {
            return Left::Last;
        }
        self.count_off()
    }

    /// One less is active, whoever it is.
    pub(super) fn count_off(&mut self) -> Left {
        self.active -= 1;
        if self.active > 0 {
            Left::Busy
        } else {
            Left::Idle
        }
    }
}

/// A task of the nursery.
pub(super) struct Entry {
    pub(super) name: Option<Box<str>>,
    pub(super) spawned_at: &'static Location<'static>,
    /// Which one it is: places are used again.
    pub(super) number: u64,
    /// `None` for as long as it is being spawned.
    pub(super) abort: Option<AbortHandle>,
}
