//! Random numbers for scheduling decisions: steal order, `select!` fairness.
//!
//! Each thread has a generator of its own. A runtime that was given a seed
//! seeds the generator of each of its threads, so that the decisions repeat.
//! Not for secrets: the generator is small, fast and predictable.
//!
//! The generator is xorshift64* with Lemire's multiply-shift reduction (Vigna,
//! "An experimental exploration of Marsaglia's xorshift generators, scrambled",
//! 2016; Lemire, "Fast random integer generation in an interval", 2019).
//!
//! Where nothing must be hard to foresee and only each one's share counts, as for the
//! branch that `select!` asks first, [`turn`] does with an addition: a Weyl sequence with
//! the golden ratio, whose every n-th number is spread evenly too, for all small n. So
//! each of several races in one loop is fair, which a plain counter would not make them.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;

thread_local! {
    /// Zero means: not seeded yet.
    static STATE: Cell<u64> = const { Cell::new(0) };
    /// Where the sequence of `turn` is. It starts anywhere.
    static TURN: Cell<u64> = const { Cell::new(0) };
}

/// 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Seeds this thread's generator. Equal seeds give equal sequences.
pub fn seed(seed: u64) {
    STATE.set(mix(seed));
    TURN.set(mix(seed));
}

/// Seeds this thread's generator until the guard is dropped; then it goes on
/// from where it was.
pub fn enter(seed: u64) -> Seeded {
    Seeded {
        before: STATE.replace(mix(seed)),
        turn: TURN.replace(mix(seed)),
        thread: PhantomData,
    }
}

/// Puts the generator back when dropped. Made by [`enter`].
#[derive(Debug)]
#[must_use = "the generator is put back when the guard is dropped"]
pub struct Seeded {
    before: u64,
    turn: u64,
    /// It belongs to one thread.
    thread: PhantomData<*const ()>,
}

impl Drop for Seeded {
    fn drop(&mut self) {
        STATE.set(self.before);
        TURN.set(self.turn);
    }
}

/// A number from 0 up to but not including `n`; 0 when `n` is 0.
#[inline]
#[must_use]
pub fn below(n: u32) -> u32 {
    // The upper half is the better one.
    in_range(next() >> 32, n)
}

/// Whose turn it is, of `n`: a number from 0 up to but not including `n`; 0 when `n` is
/// 0. Each number comes as often as any other, to within a few, however long or short
/// the time; not for what must be hard to foresee.
#[inline]
#[must_use]
pub fn turn(n: u32) -> u32 {
    let turn = TURN.get().wrapping_add(GOLDEN);
    TURN.set(turn);
    in_range(turn >> 32, n)
}

/// Maps 32 bits to the numbers below `n`.
#[inline]
fn in_range(bits: u64, n: u32) -> u32 {
    ((bits * u64::from(n)) >> 32) as u32
}

/// The next 64 random bits of this thread's generator.
#[inline]
#[must_use]
pub fn next() -> u64 {
    STATE.with(|state| {
        let mut x = state.get();
        if x == 0 {
            x = fresh();
        }
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        state.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    })
}

/// A seed that differs between threads and between runs: the hash keys that
/// std draws from the system.
#[cold]
fn fresh() -> u64 {
    mix(RandomState::new().hash_one(0x5eed_u32))
}

/// splitmix64's finaliser, kept away from zero, which xorshift cannot leave.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) | 1
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
