//! What one runner owns and others may look into.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sinew_task::{PollSlot, Runnable};

use crate::counters::Counters;
use crate::lifo::Lifo;
use crate::ring::Ring;

/// A place for a runner: its queue, its last-woken task, what it polls, and what
/// it has counted. Aligned so that no two runners write to one cache line, nor to
/// a pair that the processor fetches together.
///
/// # Invariants
///
/// 1. The owner is the thread whose runner has claimed the slot; see
///    [`Scheduler::as_runner`](crate::Scheduler). Only it calls the functions
///    marked unsafe, and only it writes to `poll` and `counters`.
/// 2. Every pointer in `ring` and `lifo` came from [`Runnable::into_raw`] and is
///    turned back exactly once, by who took it out.
#[repr(align(128))]
pub(crate) struct Slot {
    pub(crate) poll: PollSlot,
    pub(crate) counters: Counters,
    ring: Ring,
    lifo: Lifo,
    taken: AtomicBool,
    /// A guest's main future: odd while it is polled, and two more after each
    /// poll; with `EXCUSED` once the guest is excused in that poll.
    main: AtomicU64,
}

/// The guest is not counted any more. Set by whoever excuses it, who takes it off
/// the count; the guest sees it when the poll ends.
const EXCUSED: u64 = 1 << 63;

/// Ends the poll of a main future when dropped, and notes an excuse.
pub(crate) struct InMain<'a> {
    slot: &'a Slot,
    counted: &'a mut bool,
}

impl Drop for InMain<'_> {
    fn drop(&mut self) {
        let main = self.slot.main();
        let next = (main & !EXCUSED) + 1;
        // ORDERING: AcqRel, with the exchange in `excuse`: one of the two comes
        // first, and the guest is excused or it is not.
        if self.slot.main.swap(next, Ordering::AcqRel) & EXCUSED != 0 {
            *self.counted = false;
        }
    }
}

impl Slot {
    pub(crate) fn new(counters: Counters) -> Slot {
        Slot {
            poll: PollSlot::new(),
            counters,
            ring: Ring::new(),
            lifo: Lifo::new(),
            taken: AtomicBool::new(false),
            main: AtomicU64::new(0),
        }
    }

    /// The poll of a guest's main future, as a number that changes with each begin
    /// and end.
    pub(crate) fn main(&self) -> u64 {
        self.main.load(Ordering::Relaxed)
    }

    /// Whether `main` is a poll under way whose guest is counted.
    pub(crate) fn is_counted_main(main: u64) -> bool {
        main & EXCUSED == 0 && main % 2 == 1
    }

    /// Whether a guest polls its main future.
    pub(crate) fn is_in_main(&self) -> bool {
        self.main() % 2 == 1
    }

    /// Whether a guest polls its main future and has been excused.
    pub(crate) fn is_excused(&self) -> bool {
        self.main() & EXCUSED != 0
    }

    /// The owner, a guest that is `counted`, begins a poll of its main future.
    pub(crate) fn begin_main<'a>(&'a self, counted: &'a mut bool) -> InMain<'a> {
        self.main.store(self.main() + 1, Ordering::Relaxed);
        InMain {
            slot: self,
            counted,
        }
    }

