//! A task as the leaves see it: its id, and a place to note what it waits for.
//!
//! An executor gives each task a [`Record`] and polls the task inside
//! [`Record::scope`]. A leaf future that returns `Pending` meanwhile notes its
//! reason there through [`leaf::pending`](crate::leaf::pending). Whoever wants to know what the
//! tasks of a program wait for reads the records, from any thread.
//!
//! # Orderings
//!
//! All accesses are `Relaxed`. The values are plain data (the pointer leads to
//! a `'static` location), so no other memory is published by them. A reader
//! that looks while the task is being polled may see the kind of one wait with
//! the place of another; both are waits of that task, and the next look is
//! right again.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::ptr;

use crate::atomic::{AtomicPtr, AtomicU64, Ordering};
use crate::context::{self, Context, Scope};
use crate::leaf::{Kind, Trace, Wait};

/// How many low bits of `what` hold the kind.
const KIND_BITS: u32 = 8;

/// The part of a task's metadata that leaf futures write to.
pub struct Record {
    id: u64,
    /// Where the leaf was made; null while nothing is noted.
    site: AtomicPtr<Location<'static>>,
    /// `resource << KIND_BITS | kind`.
    what: AtomicU64,
}

impl Record {
    /// A record for the task of this id. Ids are the executor's; the record
    /// only carries it to those who ask.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Record {
            id,
            site: AtomicPtr::new(ptr::null_mut()),
            what: AtomicU64::new(0),
        }
    }

    /// The task's id.
    #[inline]
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Runs `poll` as a poll of this record's task: leaves note their waits
    /// here, [`current_id`] is this task's id, and the task gets a fresh
    /// cooperative budget. What was noted by the poll before is forgotten.
    #[inline]
    pub fn scope<R>(&self, poll: impl FnOnce() -> R) -> R {
        self.site.store(ptr::null_mut(), Ordering::Relaxed);
        context::in_task(self, poll)
    }

    #[inline]
    pub(crate) fn note(&self, wait: &Wait) {
        let what = (wait.resource << KIND_BITS) | u64::from(wait.kind as u8);
        self.what.store(what, Ordering::Relaxed);
        let site = ptr::from_ref(wait.location).cast_mut();
        self.site.store(site, Ordering::Relaxed);
    }

    /// What the task waited for when its last poll returned: the last leaf that
    /// was pending. `None` before the first poll, while nothing is noted yet in
    /// the poll under way, or when the task waits for a future that does not
    /// take part in [`leaf`](crate::leaf).
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        let site = self.site.load(Ordering::Relaxed);
        let what = self.what.load(Ordering::Relaxed);
        if site.is_null() {
            return None;
        }
        // SAFETY: a site that is not null came from a `&'static Location` in `note`.
        let location = unsafe { &*site.cast_const() };
        Some(Wait {
            kind: Kind::from_bits((what & ((1 << KIND_BITS) - 1)) as u8),
            resource: what >> KIND_BITS,
            location,
        })
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("wait", &self.wait())
            .finish()
    }
}

/// The id of the task that is being polled on this thread, if any.
#[inline]
#[must_use]
pub fn current_id() -> Option<u64> {
    match context::noted_by_record() {
        Some(record) => Some(record.id),
        None => context::trace().and_then(id_in),
    }
}

/// The id of the task that is polled in this trace.
#[cold]
fn id_in(trace: &Trace) -> Option<u64> {
    // SAFETY: invariant 1 of `context`: it is null, or the record outlives its scope and
    // we are inside that scope.
    let record = unsafe { trace.record.get().as_ref() };
    record.map(|record| record.id)
}

/// The turns of an executor's tasks, one after another: a cheaper form of
/// [`Record::scope`] for its loop. Made by [`turns`].
#[derive(Debug)]
pub struct Turns {
    not_send: PhantomData<*mut ()>,
}

impl Turns {
    /// The turn of `record`'s task begins, as that of [`Record::scope`] does, and goes
    /// on until the next begins, or [`end`](Self::end) is called, or the loop ends.
    ///
    /// A task may give way without waking itself in it, if its waker says that it can:
    /// see [`coop::give_way`](crate::coop::give_way).
    ///
    /// # Safety
    ///
    /// Whatever runs until the turn ends may look at the record: it must not be freed,
    /// unless nothing of a task, of a hook or of anybody's else runs from then on.
    #[inline]
    pub unsafe fn begin(&self, record: &Record) {
        record.site.store(ptr::null_mut(), Ordering::Relaxed);
        context::begin_turn(record);
    }

    /// The turn ends: this thread is outside of any task.
    #[inline]
    pub fn end(&self) {
        context::end_turn();
    }

    /// Whether the task has [given way](crate::coop::give_way) in this turn, without
    /// waking itself.
    #[inline]
    #[must_use]
    pub fn gave_way(&self) -> bool {
        context::gave_way()
    }
}

/// Runs `poll`, which polls one task inside of its [`Record::scope`], and says whether the
/// task has [given way](crate::coop::give_way) in it without waking itself. It may where
/// its waker's data is the address of its record. Such a task is to be polled again.
#[inline]
pub fn noting_gave_way<R>(poll: impl FnOnce() -> R) -> (R, bool) {
    context::noting_gave_way(poll)
}

/// Runs `f`, the loop of an executor, outside of any task, except in the turns that
/// it begins. A trace that is being taken rests meanwhile. May be nested: in a turn.
#[inline]
pub fn turns<R>(f: impl FnOnce(&Turns) -> R) -> R {
    context::turns(|| {
        f(&Turns {
            not_send: PhantomData,
        })
    })
}

/// Runs `f` as if outside of any task: nothing is noted, the budget is
/// unlimited. For code that polls futures which are not part of the task that
/// happens to be polled on this thread, like a nested `block_on`.
pub fn outside<R>(f: impl FnOnce() -> R) -> R {
    let _scope = Scope::enter(Context::OUTSIDE);
    f()
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
