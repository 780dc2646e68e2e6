//! The word: what a source is ready for, when it last changed, whether it ended,
//! and which source it is.
//!
//! | bits | meaning |
//! |---|---|
//! | 0–7 | readiness, the bits of [`Ready`] |
//! | 8 | shut down |
//! | 9–31 | tick |
//! | 32–63 | generation |
//!
//! **Readiness.** Set by `arrive` for an event and by `assume` for a guess.
//! Taken away only by `clear`. `READ_CLOSED` and `WRITE_CLOSED` are sticky: the
//! shells above clear them only when the descriptor itself said `WouldBlock`,
//! which proves them wrong (a socket that is not yet connected hangs up, a FIFO
//! gets a new writer), and never after a short read.
//!
//! **Tick.** Counts events, modulo 2^23. Changed only by `arrive`. It is what
//! makes `clear` safe: see invariant 2 of the module above. Were exactly 2^23
//! events to arrive between a task's look and its clear, the clear would be
//! wrong; each event is a turn of the reactor, and the look and the clear have
//! one system call between them.
//!
//! **Shut down.** Set once by `shut_down`, never taken away. Ends every wait,
//! whatever the readiness; the operation then fails.
//!
//! **Generation.** Counts, modulo 2^32, how often the place was given up: part of
//! the key that the system hands back, so that an event for an earlier source is
//! told apart. Changed only by `retire`, with the registry locked. `begin` sets all
//! else to nothing for the next source, and is ordered before its first use by the
//! same lock.

use crate::Ready;
use crate::sync::{AtomicU64, Ordering};

const READY: u64 = 0xff;
const SHUT_DOWN: u64 = 1 << 8;
const TICK_SHIFT: u32 = 9;
const TICK: u64 = 0x007f_ffff << TICK_SHIFT;
const GENERATION_SHIFT: u32 = 32;

/// The word at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot(u64);

impl Snapshot {
    #[inline]
    pub(crate) fn ready(self) -> Ready {
        Ready::from_bits((self.0 & READY) as u8)
    }

    #[inline]
    pub(crate) fn is_shut_down(self) -> bool {
        self.0 & SHUT_DOWN != 0
    }

    /// Whether a wait for any of `mask` is over.
    #[inline]
    pub(crate) fn ends_wait(self, mask: Ready) -> bool {
        self.0 & (SHUT_DOWN | u64::from(mask.bits())) != 0
    }

    #[inline]
    fn generation(self) -> u32 {
        (self.0 >> GENERATION_SHIFT) as u32
    }

    #[inline]
    fn of_generation(generation: u32) -> Snapshot {
        Snapshot(u64::from(generation) << GENERATION_SHIFT)
    }

    #[inline]
    fn tick(self) -> u64 {
        self.0 & TICK
    }

    #[inline]
    fn with(self, ready: Ready) -> Snapshot {
        Snapshot(self.0 | u64::from(ready.bits()))
    }

    #[inline]
    fn without(self, ready: Ready) -> Snapshot {
        Snapshot(self.0 & !u64::from(ready.bits()))
    }

    #[inline]
    fn ticked(self) -> Snapshot {
        let next = self.tick().wrapping_add(1 << TICK_SHIFT) & TICK;
        Snapshot((self.0 & !TICK) | next)
    }
}

#[derive(Debug)]
pub(super) struct StateCell(AtomicU64);

impl StateCell {
    pub(super) fn new() -> StateCell {
        StateCell(AtomicU64::new(0))
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        // ORDERING: Acquire pairs with the Release of `arrive`, so that a task
        // sees what the turning thread did before it delivered the event.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    #[inline]
    pub(super) fn generation(&self) -> u32 {
        // ORDERING: it changes with the registry locked only, and so it is read.
        Snapshot(self.0.load(Ordering::Relaxed)).generation()
    }

    /// A new source of this generation: nothing is known of it.
    pub(super) fn begin(&self) {
        let new = Snapshot::of_generation(self.generation());
        // ORDERING: with the registry locked; nobody else has the place.
        self.0.store(new.0, Ordering::Relaxed);
    }

    /// The source is gone; keys of its generation find nothing any more.
    pub(super) fn retire(&self) {
        let next = Snapshot::of_generation(self.generation().wrapping_add(1));
        // ORDERING: with the registry locked; nobody else has the place.
        self.0.store(next.0, Ordering::Relaxed);
    }

    /// An event: its readiness is added and the tick goes on.
    #[inline]
    pub(super) fn arrive(&self, ready: Ready) {
        self.update(|now| Some(now.ticked().with(ready)));
    }

    /// Adds readiness without an event.
    pub(super) fn assume(&self, ready: Ready) {
        self.update(|now| Some(now.with(ready)));
    }

    /// Takes `what` away, unless an event has arrived since `seen`.
    #[inline]
    pub(super) fn clear(&self, seen: Snapshot, what: Ready) {
        self.update(|now| (now.tick() == seen.tick()).then(|| now.without(what)));
    }

    pub(super) fn shut_down(&self) {
        self.update(|now| Some(Snapshot(now.0 | SHUT_DOWN)));
    }

    #[inline]
    fn update(&self, mut change: impl FnMut(Snapshot) -> Option<Snapshot>) {
        // The result says whether there was a change; no caller has to know.
        // ORDERING: Release pairs with the Acquire of `load`; Acquire keeps the
        // chain of events in order for whoever changes the word next.
        let _ = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
                change(Snapshot(now)).map(|next| next.0)
            });
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