    /// Excuses a guest that is in this poll of its main future. `true` if it was
    /// and had not been excused: then the caller takes it off the count.
    pub(crate) fn excuse(&self, main: u64) -> bool {
        let excused = main | EXCUSED;
        // ORDERING: AcqRel; see `InMain`.
        Slot::is_counted_main(main)
            && self
                .main
                .compare_exchange(main, excused, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    /// Claims the slot for the calling thread's runner.
    pub(crate) fn claim(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `release`: the new owner
        // sees what the one before wrote.
        !self.is_taken() && !self.taken.swap(true, Ordering::Acquire)
    }

    /// Gives the slot up. Its queue should be empty by then, or is only seen by
    /// thieves until somebody claims the slot again.
    pub(crate) fn release(&self) {
        // ORDERING: Release pairs with the Acquire in `claim`.
        self.taken.store(false, Ordering::Release);
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }

    /// Tasks in the ring.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.ring.len()
    }

    /// Room in the ring.
    pub(crate) fn room(&self) -> usize {
        self.ring.room()
    }

    /// Adds a task to the ring, or gives it back if that is full.
    ///
    /// # Safety
    ///
    /// The caller must be the owner (invariant 1).
    #[inline]
    pub(crate) unsafe fn push(&self, task: Runnable) -> Result<(), Runnable> {
        // SAFETY: the caller is the owner.
        let pushed = unsafe { self.ring.push(task.into_raw()) };
        pushed.map_err(|full| {
            // SAFETY: the ring gave back what we made a moment ago.
            unsafe { Runnable::from_raw(full) }
        })
    }

    /// Puts a task where it will be the ring's `nth` from its end, out of sight.
    ///
    /// # Safety
    ///
    /// As of [`Ring::stage`]; and [`publish`](Self::publish) must follow.
    #[inline]
    pub(crate) unsafe fn stage(&self, nth: usize, task: Runnable) {
        // SAFETY: the caller's promise.
        unsafe { self.ring.stage(nth, task.into_raw()) };
    }

    /// Shows each of `count` tasks that were staged to `see`, and adds them to the ring.
    ///
    /// # Safety
    ///
    /// As of [`Ring::publish`].
    pub(crate) unsafe fn publish(&self, count: usize, see: impl Fn(&Runnable)) {
        for nth in 0..count {
            // SAFETY: the caller has staged it, and it is not turned back for good.
            let task = unsafe { Runnable::from_raw(self.ring.staged(nth)) };
            see(&ManuallyDrop::new(task));
        }
        // SAFETY: the caller's promise.
        unsafe { self.ring.publish(count) };
    }

    /// Takes the next task of the ring.
    #[inline]
    pub(crate) fn pop(&self) -> Option<Runnable> {
        // SAFETY: invariant 2.
        self.ring
            .pop()
            .map(|task| unsafe { Runnable::from_raw(task) })
    }

    /// Takes half of the tasks of a full ring.
    pub(crate) fn take_half(&self, mut take: impl FnMut(Runnable)) -> bool {
        self.ring.take_half(|task| {
            // SAFETY: invariant 2.
            take(unsafe { Runnable::from_raw(task) });
        })
    }

    /// Takes half of the ring, the first as the result and the others into the
    /// ring of `to`, and says how many they are in all.
    ///
    /// # Safety
    ///
    /// The caller must be the owner of `to`, which must be another slot.
    pub(crate) unsafe fn steal_into(&self, to: &Slot) -> Option<(Runnable, usize)> {
        // SAFETY: the caller is the owner of `to`, and the rings differ.
        let (task, count) = unsafe { self.ring.steal_into(&to.ring) }?;
        // SAFETY: invariant 2.
        let task = unsafe { Runnable::from_raw(task) };
        Some((task, count))
    }

    /// Makes a task the next to run. Gives back the one that was.
    ///
    /// # Safety
    ///
    /// The caller must be the owner (invariant 1).
    #[inline]
    pub(crate) unsafe fn put_next(&self, task: Runnable) -> Option<Runnable> {
        // SAFETY: the caller is the owner.
        let old = unsafe { self.lifo.put(task.into_raw()) };
        // SAFETY: invariant 2.
        old.map(|old| unsafe { Runnable::from_raw(old) })
    }

    /// Takes the task that is to run next.
    #[inline]
    pub(crate) fn take_next(&self) -> Option<Runnable> {
        // SAFETY: invariant 2.
        self.lifo
            .take()
            .map(|task| unsafe { Runnable::from_raw(task) })
    }

    /// Whether a task waits to run next.
    pub(crate) fn has_next(&self) -> bool {
        !self.lifo.is_empty()
    }

    /// Whether no task waits here at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.ring.is_empty() && self.lifo.is_empty()
    }

    /// Takes any task that waits here.
    pub(crate) fn take_any(&self) -> Option<Runnable> {
        self.take_next().or_else(|| self.pop())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        while let Some(task) = self.take_any() {
            drop(task);
        }
    }
}
