//! What time it is at the latest, for less than what the clock asks.
//!
//! Whoever begins a sleep reads the clock, and to read it takes nearly half the time of
//! making, polling and dropping the sleep. [`at_the_latest`] reads the processor's
//! [counter](ticks) instead, and the clock only where that has not been read for
//! [`WINDOW`]. A deadline may be late by a few microseconds but never early, so what it
//! says is never earlier than the clock.
//!
//! # Invariants
//!
//! 1. The clock and the counter were both read for an *anchor*, the counter first.
//!    Since then the clock has gone on by no more than the counter has by [`Anchor::rate`]:
//!    that is the rate of the two as measured once, and a quarter. Whoever adjusts
//!    the clock (NTP, chrony) may make it run up to a tenth faster or slower than it would, so
//!    no later rate is more than 1.23 times a measured one.
//! 2. What is said is the anchor's time, [`MARGIN`] and what the counter says has passed. So it is
//!    not earlier than the clock, and later than the clock by less than `WINDOW` and
//!    `MARGIN`.
//! 3. On one thread it does not go back, so sleeps of equal length end in the order in which
//!    they were made.
//!
//! A counter that leaps is found by the anchor's being too old, or younger than now: the
//! clock is read then. Only a leap by less than `WINDOW` is not found.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sinew_core::ticks;

use super::{nanos_at, real};

/// How long, in nanoseconds by the counter, an anchor is used. A rate that is a quarter
/// too high makes a fifth of it, 4 µs, of error at most.
const WINDOW: u64 = 20_000;
/// What the counter may have been read too early by, in nanoseconds, and more.
const MARGIN: u64 = 500;
/// How long, in nanoseconds, the rate is measured, twice.
const MEASURE: u64 = 2_000_000;
/// By how much the readings of the two may lie apart, in ticks: a few microseconds. Else
/// the thread was interrupted between them.
const APART: u64 = 1 << 13;
/// Ticks from which on an anchor is too old whatever the rate is. So no product overflows.
const OLD: u64 = 1 << 20;
/// The highest rate that is believed, for counters of more than a quarter of a
/// gigahertz.
const RATES: u64 = 5 << 32;

/// Nanoseconds for a tick times 2^32, and a quarter more; 0 while it is not known. A
/// counter with a rate beyond [`RATES`] is never used.
static RATE: AtomicU64 = AtomicU64::new(0);
static MEASURED: Mutex<Measure> = Mutex::new(Measure {
    since: None,
    before: 0,
});

#[derive(Clone, Copy)]
struct Anchor {
    ticks: u64,
    /// What the clock said just after, and the margin.
    nanos: u64,
    rate: u64,
    /// What was said last.
    last: u64,
}

thread_local!(static ANCHOR: Cell<Anchor> = const {
    // Half of the counter's range away, which is too old.
    Cell::new(Anchor { ticks: 1 << 63, nanos: 0, rate: 0, last: 0 })
});

/// A time in nanoseconds since the origin that is not earlier than the real clock shows,
/// and later by less than 21 µs; by 4.5 µs where the clock is not being adjusted.
#[inline]
pub(super) fn at_the_latest() -> u64 {
    let Some(now) = ticks::read() else {
        return nanos_at(real());
    };
    ANCHOR.with(|cell| {
        let anchor = cell.get();
        let passed = now.wrapping_sub(anchor.ticks);
        if passed < OLD {
            let nanos = (passed * anchor.rate) >> 32;
            if nanos < WINDOW {
                let last = anchor.last.max(anchor.nanos + nanos);
                cell.set(Anchor { last, ..anchor });
                return last;
            }
        }
        read(cell, now)
    })
}

/// Reads the clock, and makes an anchor of it if that is any good.
#[cold]
fn read(cell: &Cell<Anchor>, before: u64) -> u64 {
    let nanos = nanos_at(real());
    let mut anchor = cell.get();
    anchor.last = anchor.last.max(nanos);
    let after = ticks::read().unwrap_or(u64::MAX);
    if after.wrapping_sub(before) < APART {
        let rate = rate(before, nanos);
        if (1..RATES).contains(&rate) {
            anchor = Anchor {
                ticks: before,
                nanos: nanos + MARGIN,
                rate,
                ..anchor
            };
        }
    }
    cell.set(anchor);
    anchor.last
}

/// Readings of both until the rate is known.
struct Measure {
    /// Ticks and nanoseconds.
    since: Option<(u64, u64)>,
    /// What has been measured before `since`; 0 if nothing has.
    before: u64,
}

impl Measure {
    /// Takes a reading. Returns the rate, with its quarter more, once it was measured
    /// twice alike: where the clock has stood still meanwhile, as it does while the
    /// machine sleeps, or the counter has leapt, two measurements do not agree.
    fn take(&mut self, ticks: u64, nanos: u64) -> Option<u64> {
        let (since_ticks, since_nanos) = *self.since.get_or_insert((ticks, nanos));
        let passed = nanos.saturating_sub(since_nanos);
        if passed < MEASURE {
            return None;
        }
        self.since = Some((ticks, nanos));
        let ticked = ticks.wrapping_sub(since_ticks).max(1);
        let exact = (u128::from(passed) << 32) / u128::from(ticked);
        let exact = u64::try_from(exact).map_or(RATES, |exact| exact.clamp(1, RATES));
        let before = std::mem::replace(&mut self.before, exact);
        let rate = exact.max(before);
        (exact.abs_diff(before) < rate / 64).then_some(rate + rate / 4)
    }
}

/// The rate, once enough time has passed to know it; else 0.
fn rate(ticks: u64, nanos: u64) -> u64 {
    // ORDERING: Relaxed; the rate is all there is.
    let known = RATE.load(Ordering::Relaxed);
    if known > 0 {
        return known;
    }
    let mut measure = MEASURED.lock().unwrap_or_else(PoisonError::into_inner);
    let rate = measure.take(ticks, nanos).unwrap_or(0);
    if rate > 0 {
        RATE.store(rate, Ordering::Relaxed);
    }
    rate
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
