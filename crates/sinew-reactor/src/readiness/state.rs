//! The word: what a source is ready for, when it last changed, whether it ended,
//! and which source it is.
//!
//! | bits | meaning |
//! |---|---|
//! | 0–7 | readiness, the bits of [`Ready`] |
//! | 8 | shut down |
//! | 9–10 | noise |
//! | 11–31 | tick |
//! | 32–63 | generation |
//!
//! **Readiness.** Set by `arrive` for an event and by `assume` for a guess.
//! Taken away only by `clear`. `READ_CLOSED` and `WRITE_CLOSED` are sticky: the
//! shells above clear them only when the descriptor itself said `WouldBlock`,
//! which proves them wrong (a socket that is not yet connected hangs up, a FIFO
//! gets a new writer), and never after a short read.
//!
//! **Noise.** Events in a row, up to two, that told of data and found the source readable
//! already, so that nobody had waited for them. From two on it is *noisy*, and who has
//! the system tell it no more of data sets the third value, *muted* (`mute`). To be
//! readable no more ends both: `clear` says so, and its caller has the system tell again.
//!
//! **Tick.** Counts events, modulo 2^21. Changed only by `arrive`. It is what
//! makes `clear` safe: see invariant 2 of the module above. Were exactly 2^21
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
const NOISE_SHIFT: u32 = 9;
const NOISE: u64 = 0b11 << NOISE_SHIFT;
const NOISY: u64 = 0b10 << NOISE_SHIFT;
const MUTED: u64 = 0b11 << NOISE_SHIFT;
const TICK_SHIFT: u32 = 11;
const TICK: u64 = 0x001f_ffff << TICK_SHIFT;
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

    /// Whether the system should tell it of data no more.
    #[inline]
    pub(crate) fn is_noisy(self) -> bool {
        self.0 & NOISE == NOISY
    }

    #[inline]
    fn is_muted(self) -> bool {
        self.0 & NOISE == MUTED
    }

    #[inline]
    fn with_noise(self, noise: u64) -> Snapshot {
        Snapshot((self.0 & !NOISE) | noise)
    }

    /// As after an event that tells of `ready`, as far as the noise goes.
    #[inline]
    fn hearing(self, ready: Ready) -> Snapshot {
        let noise = self.0 & NOISE;
        if noise == MUTED {
            return self;
        }
        let of_data = ready - Ready::WRITABLE == Ready::READABLE;
        match of_data && self.ready().contains(Ready::READABLE) {
            true => self.with_noise((noise + (1 << NOISE_SHIFT)).min(NOISY)),
            false => self.with_noise(0),
        }
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
        self.update(|now| Some(now.hearing(ready).ticked().with(ready)));
    }

    /// Adds readiness without an event.
    pub(super) fn assume(&self, ready: Ready) {
        self.update(|now| Some(now.with(ready)));
    }

    /// Takes `what` away, unless an event has arrived since `seen`. Whether that has
    /// ended a muting.
    #[inline]
    pub(super) fn clear(&self, seen: Snapshot, what: Ready) -> bool {
        let ends_noise = what.contains(Ready::READABLE);
        let before = self.update(|now| {
            let cleared = now.without(what);
            let cleared = match ends_noise {
                true => cleared.with_noise(0),
                false => cleared,
            };
            (now.tick() == seen.tick()).then_some(cleared)
        });
        ends_noise && before.is_some_and(Snapshot::is_muted)
    }

    /// Mutes a source that is noisy. Whether it was.
    pub(super) fn mute(&self) -> bool {
        let before = self.update(|now| now.is_noisy().then(|| now.with_noise(MUTED)));
        before.is_some()
    }

    pub(super) fn shut_down(&self) {
        self.update(|now| Some(Snapshot(now.0 | SHUT_DOWN)));
    }

    /// What was there before, if there was a change.
    #[inline]
    fn update(&self, mut change: impl FnMut(Snapshot) -> Option<Snapshot>) -> Option<Snapshot> {
        // ORDERING: Release pairs with the Acquire of `load`; Acquire keeps the
        // chain of events in order for whoever changes the word next.
        let updated = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
                change(Snapshot(now)).map(|next| next.0)
            });
        updated.ok().map(Snapshot)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
