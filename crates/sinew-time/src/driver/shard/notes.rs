//! A wheel that its thread keeps: what others leave there for the thread to do.
//!
//! A thread that [keeps](super::super::Timers::keep) a wheel takes its lock at the first use
//! after a park, and lets go of it when it parks next. Meanwhile each of its uses is
//! a few plain loads and stores. Who comes from another thread meanwhile leaves a note; the
//! keeper reads it at its next use, when it looks for what is due, or before it
//! parks. While the keeper is parked, or gone, others use the wheel as any other.
//!
//! What a note says is done with the lock released as far as it runs foreign code, as
//! elsewhere (invariant 1 of the shard).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use sinew_core::Unpark;
use sinew_core::lock::{KeptGuard, NoteGuard};

use super::{Inner, Shard};
use crate::driver::ambient;
use crate::driver::group::Group;
use crate::wheel::Key;

pub(super) type Guard = KeptGuard<'static, Inner, Vec<Note>>;
/// Another thread keeps the wheel.
pub(super) type Kept = NoteGuard<'static, Inner, Vec<Note>>;

/// What the keeper is asked to do.
pub(super) enum Note {
    /// To remove an entry whose timer is gone.
    Cancel(Key),
    /// To remove an entry, and to wake its task, which will find another deadline.
    Recall(Key),
    /// To wake this one for an entry.
    Watch(Key, Waker),
    /// To set whom to unpark.
    Unparker(Option<Arc<dyn Unpark>>),
    /// To wake all: the wheel has left its group.
    ShutDown,
}

/// What is left to do after notes were read, with the lock released.
#[derive(Default)]
struct Rest {
    wake: Vec<Waker>,
    /// Only to be dropped.
    wakers: Vec<Waker>,
    /// Only to be dropped.
    unparkers: Vec<Option<Arc<dyn Unpark>>>,
    /// Only to be dropped.
    group: Option<Arc<Group>>,
}

impl Rest {
    /// Wakes. A waker that panics has been reported by the panic hook; it is none of the
    /// caller's, whose own timer this must not end.
    fn run(self) {
        let alone = |f: &mut dyn FnMut()| drop(catch_unwind(AssertUnwindSafe(f)));
        let Rest { wake, wakers, .. } = self;
        for waker in wake {
            let mut waker = Some(waker);
            alone(&mut || waker.take().into_iter().for_each(Waker::wake));
        }
        for waker in wakers {
            let mut waker = Some(waker);
            alone(&mut || drop(waker.take()));
        }
    }
}

impl Shard {
    /// The wheel; on the thread that keeps it, without a lock.
    #[inline]
    pub(super) fn enter(&'static self) -> Result<Guard, Kept> {
        let guard = self.inner.lock()?;
        // Others are not kept by anyone.
        if guard.is_at_hand() || !self.is_keepable() {
            return Ok(guard);
        }
        self.enter_keepable(guard)
    }

    #[inline(never)]
    fn enter_keepable(&'static self, mut guard: Guard) -> Result<Guard, Kept> {
        while let Some(rest) = read_notes(&mut guard) {
            drop(guard);
            rest.run();
            guard = self.inner.lock()?;
            if guard.is_at_hand() {
                return Ok(guard);
            }
        }
        if !ambient::keeps(self) {
            return Ok(guard);
        }
        self.kept_len.store(guard.wheel.len(), Ordering::Relaxed);
        Ok(guard.keep())
    }

    /// The wheel, which this thread does not keep any more, and whether notes were read,
    /// by which a task of this thread may have been woken.
    #[inline]
    pub(super) fn let_go(&'static self) -> Result<(Guard, bool), Kept> {
        let guard = self.inner.let_go()?;
        if !self.is_keepable() {
            return Ok((guard, false));
        }
        self.let_go_keepable(guard)
    }

    #[inline(never)]
    fn let_go_keepable(&'static self, mut guard: Guard) -> Result<(Guard, bool), Kept> {
        let mut woken = false;
        while let Some(rest) = read_notes(&mut guard) {
            drop(guard);
            rest.run();
            woken = true;
            // What was just woken may have come here, and kept it again.
            guard = self.inner.let_go()?;
        }
        Ok((guard, woken))
    }

    /// Does what notes say, if there are any.
    #[inline]
    pub(in crate::driver) fn heed(&'static self) {
        if self.inner.is_called() {
            drop(self.enter());
        }
    }

    /// This thread does not keep the wheel any more.
    pub(in crate::driver) fn leave(&'static self) {
        drop(self.let_go());
    }
}

/// `None` if there are no notes.
fn read_notes(guard: &mut Guard) -> Option<Rest> {
    let notes = guard.notes().filter(|notes| !notes.is_empty())?;
    let notes = std::mem::take(notes);
    let mut rest = Rest::default();
    for note in notes {
        guard.heed(note, &mut rest);
    }
    Some(rest)
}

impl Inner {
    fn heed(&mut self, note: Note, rest: &mut Rest) {
        match note {
            Note::Cancel(key) => rest.wakers.extend(self.wheel.remove(key)),
            Note::Recall(key) => rest.wake.extend(self.wheel.remove(key)),
            Note::Watch(key, mut waker) => match self.look(key) {
                Ok(stored) => {
                    std::mem::swap(stored, &mut waker);
                    rest.wakers.push(waker);
                }
                Err(_) => rest.wake.push(waker),
            },
            Note::Unparker(unparker) => {
                let before = std::mem::replace(&mut self.unparker, unparker);
                rest.unparkers.push(before);
            }
            Note::ShutDown => {
                rest.group = self.group.take();
                rest.wake
                    .extend(std::iter::from_fn(|| self.wheel.pop_any()));
            }
        }
    }
}
